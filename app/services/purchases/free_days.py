"""Days of access that cost nothing: a purchase like any other, at the price of zero."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import Purchase, Subscription, Term
from app.domain.payments import PurchaseKind
from app.domain.shop_settings import ShopSettings
from app.services.access.subscriptions import has_subscription_ended
from app.services.purchases.orders import build_purchase
from app.services.purchases.sales import complete_sale


async def grant_free_days(
    session: AsyncSession,
    user_id: int,
    days: int,
    shop: ShopSettings,
    subscription_id: int | None = None,
) -> Purchase:
    """For that subscription of the user's; without one, for the newest that works.

    Where none works, for the last one that ended, else for a new one.

    The caller has locked the user, and notifies them.
    """
    subscription = await _choose(session, user_id, subscription_id)
    purchase = build_purchase(user_id, PurchaseKind.GIFT)
    purchase.days = days
    purchase.traffic_limit_bytes = shop.trial_traffic_bytes
    purchase.device_limit = shop.trial_devices
    if subscription is not None:
        purchase.subscription_id = subscription.id
        await _keep_limits(session, purchase, subscription)
    session.add(purchase)
    await session.flush()
    await complete_sale(session, purchase, shop)
    return purchase


async def _choose(
    session: AsyncSession, user_id: int, subscription_id: int | None
) -> Subscription | None:
    if subscription_id is not None:
        return await session.get_one(Subscription, subscription_id)
    rows = (
        await session.scalars(
            select(Subscription)
            .where(Subscription.user_id == user_id)
            .order_by(Subscription.expires_at.desc(), Subscription.id.desc())
        )
    ).all()
    now = clock.now()
    working = [row for row in rows if not has_subscription_ended(row, now)]
    newest = max(working, key=lambda row: row.id, default=None)
    return newest or next(iter(rows), None)


async def _keep_limits(
    session: AsyncSession, purchase: Purchase, subscription: Subscription
) -> None:
    """As many devices as before, and as much traffic a day as was bought last."""
    if has_subscription_ended(subscription, clock.now()):
        return
    purchase.device_limit = subscription.device_limit
    term = await session.get(Term, subscription.term_id) if subscription.term_id else None
    if term is not None:
        share = term.traffic_limit_bytes * purchase.days // term.days
        # Zero would be no limit at all; where there is none, whatever is added changes nothing.
        purchase.traffic_limit_bytes = share or purchase.traffic_limit_bytes
