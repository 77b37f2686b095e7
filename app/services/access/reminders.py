"""Reminds users in time that their subscription ends: each step once, never after a renewal."""

from datetime import datetime

from sqlalchemy import literal_column, select, update
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
    """One round over all whose end is near, a batch a transaction, in the order of their ends."""
    now = clock.now()
    reminded, after = 0, now
    seen_id = 0
    while True:
        async with db.unit_of_work() as session:
            batch = await _list_ending(session, now, after, seen_id, shop)
            reminded += await _notify_batch(session, batch, now, shop)
        if len(batch) < REMINDER_BATCH:
            return {"reminded": reminded}
        after, seen_id = batch[-1].expires_at, batch[-1].id


async def withdraw_reminders(session: AsyncSession, subscription: Subscription) -> None:
    """A new end makes untrue what is not sent yet of the old one, and of a trial."""
    subscription.reminded_hours = None
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
    )


async def _list_ending(
    session: AsyncSession, now: datetime, after: datetime, seen_id: int, shop: ShopSettings
) -> list[Subscription]:
    rows = await session.scalars(
        select(Subscription)
        .where(
            Subscription.activation_status == ActivationStatus.ACTIVE,
            paid_time_over_unsent,
            Subscription.is_trial.is_(False),  # a trial has notifications of its own
            Subscription.expires_at < now + compute_reminder_horizon(shop.reminder_hours),
            (Subscription.expires_at > after)
            | ((Subscription.expires_at == after) & (Subscription.id > seen_id)),
        )
        .order_by(Subscription.expires_at, Subscription.id)
        .limit(REMINDER_BATCH)
        .with_for_update(skip_locked=True)
    )
    return list(rows)


async def _notify_batch(
    session: AsyncSession, batch: list[Subscription], now: datetime, shop: ShopSettings
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
