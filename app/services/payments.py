"""What a paid invoice does: ledger, purchase, subscription and messages in one transaction (P2)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.metrics import PURCHASES
from app.core.money import Money
from app.db.models import EntryKind, EventOutcome, LedgerEntry, Purchase
from app.domain.messages import Doubt
from app.domain.payments import PurchaseStatus, Verdict, from_payload, judge, sources
from app.domain.ports import Invoice, InvoiceStatus
from app.services import audit
from app.services.notices import Notice, tell, tell_operators
from app.services.subscriptions import grant
from app.services.users import lock_person


async def settle(
    session: AsyncSession, provider: str, invoice: Invoice, operators: Sequence[int]
) -> EventOutcome:
    """Make the payment true, once however often and by whichever path it is told.

    Money in the right currency always reaches the ledger; the sale follows when it suffices.
    """
    if invoice.status is not InvoiceStatus.PAID:
        return EventOutcome.IGNORED
    purchase = await _get_purchase(session, provider, invoice)
    if purchase is None:
        await _ask_operators(session, operators, "payment-unmatched", invoice)
        return EventOutcome.UNMATCHED
    verdict, paid = judge(purchase.price, invoice.amount, invoice.currency)
    if from_payload(invoice.payload) != (purchase.id, purchase.user_id) or paid is None:
        await _ask_operators(session, operators, "payment-foreign", invoice, purchase)
        _close(purchase)
        return EventOutcome.DISPUTED
    # One payment of a person after the other: both may extend the same subscription.
    await lock_person(session, purchase.user_id)
    if not await _credit(session, purchase, provider, invoice.invoice_id, paid):
        return EventOutcome.REPEATED
    if purchase.status is PurchaseStatus.PAID or verdict is Verdict.UNDER:
        problem = "payment-short" if verdict is Verdict.UNDER else "payment-second"
        await _leave_on_balance(session, operators, problem, invoice, purchase)
        _close(purchase)
        return EventOutcome.DISPUTED
    await _sell(session, purchase, invoice)
    if verdict is Verdict.OVER:
        await _ask_operators(session, operators, "payment-over", invoice, purchase)
    return EventOutcome.SETTLED


def count_sale(outcome: EventOutcome) -> None:
    """Once the unit of work around `settle` has committed."""
    if outcome is EventOutcome.SETTLED:
        PURCHASES.labels(PurchaseStatus.PAID).inc()


async def get_balance(session: AsyncSession, user_id: int, currency: str) -> Money:
    entries = select(LedgerEntry.amount_minor).where(
        LedgerEntry.user_id == user_id, LedgerEntry.currency == currency
    )
    return Money(sum(await session.scalars(entries)), currency)


async def _get_purchase(session: AsyncSession, provider: str, invoice: Invoice) -> Purchase | None:
    """By the invoice; by our payload where the invoice's id never reached us."""
    purchase = await session.scalar(
        select(Purchase)
        .where(Purchase.provider == provider, Purchase.invoice_id == invoice.invoice_id)
        .with_for_update()
    )
    ours = from_payload(invoice.payload)
    if purchase is None and ours is not None:
        return await session.get(Purchase, ours[0], with_for_update=True)
    return purchase


async def _credit(
    session: AsyncSession, purchase: Purchase, provider: str, invoice_id: str, paid: Money
) -> bool:
    """Whether this payment is new."""
    return await _enter(
        session, purchase, f"payment:{provider}:{invoice_id}", EntryKind.PAYMENT, paid
    )


async def _sell(session: AsyncSession, purchase: Purchase, invoice: Invoice) -> None:
    now = clock.now()
    cost = Money(-purchase.price_minor, purchase.currency)
    await _enter(session, purchase, f"sale:{purchase.id}", EntryKind.SALE, cost)
    subscription = await grant(session, purchase)
    await _mark_paid(session, purchase.id, invoice, subscription.id, subscription.revision, now)
    audit.record(
        session,
        "payments",
        "purchase_paid",
        f"purchase:{purchase.id}",
        invoice=invoice.invoice_id,
        was=purchase.status,
        subscription=subscription.id,
    )
    await tell(
        session,
        Notice(
            f"paid:{purchase.id}",
            purchase.user_id,
            "payment-received",
            {"price": str(purchase.price)},
            doubt=Doubt.SEND_AGAIN,
            edit_message_id=purchase.message_id,
        ),
    )


def _close(purchase: Purchase) -> None:
    """Its invoice is used up: the next tap on the plan must make another one."""
    if purchase.status in sources(PurchaseStatus.EXPIRED):
        purchase.status = PurchaseStatus.EXPIRED


async def _mark_paid(
    session: AsyncSession,
    purchase_id: UUID,
    invoice: Invoice,
    subscription_id: int,
    revision: int,
    now: datetime,
) -> None:
    paid = await session.execute(
        update(Purchase)
        .where(Purchase.id == purchase_id, Purchase.status.in_(sources(PurchaseStatus.PAID)))
        .values(
            status=PurchaseStatus.PAID,
            paid_at=now,
            invoice_id=invoice.invoice_id,
            subscription_id=subscription_id,
            subscription_revision=revision,
        )
        .returning(Purchase.id)
        .execution_options(synchronize_session=False)
    )
    paid.one()


async def _enter(
    session: AsyncSession, purchase: Purchase, key: str, kind: EntryKind, amount: Money
) -> bool:
    entered = await session.execute(
        insert(LedgerEntry)
        .values(
            key=key,
            user_id=purchase.user_id,
            purchase_id=purchase.id,
            kind=kind,
            amount_minor=amount.minor,
            currency=amount.currency,
            created_at=clock.now(),
        )
        .on_conflict_do_nothing()
        .returning(LedgerEntry.id)
    )
    return entered.first() is not None


async def _leave_on_balance(
    session: AsyncSession,
    operators: Sequence[int],
    template: str,
    invoice: Invoice,
    purchase: Purchase,
) -> None:
    """The money is the person's, the decision the operator's."""
    await tell(
        session,
        Notice(
            f"{template}:{invoice.invoice_id}",
            purchase.user_id,
            template,
            {"paid": _say(invoice), "price": str(purchase.price)},
        ),
    )
    await _ask_operators(session, operators, template, invoice, purchase)


async def _ask_operators(
    session: AsyncSession,
    operators: Sequence[int],
    problem: str,
    invoice: Invoice,
    purchase: Purchase | None = None,
) -> None:
    await tell_operators(
        session,
        operators,
        f"{problem}:{invoice.invoice_id}",
        f"operator-{problem}",
        invoice=invoice.invoice_id,
        paid=_say(invoice),
        price=str(purchase.price) if purchase else None,
        person=purchase.user_id if purchase else None,
    )


def _say(invoice: Invoice) -> str:
    """As the provider says it, but bounded: Telegram refuses a message that is too long."""
    return f"{invoice.amount[:32]} {invoice.currency[:16]}"
