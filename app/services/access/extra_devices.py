"""How many extra devices a subscription has: as many as its purchases say that are not over."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import Purchase, Subscription
from app.domain.extras import add_extra, without_extra
from app.domain.payments import PurchaseStatus


async def recount_extra_devices(
    session: AsyncSession, rows: Sequence[Subscription], *, without: UUID | None = None
) -> None:
    """Their limits follow; `without` a purchase that is taken back. Locked by the caller. Step."""
    if not rows:
        return
    counted = await session.execute(
        select(
            Purchase.subscription_id,
            func.sum(Purchase.device_limit),
            func.min(Purchase.covers_until),
        )
        .where(
            Purchase.subscription_id.in_([row.id for row in rows]),
            Purchase.extra_id.is_not(None),
            Purchase.device_limit > 0,
            Purchase.status == PurchaseStatus.PAID,
            Purchase.covers_until > clock.now(),
            Purchase.id.is_distinct_from(without),
        )
        .group_by(Purchase.subscription_id)
    )
    devices = {id_: (int(count), until) for id_, count, until in counted}
    for row in rows:
        limit = without_extra(row.device_limit, row.extra_devices)
        row.extra_devices, row.extra_devices_until = devices.get(row.id, (0, None))
        row.device_limit = add_extra(limit, row.extra_devices)
