"""A buyer says by a transaction's hash that a transfer is theirs; an operator decides the doubts.

Everybody can read the addresses and what comes there: a stranger's hash credits no one by itself.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.core.money import Money
from app.db.models import (
    AttentionItem,
    LedgerEntry,
    OnchainClaim,
    OnchainInvoice,
    OnchainTransfer,
    Purchase,
    User,
)
from app.db.unit_of_work import Database
from app.domain.attention import Settlement
from app.domain.onchain.amounts import to_micro
from app.domain.onchain.networks import ONCHAIN_METHOD, find_network
from app.domain.onchain.states import Assignment, OnchainState, TransferState, get_source_states
from app.domain.payments import build_payment_key
from app.services import audit
from app.services.notifications.attention import request_attention, settle_items
from app.services.notifications.notify import Notification, notify, to_outbox_key
from app.services.payments.onchain.assignment import (
    CLAIM,
    build_story,
    build_unmatched_key,
    credit_transfer,
    get_transfer_key,
    lock_transfer,
    set_assignment,
)
from app.services.users import lock_user

_HASH: Final = re.compile(r"(0x)?([0-9a-f]{64})", re.IGNORECASE)
_MOST_OPEN: Final = 3  # claims of one user


class NotAHashError(ExpectedError):
    text_key = "error-onchain-hash"


class TooManyClaimsError(ExpectedError):
    text_key = "error-onchain-claims"


class NothingToAssignError(ExpectedError):
    """It was assigned meanwhile, or there is no such transfer."""

    text_key = "error-onchain-assigned"


class NoValueError(ExpectedError):
    """A token without a rate: an operator credits a sum by hand, and dismisses the transfer."""

    text_key = "error-onchain-no-value"


class ClaimOutcome(StrEnum):
    UNKNOWN = "unknown"  # nothing of it came to our addresses, as far as was read
    SEEN = "seen"  # a node's pool has it
    WAITING = "waiting"  # it did, and is not final: nothing need be done
    YOURS = "yours"  # it was assigned to the claimant before
    TAKEN = "taken"  # to another, or by another's open claim, or to nobody
    CREDITED = "credited"
    ASKED = "asked"  # an operator decides


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """`money`: what was credited just now."""

    outcome: ClaimOutcome
    money: Money | None = None


def parse_tx_hash(text: str) -> str:
    """In the one spelling that rows have, so that none is used twice. Raises NotAHashError."""
    match = _HASH.fullmatch(text.strip())
    if match is None:
        raise NotAHashError
    return f"0x{match[2].lower()}"


async def claim_transfer(db: Database, user_id: int, text: str) -> ClaimResult:
    """Of several in one transaction each is claimed. Raises NotAHashError, TooManyClaimsError."""
    tx_hash = parse_tx_hash(text)
    async with db.read_only() as session:
        rows = await session.scalars(
            select(OnchainTransfer)
            .where(
                OnchainTransfer.tx_hash == tx_hash,
                OnchainTransfer.state != TransferState.GONE,
            )
            .order_by(OnchainTransfer.id)
        )
        transfers = rows.all()
    if not transfers:
        return ClaimResult(ClaimOutcome.UNKNOWN)
    results = [await _claim_one(db, user_id, one.id) for one in transfers]
    return max(results, key=lambda one: list(ClaimOutcome).index(one.outcome))


async def _claim_one(db: Database, user_id: int, transfer_id: int) -> ClaimResult:
    async with db.unit_of_work() as session:
        transfer = await lock_transfer(session, transfer_id)
        if transfer is None or transfer.assignment is None:
            return ClaimResult(ClaimOutcome.WAITING)
        if transfer.assignment is not Assignment.UNMATCHED:
            is_theirs = await _is_credited_to(session, transfer, user_id)
            return ClaimResult(ClaimOutcome.YOURS if is_theirs else ClaimOutcome.TAKEN)
        await lock_user(session, user_id)
        invoice = await _find_own_slot(session, transfer, user_id)
        if invoice is None:
            return await _ask_operator(session, transfer, user_id)
        transfer.invoice_id = invoice.id
        # Not by their id: an erasure must leave none, and the ledger says whose it is.
        money = await credit_transfer(session, transfer, user_id, Assignment.CLAIMED, CLAIM)
        if money is None:
            return await _ask_operator(session, transfer, user_id)
        if invoice.state in get_source_states(OnchainState.CREDITED):
            invoice.state = OnchainState.CREDITED
        await _close(session, transfer, Settlement.RECOVERED, None)
        return ClaimResult(ClaimOutcome.CREDITED, money)


async def _is_credited_to(session: AsyncSession, transfer: OnchainTransfer, user_id: int) -> bool:
    key = build_payment_key(ONCHAIN_METHOD, get_transfer_key(transfer))
    owner = await session.scalar(select(LedgerEntry.user_id).where(LedgerEntry.key == key))
    return bool(owner == user_id)


async def _find_own_slot(
    session: AsyncSession, transfer: OnchainTransfer, user_id: int
) -> OnchainInvoice | None:
    """An invoice of theirs for exactly this amount, older than the transfer, and no one else's.

    Younger ones prove nothing: who reads the chain could order until the amount fits.
    """
    network = find_network(transfer.chain, transfer.token)
    if network is None or not network.is_dollar:
        return None
    rows = await session.execute(
        select(OnchainInvoice, Purchase.user_id)
        .join(Purchase, Purchase.id == OnchainInvoice.purchase_id)
        .where(
            OnchainInvoice.address == transfer.recipient,
            OnchainInvoice.amount_micro
            == min(to_micro(int(transfer.units), network.decimals), 2**62),
            OnchainInvoice.created_at < transfer.block_at,
        )
        .order_by(OnchainInvoice.created_at.desc())
    )
    found = [(invoice_id, block_hash) for invoice_id, block_hash in rows]
    owners = {owner for _, owner in found}
    return found[0][0] if owners == {user_id} else None


async def _ask_operator(
    session: AsyncSession, transfer: OnchainTransfer, user_id: int
) -> ClaimResult:
    """One open claim for a transfer: the second claimant reads that it is looked at."""
    count = select(func.count()).where(
        OnchainClaim.user_id == user_id, OnchainClaim.settled_at.is_(None)
    )
    is_own = exists().where(
        OnchainClaim.transfer_id == transfer.id,
        OnchainClaim.user_id == user_id,
        OnchainClaim.settled_at.is_(None),
    )
    if await session.scalar(select(is_own)):
        return ClaimResult(ClaimOutcome.ASKED)
    if (await session.scalar(count) or 0) >= _MOST_OPEN:
        raise TooManyClaimsError
    claim_id = await session.scalar(
        insert(OnchainClaim)
        .values(transfer_id=transfer.id, user_id=user_id, created_at=clock.now())
        .on_conflict_do_nothing()
        .returning(OnchainClaim.id)
    )
    if claim_id is None:
        return ClaimResult(ClaimOutcome.TAKEN)
    network = find_network(transfer.chain, transfer.token)
    await request_attention(
        session,
        _build_claim_key(transfer, claim_id),
        "operator-onchain-claim",
        **build_story(transfer, network),
        person=user_id,
    )
    return ClaimResult(ClaimOutcome.ASKED)


async def assign_transfer(db: Database, operator: int, transfer_id: int, user_id: int) -> Money:
    """To that user's balance. Raises NothingToAssignError, NoValueError."""
    async with db.unit_of_work() as session:
        transfer = await _require_unmatched(session, transfer_id)
        user = await session.get(User, user_id)
        if user is None:
            raise NothingToAssignError
        by = f"user:{operator}"
        money = await credit_transfer(session, transfer, user_id, Assignment.CLAIMED, by)
        if money is None:
            raise NoValueError
        await _close(session, transfer, Settlement.CREDITED, operator)
        await notify(
            session,
            Notification(
                f"onchain-credited:{transfer.id}",
                user_id,
                "onchain-credited",
                {"amount": str(money)},
            ),
        )
    return money


async def dismiss_transfer(db: Database, operator: int, transfer_id: int, reason: str) -> None:
    """It is nobody's payment, such as the operator's own. Raises NothingToAssignError."""
    async with db.unit_of_work() as session:
        transfer = await _require_unmatched(session, transfer_id)
        actor = f"user:{operator}"
        set_assignment(session, transfer, Assignment.IGNORED, actor)
        audit.record_audit_entry(
            session, actor, "onchain_dismissed", f"transfer:{transfer_id}", reason=reason
        )
        await _close(session, transfer, Settlement.IRRELEVANT, operator)


async def reject_claim(db: Database, operator: int, transfer_id: int) -> None:
    """The transfer stays unmatched, and another may claim it. Raises NothingToAssignError."""
    async with db.unit_of_work() as session:
        transfer = await _require_unmatched(session, transfer_id)
        await _close_claims(session, transfer, Settlement.IRRELEVANT, operator)


async def _require_unmatched(session: AsyncSession, transfer_id: int) -> OnchainTransfer:
    transfer = await lock_transfer(session, transfer_id)
    if transfer is None or transfer.assignment is not Assignment.UNMATCHED:
        raise NothingToAssignError
    return transfer


async def _close(
    session: AsyncSession, transfer: OnchainTransfer, how: Settlement, operator: int | None
) -> None:
    is_unmatched = AttentionItem.key == to_outbox_key(build_unmatched_key(transfer))
    await settle_items(session, is_unmatched, how, operator)
    await _close_claims(session, transfer, how, operator)


async def _close_claims(
    session: AsyncSession, transfer: OnchainTransfer, how: Settlement, operator: int | None
) -> None:
    closed = await session.scalars(
        update(OnchainClaim)
        .where(OnchainClaim.transfer_id == transfer.id, OnchainClaim.settled_at.is_(None))
        .values(settled_at=clock.now())
        .returning(OnchainClaim.id)
        .execution_options(synchronize_session=False)
    )
    keys = [to_outbox_key(_build_claim_key(transfer, claim_id)) for claim_id in closed]
    if keys:
        await settle_items(session, AttentionItem.key.in_(keys), how, operator)


def _build_claim_key(transfer: OnchainTransfer, claim_id: int) -> str:
    return f"onchain-claim:{transfer.id}:{claim_id}"
