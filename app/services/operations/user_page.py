"""A user as the operator sees them: money, subscriptions and orders on one page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import exists, select

from app.core import clock
from app.core.money import Money
from app.db.models import OutboxMessage, Panel, Purchase, Subscription, User
from app.db.unit_of_work import Database
from app.domain.subscriptions import RUNNING_STATUSES
from app.services import shop_settings
from app.services.ledger import list_balances
from app.services.operations.corrections import UnknownUserError
from app.services.payments.balance_page import list_purchases
from app.services.promotions.referrals import ReferralStats, get_referral_stats

_RECENT: Final = 5  # of each at once
_NOTIFICATIONS_PER_PAGE: Final = 8


@dataclass(frozen=True, slots=True)
class UserPage:
    """For the operator; the newest first."""

    user: User
    balances: list[Money]
    subscriptions: Sequence[Subscription]
    purchases: Sequence[Purchase]
    asked: Purchase | None  # by which the user was found; not one of `purchases`
    has_several_panels: bool


@dataclass(frozen=True, slots=True)
class NotificationHistory:
    """`number` counts from 0, the newest first."""

    notifications: Sequence[OutboxMessage]
    number: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class ReferralPage:
    stats: ReferralStats
    referrer: User | None  # who invited the user


async def require_user(db: Database, user_id: int) -> User:
    """Raises UnknownUserError."""
    async with db.read_only() as session:
        user = await session.get(User, user_id)
    if user is None:
        raise UnknownUserError
    return user


async def get_notification_history(db: Database, user_id: int, number: int) -> NotificationHistory:
    """What they were sent, or will be, as long as it is kept."""
    rows = (
        select(OutboxMessage)
        .where(OutboxMessage.chat_id == user_id)
        .order_by(OutboxMessage.id.desc())
        .limit(_NOTIFICATIONS_PER_PAGE + 1)
        .offset(number * _NOTIFICATIONS_PER_PAGE)
    )
    async with db.read_only() as session:
        found = (await session.scalars(rows)).all()
    more = len(found) > _NOTIFICATIONS_PER_PAGE
    return NotificationHistory(found[:_NOTIFICATIONS_PER_PAGE], number, more)


async def get_referral_page(db: Database, user_id: int) -> ReferralPage:
    stats = await get_referral_stats(db, user_id)
    own = select(User.referrer_id).where(User.id == user_id).scalar_subquery()
    async with db.read_only() as session:
        return ReferralPage(stats, await session.scalar(select(User).where(User.id == own)))


async def list_running_subscriptions(db: Database, user_id: int) -> Sequence[Subscription]:
    """The newest first."""
    rows = (
        select(Subscription)
        .where(
            Subscription.user_id == user_id,
            Subscription.activation_status.in_(RUNNING_STATUSES),
            Subscription.ends_at > clock.now(),
        )
        .order_by(Subscription.id.desc())
        .limit(_RECENT)
    )
    async with db.read_only() as session:
        return (await session.scalars(rows)).all()


async def require_user_page(
    db: Database, user_id: int, purchase_id: UUID | None = None
) -> UserPage:
    """With that purchase of theirs, too. Raises UnknownUserError."""
    async with db.unit_of_work() as session:
        user = await session.get(User, user_id)
        if user is None:
            raise UnknownUserError
        balances = await list_balances(
            session, user_id, (await shop_settings.load_shop_settings(session)).currency
        )
        subscriptions = await session.scalars(
            select(Subscription)
            .where(Subscription.user_id == user_id)
            .order_by(Subscription.id.desc())
            .limit(_RECENT)
        )
        asked = await session.get(Purchase, purchase_id) if purchase_id else None
        recent = await list_purchases(session, user_id, _RECENT, 0)
        purchases = [purchase for purchase in recent if purchase is not asked]
        several = bool(await session.scalar(select(exists(select(Panel.id)))))
        return UserPage(user, balances, subscriptions.all(), purchases, asked, several)
