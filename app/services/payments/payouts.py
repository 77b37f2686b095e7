"""Refunded money that goes back through its provider: due until its provider has sent it."""

from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.external_values import to_bounded_key
from app.core.money import Money
from app.core.worker_names import WorkerName
from app.db.models import EntryKind, LedgerEntry, Purchase
from app.db.unit_of_work import Database
from app.domain.payments import Payout, build_payment_key
from app.domain.ports import PortError, RefusedError, UnavailableError
from app.services import audit
from app.services.ledger import add_ledger_entry, get_balance, get_ledger_entry
from app.services.notifications.attention import request_attention
from app.services.notifications.notify import Notification, notify
from app.services.payments.methods import PaymentMethods
from app.services.port_guard import guard_port_call
from app.services.users import lock_user

log = structlog.get_logger()

_BATCH = 200


async def pay_out_due_refunds(db: Database, payment_methods: PaymentMethods) -> dict[str, int]:
    """All that crashes and absent providers have left; one that fails keeps no other waiting."""
    async with db.read_only() as session:
        due = (
            await session.scalars(
                select(Purchase.id)
                .where(Purchase.payout == Payout.DUE)
                .order_by(Purchase.refunded_at)
                .limit(_BATCH)
            )
        ).all()
    results = [await pay_out_refund(db, payment_methods, purchase_id) for purchase_id in due]
    return {"due": len(due), "paid_out": results.count(Payout.DONE)}


async def pay_out_refund(
    db: Database, payment_methods: PaymentMethods, purchase_id: UUID
) -> Payout | None:
    """How far it is now. To be repeated while it is `due`: the provider pays once for one payment.

    Two at once are harmless for the same reason, so that nobody needs a lease.
    """
    async with db.unit_of_work() as session:
        purchase = await session.get_one(Purchase, purchase_id)
    if purchase.payout is not Payout.DUE:
        return purchase.payout
    try:
        await _send(payment_methods, purchase)
    except RefusedError as error:
        async with db.unit_of_work() as session:
            return await _mark_refused(session, purchase_id, error)
    except PortError as error:
        log.warning("payout_failed", purchase=str(purchase_id), error=str(error))
        return Payout.DUE
    async with db.unit_of_work() as session:
        purchase = await _lock(session, purchase_id)
        if purchase.payout is Payout.DUE:
            await _finish(session, purchase)
        return purchase.payout


async def debit_payout(
    session: AsyncSession, purchase: Purchase, provider: str, payment_id: str, amount: Money
) -> None:
    """From the balance, which may hold less than what left outside; it never goes below zero."""
    balance = await get_balance(session, purchase.user_id, amount.currency)
    minor = min(amount.minor, balance.minor)
    await add_ledger_entry(
        session,
        _key(provider, payment_id),
        purchase.user_id,
        EntryKind.PAYOUT,
        Money(-minor, amount.currency),
        purchase_id=purchase.id,
    )
    audit.record_audit_entry(
        session,
        f"provider:{provider}",
        "payment_taken_out",
        f"purchase:{purchase.id}",
        amount=str(Money(minor, amount.currency)),
        missing=amount.minor - minor or None,
    )


async def mark_payout_done(session: AsyncSession, purchase: Purchase, outside: Money) -> bool:
    """The provider says that it went back: whether that was news. User and purchase are locked.

    One that had refused left the money on the balance: now it leaves.
    """
    if purchase.payout is Payout.DONE:
        return False
    if purchase.payout is not Payout.DUE and purchase.provider and purchase.payment_id:
        again = f"{purchase.payment_id}:again"
        await debit_payout(session, purchase, purchase.provider, again, outside)
    await _finish(session, purchase)
    return True


async def get_payment_entry(
    session: AsyncSession, provider: str, payment_id: str
) -> LedgerEntry | None:
    """The money that came in by it."""
    return await get_ledger_entry(session, build_payment_key(provider, payment_id))


async def is_paid_out(session: AsyncSession, provider: str, payment_id: str) -> bool:
    return await get_ledger_entry(session, _key(provider, payment_id)) is not None


async def _send(payment_methods: PaymentMethods, purchase: Purchase) -> None:
    provider = payment_methods.providers.get(purchase.provider or "")
    if provider is None or purchase.payment_id is None:
        raise UnavailableError(f"the way {purchase.provider} is not set up")
    refund = provider.refund(purchase.user_id, purchase.payment_id)
    await guard_port_call(refund, "payout_call_failed", purchase=str(purchase.id))


async def _finish(session: AsyncSession, purchase: Purchase) -> None:
    purchase.payout = Payout.DONE
    audit.record_audit_entry(session, WorkerName.REFUNDS, "payout_done", f"purchase:{purchase.id}")
    amount = purchase.charge or purchase.due
    await notify(
        session,
        Notification(
            f"refund-paid-out:{purchase.id}",
            purchase.user_id,
            "refund-paid-out",
            {"amount": str(amount)},
        ),
    )


async def _mark_refused(
    session: AsyncSession, purchase_id: UUID, error: RefusedError
) -> Payout | None:
    """Nothing left, so the money is on the balance again."""
    purchase = await _lock(session, purchase_id)
    if purchase.payout is not Payout.DUE:
        return purchase.payout
    purchase.payout = Payout.REFUSED
    entry = await get_ledger_entry(session, _key(purchase.provider, purchase.payment_id))
    money = Money(-entry.amount_minor if entry else 0, purchase.currency)
    await add_ledger_entry(
        session,
        f"payout-refused:{purchase.id}",
        purchase.user_id,
        EntryKind.CORRECTION,
        money,
        purchase_id=purchase.id,
        reason=f"{purchase.provider}: refund refused",  # its owner reads it in the history
    )
    audit.record_audit_entry(
        session,
        WorkerName.REFUNDS,
        "payout_refused",
        f"purchase:{purchase_id}",
        error=str(error)[:300],
    )
    await notify(
        session,
        Notification(
            f"refund-refused:{purchase.id}",
            purchase.user_id,
            "refund-refused",
            {"amount": str(money)},
        ),
    )
    await request_attention(
        session,
        f"refund-refused:{purchase.id}",
        "operator-refund-refused",
        number=purchase.number,
        person=purchase.user_id,
        amount=str(purchase.charge or purchase.due),
        error=str(error)[:300],
    )
    return purchase.payout


async def _lock(session: AsyncSession, purchase_id: UUID) -> Purchase:
    purchase = await session.get_one(Purchase, purchase_id)
    await lock_user(session, purchase.user_id)
    await session.refresh(purchase, with_for_update=True)
    return purchase


def _key(provider: str | None, payment_id: str | None) -> str:
    return f"payout:{provider}:{to_bounded_key(payment_id or '')}"
