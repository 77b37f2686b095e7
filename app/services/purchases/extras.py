"""Orders for extra traffic and extra devices of a subscription that runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.core.money import Money
from app.db.models import Extra, Plan, Purchase, Subscription
from app.db.unit_of_work import Database
from app.domain.extras import ExtraKind, compute_extra_price
from app.domain.payments import OPEN_STATUSES, PurchaseKind
from app.domain.ports import DeviceList, VpnPanel
from app.services.access.extra_offers import is_on_sale
from app.services.access.panel_work import build_access_ref, find_panel
from app.services.access.subscriptions import SubscriptionGoneError
from app.services.purchases.orders import REUSE_WHILE_LEFT, build_purchase
from app.services.users import lock_user


class ExtraGoneError(ExpectedError):
    """It is not sold, or not for this subscription as it is now."""

    text_key = "error-extra-gone"


@dataclass(frozen=True, slots=True)
class ExtraOffer:
    extra: Extra
    price: Money  # of devices, for the days until the subscription's end


@dataclass(frozen=True, slots=True)
class ExtraOffers:
    """The smallest first; none where nothing is sold for it now."""

    subscription: Subscription
    kind: ExtraKind
    offers: Sequence[ExtraOffer]


async def list_extra_offers(
    db: Database, panel: VpnPanel | None, user_id: int, subscription_id: int, kind: ExtraKind
) -> ExtraOffers:
    """Raises SubscriptionGoneError and the panel's port errors."""
    query = (
        select(Subscription, Extra)
        .select_from(Subscription)
        .outerjoin(Extra, is_on_sale(kind))
        .where(Subscription.id == subscription_id, Subscription.user_id == user_id)
        .order_by(Extra.amount, Extra.id)
    )
    async with db.read_only() as session:
        rows = (await session.execute(query)).all()
    if not rows:
        raise SubscriptionGoneError
    subscription, now = rows[0][0], clock.now()
    if not await _can_have(panel, subscription, kind):
        return ExtraOffers(subscription, kind, [])
    offers = [
        ExtraOffer(extra, _get_price(extra, subscription, now))
        for _, extra in rows
        if extra is not None
    ]
    return ExtraOffers(subscription, kind, offers)


async def place_extra_order(
    db: Database, panel: VpnPanel | None, user_id: int, subscription_id: int, extra_id: int
) -> Purchase:
    """An order without a payment method yet; of two taps the second finds the first's.

    Raises ExtraGoneError, also for another user's subscription, and the panel's port errors.
    """
    async with db.read_only() as session:
        subscription, extra, _ = await _require_on_sale(session, user_id, subscription_id, extra_id)
    if not await _can_have(panel, subscription, extra.kind):
        raise ExtraGoneError
    async with db.unit_of_work() as session:
        await lock_user(session, user_id)
        subscription, extra, plan = await _require_on_sale(
            session, user_id, subscription_id, extra_id
        )
        price = _get_price(extra, subscription, clock.now())
        purchase = await _get_reusable(session, subscription, extra, price)
        if purchase is None:
            purchase = _build(subscription, extra, plan, price)
            session.add(purchase)
    return purchase


async def _require_on_sale(
    session: AsyncSession, user_id: int, subscription_id: int, extra_id: int
) -> tuple[Subscription, Extra, Plan | None]:
    query = (
        select(Subscription, Extra, Plan)
        .select_from(Subscription)
        .join(Extra, Extra.id == extra_id)
        .outerjoin(Plan, Plan.id == Subscription.plan_id)
        .where(Subscription.id == subscription_id, Subscription.user_id == user_id)
        .where(is_on_sale(ExtraKind.TRAFFIC) | is_on_sale(ExtraKind.DEVICES))
    )
    row = (await session.execute(query)).first()
    if row is None:
        raise ExtraGoneError
    return row[0], row[1], row[2]


async def _can_have(panel: VpnPanel | None, subscription: Subscription, kind: ExtraKind) -> bool:
    """More devices, where its panel knows any: it may be on another one than it was."""
    if kind is ExtraKind.TRAFFIC:
        return True
    return isinstance(await find_panel(panel, build_access_ref(subscription)), DeviceList)


def _get_price(extra: Extra, subscription: Subscription, now: datetime) -> Money:
    minor = compute_extra_price(extra.kind, extra.price_minor, subscription.expires_at, now)
    return Money(minor, extra.currency)


def _build(subscription: Subscription, extra: Extra, plan: Plan | None, price: Money) -> Purchase:
    purchase = build_purchase(subscription.user_id, PurchaseKind.PLAN)
    purchase.plan_id = subscription.plan_id
    purchase.titles = plan.titles if plan else {}
    purchase.extra_id, purchase.subscription_id = extra.id, subscription.id
    purchase.traffic_limit_bytes = extra.traffic_bytes
    purchase.device_limit = extra.devices
    purchase.base_expires_at = subscription.expires_at
    purchase.price_minor, purchase.currency = price.minor, price.currency
    return purchase


async def _get_reusable(
    session: AsyncSession, subscription: Subscription, extra: Extra, price: Money
) -> Purchase | None:
    """The same order, if it is open and nothing of it has changed since."""
    reusable: Purchase | None = await session.scalar(
        select(Purchase)
        .where(
            Purchase.user_id == subscription.user_id,
            Purchase.extra_id == extra.id,
            Purchase.subscription_id == subscription.id,
            Purchase.status.in_(OPEN_STATUSES),
            Purchase.expires_at > clock.now() + REUSE_WHILE_LEFT,
            Purchase.base_expires_at == subscription.expires_at,
            Purchase.price_minor == price.minor,
            Purchase.currency == price.currency,
        )
        .order_by(Purchase.created_at.desc())
        .limit(1)
    )
    return reusable
