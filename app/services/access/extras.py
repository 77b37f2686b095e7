"""Extra traffic and extra devices of a subscription: what they change, and when devices end."""

from datetime import datetime
from typing import Final

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import Purchase, Subscription
from app.db.unit_of_work import Database
from app.domain.extras import ExtraKind, add_extra
from app.domain.payments import PurchaseStatus
from app.domain.renewals import build_end_key
from app.domain.subscriptions import RUNNING_STATUSES, add_limits
from app.services.access.extra_devices import recount_extra_devices
from app.services.access.extra_offers import list_with_extras
from app.services.access.grants import request_provisioning
from app.services.access.subscriptions import list_subscription_numbers
from app.services.notifications.notify import Notification, notify

EXTRAS_BATCH: Final = 500
_OVER: Final = "extra-devices-over"


async def grant_extra(session: AsyncSession, purchase: Purchase) -> Subscription:
    """Raise the limit and record it; the caller has locked the user. A step."""
    now = clock.now()
    subscription = await session.get_one(
        Subscription, purchase.subscription_id, with_for_update=True
    )
    until = subscription.expires_at
    if purchase.extra_kind is ExtraKind.DEVICES:
        until = purchase.base_expires_at or until
        _add_devices(subscription, purchase.device_limit, until)
    else:
        subscription.extra_traffic_bytes += purchase.traffic_limit_bytes
        subscription.traffic_limit_bytes = add_limits(
            subscription.traffic_limit_bytes, purchase.traffic_limit_bytes
        )
        subscription.traffic_due_at, subscription.traffic_notified_percent = now, None
    request_provisioning(session, subscription)
    purchase.covers_from, purchase.covers_until = now, until
    purchase.subscription_revision = subscription.revision
    return subscription


async def revoke_extra(
    session: AsyncSession, purchase: Purchase, subscription: Subscription
) -> None:
    """What was refunded; the traffic that was used stays used. Locked by the caller. A step."""
    if purchase.extra_kind is ExtraKind.DEVICES:
        await recount_extra_devices(session, [subscription], without=purchase.id)
    else:
        taken = min(purchase.traffic_limit_bytes, subscription.extra_traffic_bytes)
        subscription.extra_traffic_bytes -= taken
        if subscription.traffic_limit_bytes:
            subscription.traffic_limit_bytes -= taken
    if subscription.activation_status in RUNNING_STATUSES:
        request_provisioning(session, subscription)


async def awaits_extra(session: AsyncSession, subscription_id: int) -> bool:
    """Whether what was paid for last, and is not on the panel yet, is an extra. A step."""
    newest = (
        select(Purchase.extra_id)
        .where(
            Purchase.subscription_id == subscription_id,
            Purchase.status == PurchaseStatus.PAID,
            Purchase.delivered_at.is_(None),
        )
        .order_by(Purchase.paid_at.desc())
        .limit(1)
    )
    return await session.scalar(newest) is not None


def build_extra_values(
    purchase: Purchase, traffic_limit_bytes: int, device_limit: int
) -> dict[str, str | int | None]:
    """For a notification: what was bought, and what the subscription has with it."""
    until = purchase.covers_until if purchase.extra_kind is ExtraKind.DEVICES else None
    return {
        "subscription": purchase.subscription_id,
        "traffic_bytes": purchase.traffic_limit_bytes,
        "devices": purchase.device_limit,
        "until": until.isoformat() if until else None,
        "limit_bytes": traffic_limit_bytes,
        "device_limit": device_limit,
    }


async def end_extra_devices(db: Database) -> int:
    """One batch of those whose paid time is over; what ends altogether takes them with it."""
    now = clock.now()
    is_over = and_(
        Subscription.activation_status.in_(RUNNING_STATUSES),
        Subscription.extra_devices_until <= now,
        Subscription.expires_at > now,
    )
    async with db.read_only() as session:  # one round trip, as nearly always nothing is due
        if await session.scalar(select(Subscription.id).where(is_over).limit(1)) is None:
            return 0
    async with db.unit_of_work() as session:
        rows = await session.scalars(
            select(Subscription)
            .where(is_over)
            .order_by(Subscription.extra_devices_until)
            .limit(EXTRAS_BATCH)
            .with_for_update(skip_locked=True)
        )
        batch = rows.all()
        over = {row.id: (row.extra_devices, row.extra_devices_until or now) for row in batch}
        await recount_extra_devices(session, batch)
        numbers = await list_subscription_numbers(session, batch)
        offered = await list_with_extras(session, over, ExtraKind.DEVICES)
        notifications = []
        for row in batch:
            request_provisioning(session, row)
            before, until = over[row.id]
            values = {
                "subscription": row.id,
                "number": numbers.get(row.id),
                "devices": before - row.extra_devices,
                "device_limit": row.device_limit,
                "extras": int(row.id in offered),
            }
            key = build_end_key(_OVER, row.id, until)
            notifications.append(Notification(key, row.user_id, _OVER, values))
        await notify(session, *notifications)
    return len(batch)


def _add_devices(subscription: Subscription, count: int, until: datetime) -> None:
    subscription.extra_devices += count
    subscription.device_limit = add_extra(subscription.device_limit, count)
    subscription.extra_devices_until = min(until, subscription.extra_devices_until or until)
