"""Removes orders without a payment method, codes of gifts that are over, and wrong tries."""

from datetime import timedelta

from sqlalchemy import and_, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import Gift, LedgerEntry, PromoTry, PromoUse, Purchase
from app.domain.payments import PurchaseKind, PurchaseStatus
from app.services.retention.batches import DELETE_BATCH_ROWS, RETENTION_PERIOD, delete_batch

_ENDED_STATUSES = (PurchaseStatus.EXPIRED, PurchaseStatus.CANCELLED)
# Of trials there is one a user for ever, and its row is what remembers that.
_ORDERED_KINDS = (PurchaseKind.PLAN, PurchaseKind.TOP_UP)


async def delete_draft_orders(session: AsyncSession) -> int:
    """Once a method was chosen, there may be an invoice that we don't know and is paid (P1)."""
    # Looked up row by row: for NOT EXISTS, the whole ledger would be read into a hash table.
    entry = select(LedgerEntry.id).where(LedgerEntry.purchase_id == Purchase.id).limit(1)
    is_draft = and_(
        Purchase.status.in_(_ENDED_STATUSES),
        Purchase.kind.in_(_ORDERED_KINDS),
        Purchase.provider.is_(None),
        # In a form that serves no other index: PostgreSQL can't know how few drafts are old.
        func.coalesce(Purchase.invoice_id, Purchase.payment_id).is_(None),
        entry.scalar_subquery().is_(None),
    )
    due = (
        select(Purchase.id)
        .where(Purchase.expires_at <= clock.now() - RETENTION_PERIOD, is_draft)
        .order_by(Purchase.expires_at)
        .limit(DELETE_BATCH_ROWS)
        .with_for_update(skip_locked=True)
    )
    ids = (await session.scalars(due)).all()
    if ids:
        # A promo code counts as used by open and sold orders only.
        await session.execute(
            delete(PromoUse)
            .where(PromoUse.purchase_id.in_(ids))
            .execution_options(synchronize_session=False)
        )
        await session.execute(
            delete(Purchase)
            .where(Purchase.id.in_(ids))
            .execution_options(synchronize_session=False)
        )
    return len(ids)


async def delete_gifts(session: AsyncSession) -> int:
    """Those of operators' batches that nobody has redeemed; what was bought stays in the books."""
    due = select(Gift.id).where(
        Gift.batch.is_not(None),
        Gift.redeemed_at.is_(None),
        func.coalesce(Gift.voided_at, Gift.ends_at) <= clock.now() - RETENTION_PERIOD,
    )
    return await delete_batch(session, Gift.id, due)


async def delete_promo_tries(session: AsyncSession) -> int:
    """Wrong promo codes of more than a day ago: they count for an hour."""
    due = select(PromoTry.id).where(PromoTry.created_at <= clock.now() - timedelta(days=1))
    ids = (await session.scalars(due.order_by(PromoTry.created_at).limit(DELETE_BATCH_ROWS))).all()
    if ids:
        await session.execute(
            delete(PromoTry)
            .where(PromoTry.id.in_(ids))
            .execution_options(synchronize_session=False)
        )
    return len(ids)
