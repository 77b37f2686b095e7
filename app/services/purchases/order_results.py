"""Until when access runs, with what, and what auto-renewal takes next: as an order leaves it."""

from datetime import datetime, timedelta
from typing import TypedDict

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.money import Money
from app.db.models import Purchase, Subscription, Term
from app.db.unit_of_work import Database
from app.domain.extras import add_extra, compute_extra_left, without_extra
from app.domain.order_results import OrderResult
from app.domain.payments import OPEN_STATUSES, PurchaseKind, PurchaseStatus
from app.domain.renewals import RENEWAL_LEAD_TIME, is_worse_renewal
from app.domain.subscriptions import add_limits, get_period_start, wider_limit
from app.services.access.renewal_forecasts import to_renewal_terms
from app.services.access.subscriptions import has_subscription_ended


class _ExtraDevices(TypedDict, total=False):
    extra_devices: int
    extra_devices_until: datetime


async def get_order_result(db: Database, purchase: Purchase) -> OrderResult | None:
    async with db.read_only() as session:
        return await find_order_result(session, purchase)


async def find_order_result(session: AsyncSession, purchase: Purchase) -> OrderResult | None:
    """Paid now, or as it was paid. None where it gives no access, or none any more. A step."""
    if purchase.kind is PurchaseKind.TOP_UP or purchase.is_gift or purchase.extra_id is not None:
        return None
    id_ = purchase.subscription_id
    subscription = await session.get(Subscription, id_) if id_ else None
    if purchase.status in OPEN_STATUSES:
        return await _forecast_result(session, purchase, subscription)
    if purchase.status is PurchaseStatus.PAID and subscription is not None:
        return await build_order_result(session, purchase, subscription)
    return None


async def build_order_result(
    session: AsyncSession, purchase: Purchase, subscription: Subscription
) -> OrderResult | None:
    """Once it is paid. None where the subscription has moved on: its page says how it stands."""
    if purchase.covers_until is None or subscription.expires_at != purchase.covers_until:
        return None
    traffic = subscription.traffic_limit_bytes
    if purchase.is_change:  # the panel's limit holds what was used before
        traffic = add_extra(purchase.traffic_limit_bytes, subscription.extra_traffic_bytes)
    devices = without_extra(subscription.device_limit, subscription.extra_devices)
    return OrderResult(
        expires_at=purchase.covers_until,
        traffic_limit_bytes=traffic,
        device_limit=devices,
        counts_used=not purchase.is_change and traffic != purchase.traffic_limit_bytes,
        **_count_extra_devices(subscription),
        next_price=await _get_next_price(session, purchase, subscription, purchase.covers_until),
        has_key=subscription.link is not None,
    )


async def _forecast_result(
    session: AsyncSession, purchase: Purchase, subscription: Subscription | None
) -> OrderResult:
    """As `grant_access` does it."""
    start, traffic, devices = clock.now(), purchase.traffic_limit_bytes, purchase.device_limit
    extends = subscription is not None and not purchase.is_change
    counts_used = False
    if subscription is not None and extends and not has_subscription_ended(subscription, start):
        status = subscription.activation_status
        start = get_period_start(status, subscription.expires_at, subscription.ends_at, start)
        traffic = add_limits(subscription.traffic_limit_bytes, traffic)
        counts_used = traffic != purchase.traffic_limit_bytes
        of_plans = without_extra(subscription.device_limit, subscription.extra_devices)
        devices = wider_limit(of_plans, devices)
    elif subscription is not None and purchase.is_change:
        left = compute_extra_left(
            subscription.extra_traffic_bytes,
            subscription.traffic_limit_bytes,
            purchase.base_used_bytes,
        )
        traffic = add_extra(traffic, left)
    expires_at = start + timedelta(days=purchase.days)
    return OrderResult(
        expires_at=expires_at,
        traffic_limit_bytes=traffic,
        device_limit=devices,
        counts_used=counts_used,
        **(_count_extra_devices(subscription) if subscription else {}),
        next_price=await _get_next_price(session, purchase, subscription, expires_at),
        has_key=subscription is not None and subscription.link is not None,
    )


def _count_extra_devices(subscription: Subscription) -> _ExtraDevices:
    """Those that are not over, which no order for a plan prolongs."""
    until = subscription.extra_devices_until
    if until is None or until <= clock.now() or not subscription.device_limit:
        return {}
    return {"extra_devices": subscription.extra_devices, "extra_devices_until": until}


async def _get_next_price(
    session: AsyncSession,
    purchase: Purchase,
    subscription: Subscription | None,
    expires_at: datetime,
) -> Money | None:
    """None where auto-renewal takes nothing: switched off, on worse terms than these, or over."""
    if subscription is None or not subscription.auto_renew or purchase.term_id is None:
        return None
    if expires_at - RENEWAL_LEAD_TIME <= clock.now():
        return None
    term = await session.get_one(Term, purchase.term_id)
    return (
        None if is_worse_renewal(to_renewal_terms(term), to_renewal_terms(purchase)) else term.price
    )
