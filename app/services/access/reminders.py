"""Reminds users in time that their subscription ends: each step once, never after a renewal."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import ColumnElement, and_, literal_column, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import OutboxMessage, OutboxStatus, Subscription
from app.db.unit_of_work import Database
from app.domain.reminders import compute_reminder_horizon, find_due_reminder
from app.domain.renewals import build_end_key
from app.domain.shop_settings import ShopSettings
from app.domain.subscriptions import ActivationStatus
from app.domain.trials import TrialStep, TrialTemplate, get_notified_step_after_extension
from app.services.access.renewal_forecasts import RenewalForecast, list_renewal_forecasts
from app.services.access.subscriptions import list_subscription_numbers
from app.services.notifications.notify import Notification, notify

REMINDER_BATCH = 500
_TEMPLATE = "reminder"
_END_TEMPLATES = (_TEMPLATE, "paid-time-over", "renewal-short", "renewal-changed", *TrialTemplate)
# The step that is sent when the paid time is over and the grace begins.
PAID_TIME_OVER_STEP = 0
paid_time_over_unsent = Subscription.reminded_hours.is_distinct_from(
    literal_column(str(PAID_TIME_OVER_STEP))
)


async def remind_users(db: Database, shop: ShopSettings) -> dict[str, int]:
    """One round over what is due, a batch a transaction, until one has nothing to send."""
    now, reminded = clock.now(), 0
    horizon = compute_reminder_horizon(now, shop)
    if horizon is None or not shop.reminder_hours:
        return {"reminded": 0}
    while notified := await _remind_batch(db, now, horizon, shop):
        reminded += notified
    return {"reminded": reminded}


async def withdraw_reminders(session: AsyncSession, subscription: Subscription) -> None:
    """A new end makes untrue what is not sent yet of the old one, and of a trial."""
    subscription.reminded_hours = subscription.renewal_waits_until = None
    notified = subscription.trial_notified_step
    subscription.trial_notified_step = (
        get_notified_step_after_extension(TrialStep(notified)) if notified else None
    )
    await session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.chat_id == subscription.user_id,
            OutboxMessage.template.in_(_END_TEMPLATES),
            OutboxMessage.status == OutboxStatus.WAITING,
            OutboxMessage.values["subscription"].as_integer() == subscription.id,
            OutboxMessage.lease_token.is_(None),
        )
        .values(status=OutboxStatus.WITHDRAWN)
        .execution_options(synchronize_session=False)
    )


async def _remind_batch(db: Database, now: datetime, horizon: datetime, shop: ShopSettings) -> int:
    async with db.unit_of_work() as session:
        batch = await _list_due(session, now, horizon, shop)
        return await _notify_batch(session, batch, now, shop) if batch else 0


async def _list_due(
    session: AsyncSession, now: datetime, horizon: datetime, shop: ShopSettings
) -> Sequence[Subscription]:
    """A branch for each step sent last, so that each reads its own part of the index and stops."""
    runs = and_(
        Subscription.activation_status == ActivationStatus.ACTIVE,
        ~Subscription.is_trial,  # a trial has notifications of its own
    )
    branches = [
        select(Subscription.id)
        .where(
            runs,
            is_reminded,
            Subscription.expires_at > now,
            Subscription.expires_at <= horizon + timedelta(hours=step),
        )
        .order_by(Subscription.reminded_hours, Subscription.expires_at)
        .limit(REMINDER_BATCH)
        for step, is_reminded in _list_branches(shop.reminder_hours)
    ]
    due = union_all(*branches).cte("due")
    rows = await session.scalars(
        select(Subscription)
        .join(due, due.c.id == Subscription.id)
        .where(runs)  # it may have changed before it was locked
        .limit(REMINDER_BATCH)
        .with_for_update(of=Subscription, skip_locked=True)
    )
    return rows.all()


def _list_branches(steps: Collection[int]) -> Iterator[tuple[int, ColumnElement[bool]]]:
    """For each step, of whom it is the next: the step before it was sent, or one that is none now.

    The settings may have had others.
    """
    reminded = Subscription.reminded_hours
    first, *others = sorted(steps, reverse=True)
    yield first, reminded.is_(None)
    yield first, reminded > first
    for before, step in pairwise([first, *others]):
        yield step, reminded == before
        yield step, and_(reminded > step, reminded < before)


async def _notify_batch(
    session: AsyncSession, batch: Sequence[Subscription], now: datetime, shop: ShopSettings
) -> int:
    steps = {
        row.id: find_due_reminder(row.expires_at, row.reminded_hours, now, shop) for row in batch
    }
    due_rows = [row for row in batch if steps[row.id] is not None]
    renewing = [row for row in due_rows if row.auto_renew]
    forecasts = await list_renewal_forecasts(session, renewing) if renewing else {}
    numbers = await list_subscription_numbers(session, due_rows)
    for row in due_rows:
        row.reminded_hours = steps[row.id]
    notifications = (
        _to_notification(row, forecasts.get(row.id), numbers.get(row.id), shop) for row in due_rows
    )
    await notify(session, *notifications)
    return len(due_rows)


def _to_notification(
    subscription: Subscription,
    forecast: RenewalForecast | None,
    number: str | None,
    shop: ShopSettings,
) -> Notification:
    """Where auto-renewal is on, it says what will become of that."""
    step = subscription.reminded_hours
    return Notification(
        build_end_key(f"reminder-{step}", subscription.id, subscription.expires_at),
        subscription.user_id,
        _TEMPLATE,
        {
            "subscription": subscription.id,
            "number": number,
            "expires_at": subscription.expires_at.isoformat(),
            **(forecast.to_values(shop) if forecast else {}),
        },
    )
