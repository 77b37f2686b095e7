"""Days of access that are taken back without a refund: the money stays where it is."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.db.models import Purchase, Subscription
from app.domain.payments import PurchaseStatus
from app.services.access.grants import request_provisioning
from app.services.access.refunded_access import end_subscription_now
from app.services.access.reminders import withdraw_reminders
from app.services.access.subscriptions import SubscriptionGoneError, has_subscription_ended


class NothingToShortenError(ExpectedError):
    text_key = "error-nothing-to-shorten"


async def shorten_access(
    session: AsyncSession, user_id: int, subscription_id: int, span: timedelta
) -> datetime:
    """The new end; now at the earliest. What was bought covers so much less, the latest first.

    So a refund of it takes no access back twice. The caller has locked the user, and notifies
    them. Raises SubscriptionGoneError, NothingToShortenError.
    """
    subscription: Subscription | None = await session.scalar(
        select(Subscription)
        .where(Subscription.id == subscription_id, Subscription.user_id == user_id)
        .with_for_update()
    )
    if subscription is None:
        raise SubscriptionGoneError
    now = clock.now()
    if has_subscription_ended(subscription, now) or subscription.expires_at <= now:
        raise NothingToShortenError
    span = min(span, subscription.expires_at - now)
    await _cut_purchases(session, subscription_id, span, now)
    subscription.expires_at -= span
    subscription.ends_at -= span
    await withdraw_reminders(session, subscription)
    if subscription.expires_at <= now:
        end_subscription_now(session, subscription, now)
    else:
        request_provisioning(session, subscription)
    return subscription.expires_at


async def _cut_purchases(
    session: AsyncSession, subscription_id: int, span: timedelta, now: datetime
) -> None:
    rows = await session.scalars(
        select(Purchase)
        .where(
            Purchase.subscription_id == subscription_id,
            Purchase.status == PurchaseStatus.PAID,
            Purchase.covers_until > now,
            Purchase.extra_id.is_(None),
        )
        .order_by(Purchase.covers_until.desc())
        .with_for_update()
    )
    for purchase in rows:
        if purchase.covers_from is None or purchase.covers_until is None:
            continue
        part = min(span, purchase.covers_until - max(purchase.covers_from, now))
        purchase.covers_until -= part
        span -= part
