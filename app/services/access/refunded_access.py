"""The access that a refunded purchase gave is cut out; what was bought besides it stays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.worker_names import WorkerName
from app.db.models import Purchase, Subscription
from app.db.unit_of_work import wake_after_commit
from app.domain.extras import add_extra
from app.domain.payments import PurchaseKind, PurchaseStatus
from app.domain.refunds import compute_devices_left, compute_span_left, compute_traffic_left
from app.domain.subscriptions import ENDED_STATUSES, ActivationStatus
from app.services.access.extras import revoke_extra
from app.services.access.grants import request_provisioning
from app.services.access.reminders import withdraw_reminders


@dataclass(frozen=True, slots=True)
class AccessLeft:
    """Until when it goes on; None where nothing is left."""

    expires_at: datetime | None


async def revoke_access(session: AsyncSession, purchase: Purchase) -> AccessLeft | None:
    """None where nothing was left to take. The caller has locked user and subscription."""
    if purchase.subscription_id is None:
        return None
    subscription = await session.get_one(Subscription, purchase.subscription_id)
    now = clock.now()
    if purchase.extra_id is not None:
        await revoke_extra(session, purchase, subscription)
        return _get_access_beside(subscription)
    if not _is_owed_to(purchase, subscription, now):
        return None
    others = await _list_others(session, purchase, now)
    _cut_out(subscription, purchase, others, now)
    if purchase.kind is PurchaseKind.RENEWAL:
        subscription.auto_renew = False  # or it would be bought again within minutes
    await withdraw_reminders(session, subscription)
    if subscription.expires_at <= now:
        end_subscription_now(session, subscription, now)
        return AccessLeft(None)
    _recompute_limits(subscription, purchase, others)
    request_provisioning(session, subscription)
    return AccessLeft(subscription.expires_at)


async def preview_access_left(session: AsyncSession, purchase: Purchase) -> AccessLeft | None:
    """What `revoke_access` would leave now."""
    if purchase.subscription_id is None:
        return None
    subscription = await session.get_one(Subscription, purchase.subscription_id)
    now = clock.now()
    if purchase.extra_id is not None:
        return _get_access_beside(subscription)
    if not _is_owed_to(purchase, subscription, now):
        return None
    expires_at = subscription.expires_at - _get_span(purchase, now)
    return AccessLeft(expires_at if expires_at > now else None)


def _get_access_beside(subscription: Subscription) -> AccessLeft | None:
    """Of an extra, which gives no time; None of what has ended."""
    has_ended = subscription.activation_status in ENDED_STATUSES
    return None if has_ended else AccessLeft(subscription.expires_at)


async def _list_others(
    session: AsyncSession, purchase: Purchase, now: datetime
) -> Sequence[Purchase]:
    """What stays in force, the latest last."""
    rows = await session.scalars(
        select(Purchase)
        .where(
            Purchase.subscription_id == purchase.subscription_id,
            Purchase.status == PurchaseStatus.PAID,
            Purchase.covers_until > now,
            Purchase.id != purchase.id,
            Purchase.extra_id.is_(None),
        )
        .order_by(Purchase.covers_from)
        .with_for_update()
    )
    return rows.all()


def _is_owed_to(purchase: Purchase, subscription: Subscription, now: datetime) -> bool:
    """Whether some of the access there is, be it the grace after its end, is this purchase's."""
    if purchase.covers_until is None or subscription.activation_status in ENDED_STATUSES:
        return False
    return purchase.covers_until > now or (
        purchase.covers_until == subscription.expires_at and subscription.ends_at > now
    )


def _cut_out(
    subscription: Subscription, purchase: Purchase, others: Sequence[Purchase], now: datetime
) -> None:
    """What was bought to follow it moves up."""
    span, until = _get_span(purchase, now), purchase.covers_until
    for other in others:
        if other.covers_from and other.covers_until and until and other.covers_from >= until:
            other.covers_from -= span
            other.covers_until -= span
    subscription.expires_at -= span
    subscription.ends_at -= span


def _get_span(purchase: Purchase, now: datetime) -> timedelta:
    if purchase.covers_from is None or purchase.covers_until is None:
        return timedelta()
    return compute_span_left(purchase.covers_from, purchase.covers_until, now)


def end_subscription_now(session: AsyncSession, subscription: Subscription, now: datetime) -> None:
    subscription.ends_at = now
    subscription.auto_renew = False
    subscription.activation_status = ActivationStatus.REMOVAL_PENDING
    subscription.revision += 1
    subscription.attempts = 0
    subscription.due_at = now
    wake_after_commit(session, WorkerName.FAST_EXPIRY_CLEANUP)


def _recompute_limits(
    subscription: Subscription, purchase: Purchase, others: Sequence[Purchase]
) -> None:
    """Limits and plan, by what stays in force."""
    if not others:
        return
    quotas = [other.traffic_limit_bytes for other in others]
    if subscription.extra_traffic_bytes:
        quotas.append(subscription.extra_traffic_bytes)
    subscription.traffic_limit_bytes = compute_traffic_left(
        subscription.traffic_limit_bytes, purchase.traffic_limit_bytes, quotas
    )
    of_plans = compute_devices_left([other.device_limit for other in others])
    subscription.device_limit = add_extra(of_plans, subscription.extra_devices)
    plans = [one for one in others if one.plan_id is not None]
    subscription.plan_id = plans[-1].plan_id if plans else None
    terms = [one.term_id for one in plans if one.term_id is not None]  # a gift has none
    subscription.term_id = terms[-1] if terms else None
    if not plans and any(other.kind is PurchaseKind.TRIAL for other in others):
        subscription.is_trial = True
        subscription.ends_at = subscription.expires_at
