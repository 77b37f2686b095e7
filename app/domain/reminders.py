"""When a user is reminded of the end: in time, in waking hours, and of the nearest step only."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.domain.shop_settings import ShopSettings

_LAST_HOUR = timedelta(hours=1)


def compute_reminder_time(expires_at: datetime, hours: int, shop: ShopSettings) -> datetime:
    """When the step is sent: its time before the end.

    What would come in the night, or in the last hour before it, is sent as that hour begins: a
    later round could find it to be night.
    """
    planned = expires_at - timedelta(hours=hours)
    evening = _find_evening(planned, shop)
    return planned if evening is None else _to_instant(evening, shop.awake_until_hour - 1, shop)


def compute_reminder_horizon(now: datetime, shop: ShopSettings) -> datetime | None:
    """What is planned for later than this is not sent yet; None at night, when nothing is."""
    if not is_waking_hour(now, shop):
        return None
    evening = _find_evening(now, shop)
    if evening is None:
        return now
    return _to_instant(evening + timedelta(days=1), shop.awake_from_hour, shop)


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


def _find_evening(instant: datetime, shop: ShopSettings) -> date | None:
    """The day that ends with the night it is in or the last hour before that; None by day."""
    if is_waking_hour(instant, shop) and is_waking_hour(instant + _LAST_HOUR, shop):
        return None
    local = instant.astimezone(ZoneInfo(shop.time_zone))
    is_morning = local.hour < shop.awake_from_hour
    return local.date() - timedelta(days=1) if is_morning else local.date()


def _to_instant(day: date, hour: int, shop: ShopSettings) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=ZoneInfo(shop.time_zone)).astimezone(UTC)
