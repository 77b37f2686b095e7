"""When a user is reminded of the end: in time, in waking hours, and of the nearest step only."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.domain.shop_settings import ShopSettings


def compute_reminder_time(expires_at: datetime, hours: int, shop: ShopSettings) -> datetime:
    """When the step is sent: its time before the end; out of the night, the last hour before it."""
    zone = ZoneInfo(shop.time_zone)
    planned = (expires_at - timedelta(hours=hours)).astimezone(zone)
    if is_waking_hour(planned, shop):
        return planned
    is_late = planned.hour >= shop.awake_until_hour
    evening = planned.date() if is_late else planned.date() - timedelta(days=1)
    last_hour = datetime.combine(evening, time(shop.awake_until_hour - 1), tzinfo=zone)
    return last_hour.astimezone(UTC)


def is_waking_hour(instant: datetime, shop: ShopSettings) -> bool:
    hour = instant.astimezone(ZoneInfo(shop.time_zone)).hour
    return shop.awake_from_hour <= hour < shop.awake_until_hour


def find_due_reminder(
    expires_at: datetime, reminded_hours: int | None, now: datetime, shop: ShopSettings
) -> int | None:
    """The nearest step whose moment has come and that was not sent yet; None outside the day.

    Steps that were missed, by a long stop or a short subscription, are not sent late.
    """
    if now >= expires_at or not is_waking_hour(now, shop):
        return None
    come = [
        hours
        for hours in shop.reminder_hours
        if compute_reminder_time(expires_at, hours, shop) <= now
    ]
    nearest = min(come, default=None)
    if nearest is None or (reminded_hours is not None and reminded_hours <= nearest):
        return None
    return nearest


def compute_reminder_horizon(steps: Sequence[int]) -> timedelta:
    """How long before the end the first reminder can be, the night before it included."""
    return timedelta(hours=max(steps, default=0)) + timedelta(days=1)
