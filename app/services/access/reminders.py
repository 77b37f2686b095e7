"""Telling people in time that their subscription ends: each step once, never after a renewal."""

from datetime import datetime

from sqlalchemy import literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import OutboxMessage, OutboxStatus, Subscription
from app.db.unit_of_work import Database
from app.domain.reminders import horizon, step_to_tell
from app.domain.renewals import end_key
from app.domain.shop import ShopSettings
from app.domain.subscriptions import ActivationStatus
from app.domain.trials import Letter, TrialStep, told_after_extension
from app.services.access.renewal_forecasts import Forecast, list_forecasts
from app.services.access.subscriptions import list_numbers
from app.services.notifications.notify import Notice, tell

BATCH = 500
TEMPLATE = "reminder"
OF_AN_END = (TEMPLATE, "paid-time-over", "renewal-short", "renewal-changed", *Letter)
# The step that is told when the paid time is over and the grace begins.
OVER = 0
not_told_over = Subscription.reminded_hours.is_distinct_from(literal_column(str(OVER)))


async def remind(db: Database, shop: ShopSettings) -> dict[str, int]:
    """One round over all whose end is near, a batch a transaction, in the order of their ends."""
    now = clock.now()
    reminded, after = 0, now
    seen_id = 0
    while True:
        async with db.unit_of_work() as session:
            batch = await _list_ending(session, now, after, seen_id, shop)
            reminded += await _tell_batch(session, batch, now, shop)
        if len(batch) < BATCH:
            return {"reminded": reminded}
        after, seen_id = batch[-1].expires_at, batch[-1].id


async def withdraw(session: AsyncSession, subscription: Subscription) -> None:
    """A new end makes untrue what is not sent yet of the old one, and of a trial."""
    subscription.reminded_hours = None
    told = subscription.trial_told
    subscription.trial_told = told_after_extension(TrialStep(told)) if told else None
    await session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.chat_id == subscription.user_id,
            OutboxMessage.template.in_(OF_AN_END),
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
            not_told_over,
            Subscription.is_trial.is_(False),  # a trial has letters of its own
            Subscription.expires_at < now + horizon(shop.reminder_hours),
            (Subscription.expires_at > after)
            | ((Subscription.expires_at == after) & (Subscription.id > seen_id)),
        )
        .order_by(Subscription.expires_at, Subscription.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    return list(rows)


async def _tell_batch(
    session: AsyncSession, batch: list[Subscription], now: datetime, shop: ShopSettings
) -> int:
    steps = {row.id: step_to_tell(row.expires_at, row.reminded_hours, now, shop) for row in batch}
    to_tell = [row for row in batch if steps[row.id] is not None]
    renewing = [row for row in to_tell if row.auto_renew]
    forecasts = await list_forecasts(session, renewing) if renewing else {}
    numbers = await list_numbers(session, to_tell)
    for row in to_tell:
        row.reminded_hours = steps[row.id]
    notices = (_to_notice(row, forecasts.get(row.id), numbers.get(row.id), shop) for row in to_tell)
    await tell(session, *notices)
    return len(to_tell)


def _to_notice(
    subscription: Subscription, forecast: Forecast | None, number: str | None, shop: ShopSettings
) -> Notice:
    """Whose subscription renews itself hears what will become of that."""
    step = subscription.reminded_hours
    return Notice(
        end_key(f"reminder-{step}", subscription.id, subscription.expires_at),
        subscription.user_id,
        TEMPLATE,
        {
            "subscription": subscription.id,
            "number": number,
            "expires_at": subscription.expires_at.isoformat(),
            **(forecast.to_values(shop) if forecast else {}),
        },
    )
