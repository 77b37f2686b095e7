"""Days that an operator grants or takes, with a reason that the user reads too."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.db.models import Subscription, User
from app.db.unit_of_work import Database
from app.domain.subscriptions import RUNNING_STATUSES, get_period_start
from app.services import audit, shop_settings
from app.services.access.shortening import NothingToShortenError, shorten_access
from app.services.access.subscriptions import SubscriptionGoneError
from app.services.notifications.notify import Notification, notify, was_notified
from app.services.operations.corrections import UnknownUserError
from app.services.purchases.free_days import grant_free_days
from app.services.users import lock_user

MAX_CHANGED_DAYS: Final = 366
MAX_DAYS_REASON_LENGTH: Final = 256  # characters


class TooManyDaysError(ExpectedError):
    text_key = "error-too-many-days"


@dataclass(frozen=True, slots=True)
class DaysChange:
    """`days` below zero are taken; without a subscription, they make a new one."""

    user_id: int
    subscription_id: int | None
    days: int
    reason: str


@dataclass(frozen=True, slots=True)
class DaysPreview:
    user: User
    before: datetime | None  # the end as it is; None where nothing runs
    after: datetime


async def preview_days(db: Database, change: DaysChange) -> DaysPreview:
    """What `change_days` would do now. Raises its errors."""
    _check_days(change)
    now = clock.now()
    async with db.read_only() as session:
        user = await session.get(User, change.user_id)
        if user is None:
            raise UnknownUserError
        if change.subscription_id is None:
            subscription = None
        else:
            subscription = await session.get(Subscription, change.subscription_id)
            if subscription is None or subscription.user_id != user.id:
                raise SubscriptionGoneError
    is_running = subscription is not None and _is_running(subscription, now)
    if change.days < 0 and not is_running:
        raise NothingToShortenError
    start = now
    if subscription is not None:
        start = get_period_start(
            subscription.activation_status, subscription.expires_at, subscription.ends_at, now
        )
    before = subscription.expires_at if subscription is not None and is_running else None
    return DaysPreview(user, before, max(start + timedelta(days=change.days), now))


async def change_days(db: Database, operator: int, message_id: int, change: DaysChange) -> None:
    """The operator's message is what makes it happen once (P2).

    Raises UnknownUserError, SubscriptionGoneError, NothingToShortenError, TooManyDaysError.
    """
    _check_days(change)
    key = f"days:{operator}:{message_id}"
    async with db.unit_of_work() as session:
        if await lock_user(session, change.user_id) is None:
            raise UnknownUserError
        if await was_notified(session, key):
            return
        until = await _carry_out(session, change)
        audit.record_audit_entry(
            session,
            f"user:{operator}",
            "days_changed",
            f"user:{change.user_id}",
            days=change.days,
            subscription=change.subscription_id,
            reason=change.reason,
        )
        notification = Notification(
            key,
            change.user_id,
            "days-changed",
            {"days": change.days, "until": until.isoformat(), "reason": change.reason},
        )
        await notify(session, notification)


async def _carry_out(session: AsyncSession, change: DaysChange) -> datetime:
    if change.days < 0:
        if change.subscription_id is None:
            raise NothingToShortenError
        span = timedelta(days=-change.days)
        return await shorten_access(session, change.user_id, change.subscription_id, span)
    shop = await shop_settings.load_shop_settings(session)
    if change.subscription_id is not None:
        await _require_own(session, change.user_id, change.subscription_id)
    gift = await grant_free_days(session, change.user_id, change.days, shop, change.subscription_id)
    return gift.covers_until or clock.now()


async def _require_own(session: AsyncSession, user_id: int, subscription_id: int) -> None:
    own = select(Subscription.id).where(
        Subscription.id == subscription_id, Subscription.user_id == user_id
    )
    if await session.scalar(own) is None:
        raise SubscriptionGoneError


def _is_running(subscription: Subscription, now: datetime) -> bool:
    return subscription.activation_status in RUNNING_STATUSES and subscription.expires_at > now


def _check_days(change: DaysChange) -> None:
    if not 0 < abs(change.days) <= MAX_CHANGED_DAYS:
        raise TooManyDaysError
