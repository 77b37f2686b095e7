"""Gifts that users buy: made when they are paid, shown to their buyer, voided by a refund."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.db.models import Gift, Purchase
from app.db.unit_of_work import Database
from app.domain.gifts import create_gift_code, get_return_deadline
from app.domain.messages import DeliveryGuarantee
from app.domain.payments import PurchaseStatus
from app.services.notifications.notify import Notification, notify

_GIFTS_PER_PAGE: Final = 6


class GiftGoneError(ExpectedError):
    """Another user's as one that is not."""

    text_key = "error-gift-gone"


class GiftRedeemedError(ExpectedError):
    """What was redeemed stays with its user, and its money with the shop."""

    text_key = "error-gift-redeemed"


@dataclass(frozen=True, slots=True)
class BoughtGift:
    gift: Gift
    purchase: Purchase

    @property
    def is_returnable(self) -> bool:
        in_time = clock.now() < get_return_deadline(self.gift.created_at)
        return self.gift.is_waiting and in_time and self.purchase.status is PurchaseStatus.PAID


@dataclass(frozen=True, slots=True)
class GiftList:
    """`number` counts from 0, the newest first."""

    gifts: Sequence[BoughtGift]
    number: int
    has_more: bool


async def create_gift(session: AsyncSession, purchase: Purchase) -> Gift:
    """What the sale of a gift gives: a code, with its plan as it was bought. A step."""
    if purchase.plan_id is None:
        raise ValueError("only a plan can be given")
    gift = Gift(
        code=create_gift_code(),
        purchase_id=purchase.id,
        plan_id=purchase.plan_id,
        titles=purchase.titles,
        months=purchase.months,
        days=purchase.days,
        traffic_limit_bytes=purchase.traffic_limit_bytes,
        device_limit=purchase.device_limit,
        created_at=clock.now(),
    )
    session.add(gift)
    await session.flush()  # before anything of the purchase changes, which is written once
    return gift


async def notify_gift_paid(session: AsyncSession, purchase: Purchase, gift: Gift) -> None:
    """The receipt in place of the order, then the card as a message of its own to be forwarded."""
    receipt = Notification(
        f"paid:{purchase.id}",
        purchase.user_id,
        "gift-paid",
        {"price": str(purchase.paid) if purchase.cost.minor else None, "gift": gift.id},
        guarantee=DeliveryGuarantee.AT_LEAST_ONCE,
        edit_message_id=purchase.message_id,
    )
    card = Notification(
        f"gift:{gift.id}",
        purchase.user_id,
        "gift-card",
        {"code": gift.code, **build_gift_values(gift)},
        guarantee=DeliveryGuarantee.AT_LEAST_ONCE,
    )
    await notify(session, receipt, card)


def build_gift_values(gift: Gift) -> dict[str, str | int | None]:
    """What its plan is, for a notification."""
    titles = {f"title_{language}": title for language, title in gift.titles.items()}
    return {"days": gift.days, "months": gift.months, **titles}


async def void_gift(session: AsyncSession, purchase: Purchase) -> bool:
    """Whether nobody can redeem it any more. A step; a redemption under way is waited for."""
    voided = await session.scalar(
        update(Gift)
        .where(Gift.purchase_id == purchase.id, Gift.redeemed_at.is_(None))
        .values(voided_at=clock.now())
        .returning(Gift.id)
        .execution_options(synchronize_session=False)
    )
    return voided is not None


async def list_gifts(db: Database, user_id: int, number: int) -> GiftList:
    query = (
        _select_bought(user_id)
        .order_by(Gift.id.desc())
        .limit(_GIFTS_PER_PAGE + 1)
        .offset(number * _GIFTS_PER_PAGE)
    )
    async with db.read_only() as session:
        rows = [BoughtGift(*row) for row in await session.execute(query)]
    return GiftList(rows[:_GIFTS_PER_PAGE], number, len(rows) > _GIFTS_PER_PAGE)


async def get_gift(db: Database, user_id: int, gift_id: int) -> BoughtGift:
    """Raises GiftGoneError."""
    async with db.read_only() as session:
        row = (await session.execute(_select_bought(user_id).where(Gift.id == gift_id))).first()
    if row is None:
        raise GiftGoneError
    return BoughtGift(*row)


async def require_waiting_gift(session: AsyncSession, purchase: Purchase) -> Gift:
    """Locked, so that it is redeemed before this or never. A step. Raises GiftRedeemedError."""
    gift: Gift = (
        await session.scalars(
            select(Gift)
            .where(Gift.purchase_id == purchase.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    ).one()
    if gift.redeemed_at is not None:
        raise GiftRedeemedError
    return gift


async def get_redemption_number(session: AsyncSession, purchase: Purchase) -> str | None:
    """Of the purchase by which another user has its access. A step."""
    redemption = await session.scalar(
        select(Purchase)
        .join(Gift, Gift.redemption_id == Purchase.id)
        .where(Gift.purchase_id == purchase.id)
    )
    return redemption.number if redemption else None


def _select_bought(user_id: int) -> Select[Gift, Purchase]:
    return (
        select(Gift, Purchase)
        .join(Purchase, Purchase.id == Gift.purchase_id)
        .where(Purchase.user_id == user_id)
    )
