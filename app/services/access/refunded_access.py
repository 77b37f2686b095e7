"""The access that a refunded purchase gave is cut out; what was bought besides it stays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import Purchase, Subscription
from app.db.unit_of_work import wake_after_commit
from app.domain.payments import PurchaseKind, PurchaseStatus
from app.domain.refunds import devices_left, span_left, traffic_left
from app.domain.subscriptions import ENDED, ActivationStatus
from app.services.access.grants import tell_panel
from app.services.access.reminders import withdraw

CLEANUP = "fast_expiry_cleanup"  # the worker's name


@dataclass(frozen=True, slots=True)
class AccessLeft:
    """Until when it goes on; None where nothing is left."""

    expires_at: datetime | None


async def take_back(session: AsyncSession, purchase: Purchase) -> AccessLeft | None:
    """None where nothing was left to take. The caller has locked person and subscription."""
    if purchase.subscription_id is None:
        return None
    subscription = await session.get_one(Subscription, purchase.subscription_id)
    now = clock.now()
    if not _is_owed_to(purchase, subscription, now):
        return None
    others = await _list_others(session, purchase, now)
    _cut_out(subscription, purchase, others, now)
    if purchase.kind is PurchaseKind.RENEWAL:
        subscription.auto_renew = False  # or it would be bought again within minutes
    await withdraw(session, subscription)
    if subscription.expires_at <= now:
        _end(session, subscription, now)
        return AccessLeft(None)
    _describe(subscription, purchase, others)
    await tell_panel(session, subscription)
    return AccessLeft(subscription.expires_at)


async def foresee(session: AsyncSession, purchase: Purchase) -> AccessLeft | None:
    """What `take_back` would leave now."""
    if purchase.subscription_id is None:
        return None
    subscription = await session.get_one(Subscription, purchase.subscription_id)
    now = clock.now()
    if not _is_owed_to(purchase, subscription, now):
        return None
    expires_at = subscription.expires_at - _span(purchase, now)
    return AccessLeft(expires_at if expires_at > now else None)


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
        )
        .order_by(Purchase.covers_from)
        .with_for_update()
    )
    return rows.all()


def _is_owed_to(purchase: Purchase, subscription: Subscription, now: datetime) -> bool:
    """Whether some of the access there is, be it the grace after its end, is this purchase's."""
    if purchase.covers_until is None or subscription.activation_status in ENDED:
        return False
    return purchase.covers_until > now or (
        purchase.covers_until == subscription.expires_at and subscription.ends_at > now
    )


def _cut_out(
    subscription: Subscription, purchase: Purchase, others: Sequence[Purchase], now: datetime
) -> None:
    """What was bought to follow it moves up."""
    span, until = _span(purchase, now), purchase.covers_until
    for other in others:
        if other.covers_from and other.covers_until and until and other.covers_from >= until:
            other.covers_from -= span
            other.covers_until -= span
    subscription.expires_at -= span
    subscription.ends_at -= span


def _span(purchase: Purchase, now: datetime) -> timedelta:
    if purchase.covers_from is None or purchase.covers_until is None:
        return timedelta()
    return span_left(purchase.covers_from, purchase.covers_until, now)


def _end(session: AsyncSession, subscription: Subscription, now: datetime) -> None:
    subscription.ends_at = now
    subscription.auto_renew = False
    subscription.activation_status = ActivationStatus.REMOVAL_PENDING
    subscription.revision += 1
    subscription.attempts = 0
    subscription.due_at = now
    wake_after_commit(session, CLEANUP)


def _describe(subscription: Subscription, purchase: Purchase, others: Sequence[Purchase]) -> None:
    """Limits and plan, by what stays in force."""
    if not others:
        return
    quotas = [other.traffic_limit_bytes for other in others]
    subscription.traffic_limit_bytes = traffic_left(
        subscription.traffic_limit_bytes, purchase.traffic_limit_bytes, quotas
    )
    subscription.device_limit = devices_left([other.device_limit for other in others])
    bought = [one for one in others if one.kind in {PurchaseKind.PLAN, PurchaseKind.RENEWAL}]
    subscription.plan_id = bought[-1].plan_id if bought else None
    subscription.term_id = bought[-1].term_id if bought else None
    if not bought and any(other.kind is PurchaseKind.TRIAL for other in others):
        subscription.is_trial = True
        subscription.ends_at = subscription.expires_at
