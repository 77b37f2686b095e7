"""The only place that reads the wall clock, so that the sandbox can move time."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

_offset = timedelta()


def now() -> datetime:
    """Aware UTC instant, moved by the sandbox's offset (zero in every deployment)."""
    return datetime.now(UTC) + _offset


def get_midnight(zone: ZoneInfo) -> datetime:
    """With which the day that it is there began."""
    return datetime.combine(now().astimezone(zone), time(), zone)


def set_offset(offset: timedelta) -> None:
    global _offset  # noqa: PLW0603 - one clock a process, set once at the start
    _offset = offset
