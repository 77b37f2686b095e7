"""Orders that end unpaid: a user who still has their invoices shall not pay them by mistake."""

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.worker_names import WorkerName
from app.db.models import Purchase
from app.db.unit_of_work import wake_after_commit
from app.domain.payments import OPEN_STATUSES, PurchaseStatus


async def close_orders(session: AsyncSession, *where: ColumnElement[bool]) -> None:
    """Nothing is lost when one is paid all the same: a cancelled order is settled by its payment.

    One that is being paid right now is locked by that, and stays.
    """
    open_orders = (
        select(Purchase.id)
        .where(Purchase.status.in_(OPEN_STATUSES), *where)
        .with_for_update(of=Purchase, skip_locked=True)
    )
    closed = await session.scalars(
        update(Purchase)
        .where(Purchase.id.in_(open_orders))
        .values(status=PurchaseStatus.CANCELLED)
        .returning(Purchase.id)
        .execution_options(synchronize_session=False)
    )
    if closed.all():
        wake_invoice_deletion(session)


def wake_invoice_deletion(session: AsyncSession) -> None:
    wake_after_commit(session, WorkerName.INVOICE_DELETION)
