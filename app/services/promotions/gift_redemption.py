"""A user opens a gift's link and redeems it: one user, once (P2)."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import Gift, Purchase
from app.db.unit_of_work import Database
from app.domain.gifts import is_gift_code
from app.domain.order_results import OrderResult
from app.domain.payments import PurchaseKind
from app.services import audit, shop_settings
from app.services.notifications.notify import Notification, notify
from app.services.promotions.promo_tries import try_code
from app.services.purchases.gifts import build_gift_values
from app.services.purchases.order_results import find_order_result
from app.services.purchases.orders import build_purchase
from app.services.purchases.promo_codes import PromoRefusedError
from app.services.purchases.sales import complete_sale


class GiftRefusedError(PromoRefusedError):
    """Unknown, redeemed by another user, returned or over: one sentence for all."""

    text_key = "error-gift-refused"
    reason = "gift"


@dataclass(frozen=True, slots=True)
class OpenedGift:
    """`redemption` is this user's own, where they have redeemed it; `result`: what it has made."""

    gift: Gift
    redemption: Purchase | None = None
    result: OrderResult | None = None


async def open_gift(db: Database, user_id: int, code: str) -> OpenedGift:
    """What the link gives. Raises PromoRefusedError, within the budget of wrong codes."""

    async def find_gift(session: AsyncSession) -> OpenedGift:
        gift = await _require_gift(session, code)
        return await _get_own(session, gift, user_id) or _require_waiting(gift)

    return await try_code(db, user_id, find_gift)


async def redeem_gift(db: Database, user_id: int, code: str) -> OpenedGift:
    """A second tap finds what the first has made. Raises PromoRefusedError."""

    async def redeem(session: AsyncSession) -> OpenedGift:
        gift = await _require_gift(session, code)
        own = await _get_own(session, gift, user_id)
        if own is not None:
            return own
        _require_waiting(gift)
        purchase = await _grant(session, gift, user_id)
        await _notify_giver(session, gift, user_id)
        return OpenedGift(gift, purchase, await find_order_result(session, purchase))

    return await try_code(db, user_id, redeem)


async def _require_gift(session: AsyncSession, code: str) -> Gift:
    """Locked after its user: of all who redeem it at once, each sees what the one before did."""
    gift: Gift | None = None
    if is_gift_code(code):
        gift = await session.scalar(
            select(Gift)
            .where(Gift.code == code)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    if gift is None:
        raise GiftRefusedError
    return gift


def _require_waiting(gift: Gift) -> OpenedGift:
    is_over = gift.ends_at is not None and gift.ends_at <= clock.now()
    if is_over or not gift.is_waiting:
        raise GiftRefusedError
    return OpenedGift(gift)


async def _get_own(session: AsyncSession, gift: Gift, user_id: int) -> OpenedGift | None:
    if gift.redemption_id is None:
        return None
    purchase = await session.get_one(Purchase, gift.redemption_id)
    if purchase.user_id != user_id:
        return None
    return OpenedGift(gift, purchase, await find_order_result(session, purchase))


async def _grant(session: AsyncSession, gift: Gift, user_id: int) -> Purchase:
    """More of a subscription with the same plan, or with none; else a new one."""
    purchase = build_purchase(user_id, PurchaseKind.GIFT)
    purchase.plan_id, purchase.titles = gift.plan_id, gift.titles
    purchase.months, purchase.days = gift.months, gift.days
    purchase.traffic_limit_bytes = gift.traffic_limit_bytes
    purchase.device_limit = gift.device_limit
    session.add(purchase)
    await session.flush()
    gift.redeemed_at, gift.redemption_id = clock.now(), purchase.id
    await complete_sale(session, purchase, await shop_settings.load_shop_settings(session))
    audit.record_audit_entry(
        session,
        f"user:{user_id}",
        "gift_redeemed",
        f"gift:{gift.id}",
        purchase=str(purchase.id),
        subscription=purchase.subscription_id,
    )
    return purchase


async def _notify_giver(session: AsyncSession, gift: Gift, user_id: int) -> None:
    """That it was redeemed, and not by whom."""
    if gift.purchase_id is None:
        return
    giver_id = (await session.get_one(Purchase, gift.purchase_id)).user_id
    if giver_id == user_id:
        return
    await notify(
        session,
        Notification(
            f"gift-redeemed:{gift.id}",
            giver_id,
            "gift-redeemed",
            {"gift": gift.id, **build_gift_values(gift)},
        ),
    )
