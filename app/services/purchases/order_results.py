"""Until when access runs, with what, and what auto-renewal takes next: as an order leaves it."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.money import Money
from app.db.models import Purchase, Subscription, Term
from app.db.unit_of_work import Database
from app.domain.order_results import OrderResult
from app.domain.payments import OPEN_STATUSES, PurchaseKind, PurchaseStatus
from app.domain.renewals import RENEWAL_LEAD_TIME, is_worse_renewal
from app.domain.subscriptions import add_limits, get_period_start, wider_limit
from app.services.access.renewal_forecasts import to_renewal_terms
from app.services.access.subscriptions import has_subscription_ended


async def get_order_result(db: Database, purchase: Purchase) -> OrderResult | None:
    async with db.read_only() as session:
        return await find_order_result(session, purchase)


async def find_order_result(session: AsyncSession, purchase: Purchase) -> OrderResult | None:
    """Paid now, or as it was paid. None where it gives no access, or none any more. A step."""
    if purchase.kind is PurchaseKind.TOP_UP or purchase.is_gift:
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
        traffic = purchase.traffic_limit_bytes
    return OrderResult(
        expires_at=purchase.covers_until,
        traffic_limit_bytes=traffic,
        device_limit=subscription.device_limit,
        counts_used=traffic != purchase.traffic_limit_bytes,
        next_price=await _get_next_price(session, purchase, subscription, purchase.covers_until),
        has_key=subscription.link is not None,
    )


async def _forecast_result(
    session: AsyncSession, purchase: Purchase, subscription: Subscription | None
) -> OrderResult:
    """As `grant_access` does it."""
    start, traffic, devices = clock.now(), purchase.traffic_limit_bytes, purchase.device_limit
    extends = subscription is not None and not purchase.is_change
    if subscription is not None and extends and not has_subscription_ended(subscription, start):
        status = subscription.activation_status
        start = get_period_start(status, subscription.expires_at, subscription.ends_at, start)
        traffic = add_limits(subscription.traffic_limit_bytes, traffic)
        devices = wider_limit(subscription.device_limit, devices)
    expires_at = start + timedelta(days=purchase.days)
    return OrderResult(
        expires_at=expires_at,
        traffic_limit_bytes=traffic,
        device_limit=devices,
        counts_used=traffic != purchase.traffic_limit_bytes,
        next_price=await _get_next_price(session, purchase, subscription, expires_at),
        has_key=subscription is not None and subscription.link is not None,
    )


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
