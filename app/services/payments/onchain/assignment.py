"""What a final transfer is: each gets exactly one assignment, and money is booked with it."""

from collections import Counter
from typing import Final

import structlog
from sqlalchemy import literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.metrics import ONCHAIN_TRANSFERS
from app.core.money import Money
from app.db.models import (
    EntryKind,
    EventOutcome,
    OnchainInvoice,
    OnchainTransfer,
    Purchase,
)
from app.db.models.onchain import DUE_TRANSFERS
from app.db.outage import is_outage
from app.db.unit_of_work import Database
from app.domain.onchain.amounts import DUST_MICRO, compute_value, format_micro, to_micro
from app.domain.onchain.networks import (
    ONCHAIN_METHOD,
    OnchainNetwork,
    find_network,
    get_network,
)
from app.domain.onchain.states import (
    Assignment,
    OnchainState,
    TransferState,
    build_transfer_key,
    get_source_states,
)
from app.domain.payments import build_invoice_payload, build_payment_key
from app.domain.ports import Invoice, InvoiceStatus
from app.services import audit
from app.services.ledger import add_ledger_entry
from app.services.notifications.attention import request_attention
from app.services.notifications.notify import Notification, notify
from app.services.payments.events import settle_payment
from app.services.purchases.sales import count_sale
from app.services.shop_settings import load_shop_settings
from app.services.users import lock_user

log = structlog.get_logger()

_BATCH: Final = 100
_LARGEST_MICRO: Final = 10**17  # no invoice is of as much, and more would not fit a column
MATCHER: Final = "matcher"
CLAIM: Final = "claim"


async def assign_final_transfers(db: Database, chain: str) -> Counter[str]:
    """Each in a transaction of its own, so that one that fails holds up no other (P6)."""
    counts, after = Counter[str](), 0
    while True:
        async with db.read_only() as session:
            due = list(
                await session.scalars(
                    select(OnchainTransfer.id)
                    .where(
                        literal_column(DUE_TRANSFERS),
                        OnchainTransfer.chain == chain,
                        OnchainTransfer.id > after,
                    )
                    .order_by(OnchainTransfer.id)
                    .limit(_BATCH)
                )
            )
        for transfer_id in due:
            counts[outcome := await _assign_one(db, transfer_id)] += 1
            ONCHAIN_TRANSFERS.labels(chain, outcome).inc()
            after = transfer_id
        if len(due) < _BATCH:
            return counts


async def _assign_one(db: Database, transfer_id: int) -> str:
    outcome = None
    try:
        async with db.unit_of_work() as session:
            transfer = await lock_transfer(session, transfer_id)
            if transfer is None or transfer.assignment is not None:
                return "raced"
            outcome = await _assign(session, transfer)
            assignment = transfer.assignment
    except Exception as error:
        if is_outage(error):
            raise
        log.exception("onchain_transfer_failed", transfer=transfer_id)
        async with db.unit_of_work() as session:
            await request_attention(
                session,
                f"onchain-failed:{transfer_id}",
                "operator-event-failed",
                invoice=str(transfer_id),
                paid=ONCHAIN_METHOD,
            )
        return "failed"
    if outcome is not None:
        count_sale(outcome)
    return assignment or "raced"


async def lock_transfer(session: AsyncSession, transfer_id: int) -> OnchainTransfer | None:
    """A final one; before its user is. Step."""
    found: OnchainTransfer | None = await session.scalar(
        select(OnchainTransfer)
        .where(OnchainTransfer.id == transfer_id, OnchainTransfer.state == TransferState.FINAL)
        .with_for_update()
    )
    return found


async def _assign(session: AsyncSession, transfer: OnchainTransfer) -> EventOutcome | None:
    """What a sale came to; None where there was none to try."""
    network = find_network(transfer.chain, transfer.token)
    micro = to_micro(int(transfer.units), network.decimals) if network else 0
    if network is None or int(transfer.units) == 0:
        set_assignment(session, transfer, Assignment.IGNORED, MATCHER)
        return None
    found = await _find_holder(session, transfer, network, micro)
    if found is None:
        if micro < DUST_MICRO and network.is_dollar:
            set_assignment(session, transfer, Assignment.IGNORED, MATCHER)
        else:
            await _leave_unmatched(session, transfer, network)
        return None
    invoice, purchase = found
    transfer.invoice_id = invoice.id
    if not _was_chosen(invoice, network):
        await credit_transfer(session, transfer, purchase.user_id, Assignment.BALANCE, MATCHER)
        await _notify_other_network(session, transfer, purchase, network)
        _move_state(invoice, OnchainState.CREDITED)
        return None
    return await settle_exact(session, transfer, invoice, purchase)


async def settle_exact(
    session: AsyncSession, transfer: OnchainTransfer, invoice: OnchainInvoice, purchase: Purchase
) -> EventOutcome:
    """Its charge itself is what is reported: the tail is a mark, and no overpayment. Step.

    In time is what its block says, not when it was read.
    """
    charge = purchase.charge or purchase.due
    outcome = await settle_payment(
        session,
        ONCHAIN_METHOD,
        Invoice(
            invoice_id=str(purchase.id),
            status=InvoiceStatus.PAID,
            amount=f"{charge.amount:f}",
            currency=charge.currency,
            payload=build_invoice_payload(purchase.id, purchase.user_id),
            pay_url=None,
            paid_at=transfer.block_at,
            payment_id=get_transfer_key(transfer),
        ),
    )
    is_sold = outcome in (EventOutcome.SETTLED, EventOutcome.REPEATED)
    set_assignment(
        session, transfer, Assignment.MATCHED if is_sold else Assignment.BALANCE, MATCHER, charge
    )
    _move_state(invoice, OnchainState.PAID if is_sold else OnchainState.CREDITED)
    return outcome


async def credit_transfer(
    session: AsyncSession,
    transfer: OnchainTransfer,
    user_id: int,
    assignment: Assignment,
    by: str,
) -> Money | None:
    """All of it to a user's balance; None where it has no value without a rate. Step."""
    network = find_network(transfer.chain, transfer.token)
    money = await _value(session, transfer, network) if network else None
    if money is None or network is None:
        return None
    key = build_payment_key(ONCHAIN_METHOD, get_transfer_key(transfer))
    if money.minor:
        await lock_user(session, user_id)
        await add_ledger_entry(session, key, user_id, EntryKind.PAYMENT, money)
    set_assignment(session, transfer, assignment, by, money)
    return money


def set_assignment(
    session: AsyncSession,
    transfer: OnchainTransfer,
    assignment: Assignment,
    by: str,
    credited: Money | None = None,
) -> None:
    """Once; only what was unmatched may still become something else. Step."""
    if transfer.assignment not in (None, Assignment.UNMATCHED):
        raise ValueError(f"a transfer that is {transfer.assignment} stays so")
    transfer.assignment, transfer.assigned_by = assignment, by
    transfer.assigned_at = clock.now()
    if credited is not None:
        transfer.credited_minor = credited.minor
        transfer.credited_currency = credited.currency
    audit.record_audit_entry(
        session,
        "payments" if by in (MATCHER, CLAIM) else by,
        "onchain_assigned",
        f"transfer:{transfer.id}",
        assignment=assignment,
        key=get_transfer_key(transfer),
        credited=str(credited) if credited else None,
    )


def get_transfer_key(transfer: OnchainTransfer) -> str:
    return build_transfer_key(transfer.chain, transfer.tx_hash, transfer.ordinal)


def build_story(
    transfer: OnchainTransfer, network: OnchainNetwork | None
) -> dict[str, str | int | None]:
    """What an operator is shown of it."""
    units = int(transfer.units)
    micro = to_micro(units, network.decimals) if network else units
    return {
        "transfer": transfer.id,
        "paid": f"{format_micro(micro)} {network.token if network else '?'}",
        "network": network.title if network else transfer.chain,
        "tx": transfer.tx_hash,
        "chain": transfer.chain,
        "sender": transfer.sender,
    }


async def _value(
    session: AsyncSession, transfer: OnchainTransfer, network: OnchainNetwork
) -> Money | None:
    """In its order's currency, where it is an order's, else in the shop's; None without a rate."""
    if not network.is_dollar:
        return None
    currency: str | None = None
    if transfer.invoice_id is not None:
        currency = await session.scalar(
            select(Purchase.currency)
            .join(OnchainInvoice, OnchainInvoice.purchase_id == Purchase.id)
            .where(OnchainInvoice.id == transfer.invoice_id)
        )
    currency = currency or (await load_shop_settings(session)).currency
    return compute_value(to_micro(int(transfer.units), network.decimals), currency)


async def _find_holder(
    session: AsyncSession, transfer: OnchainTransfer, network: OnchainNetwork, micro: int
) -> tuple[OnchainInvoice, Purchase] | None:
    """Whose amount it is, to the last micro. No other likeness counts."""
    if not network.is_dollar or micro > _LARGEST_MICRO:
        return None
    row = (
        await session.execute(
            select(OnchainInvoice, Purchase)
            .join(Purchase, Purchase.id == OnchainInvoice.purchase_id)
            .where(
                OnchainInvoice.address == transfer.recipient,
                OnchainInvoice.amount_micro == micro,
                OnchainInvoice.released_at.is_(None),
            )
        )
    ).first()
    return (row[0], row[1]) if row else None


def _was_chosen(invoice: OnchainInvoice, network: OnchainNetwork) -> bool:
    """On another than the buyer was shown the right user pays, but perhaps not what was meant."""
    chosen = [one for key in invoice.networks if (one := get_network(key))]
    return network in chosen


async def _leave_unmatched(
    session: AsyncSession, transfer: OnchainTransfer, network: OnchainNetwork
) -> None:
    set_assignment(session, transfer, Assignment.UNMATCHED, MATCHER)
    await request_attention(
        session,
        build_unmatched_key(transfer),
        "operator-onchain-unmatched",
        **build_story(transfer, network),
    )


def build_unmatched_key(transfer: OnchainTransfer) -> str:
    return f"onchain-unmatched:{transfer.id}"


async def _notify_other_network(
    session: AsyncSession,
    transfer: OnchainTransfer,
    purchase: Purchase,
    network: OnchainNetwork,
) -> None:
    story = build_story(transfer, network)
    values = {
        "paid": story["paid"],
        "network": network.title,
        "subscription": purchase.subscription_id,
    }
    await notify(
        session,
        Notification(
            f"onchain-other-network:{transfer.id}",
            purchase.user_id,
            "onchain-other-network",
            values,
        ),
    )
    await request_attention(
        session,
        f"onchain-other-network:{transfer.id}",
        "operator-onchain-other-network",
        **story,
        person=purchase.user_id,
    )


def _move_state(invoice: OnchainInvoice, state: OnchainState) -> None:
    """A sale stays one, whatever comes after it."""
    if invoice.state in get_source_states(state):
        invoice.state = state
