"""When a user is notified of used traffic, and how soon the panel is asked about it again."""

from datetime import timedelta
from typing import Final

ALL_PERCENT: Final = 100
# Of the limit: each is reported once, until there is more traffic.
_REPORTED_PERCENTS: Final = (ALL_PERCENT, 80)
_HALF: Final = 50


def find_reached_percent(used_bytes: int, limit_bytes: int) -> int | None:
    """The highest that is reached; None below the lowest. `limit_bytes` is above zero."""
    percent = used_bytes * 100 // limit_bytes
    return next((reached for reached in _REPORTED_PERCENTS if percent >= reached), None)


def compute_traffic_check_delay(used_bytes: int, limit_bytes: int) -> timedelta:
    """The nearer the next report may be, the sooner; a day where there is none any more."""
    percent = used_bytes * 100 // limit_bytes
    if percent >= ALL_PERCENT:
        return timedelta(days=1)
    if percent >= min(_REPORTED_PERCENTS):
        return timedelta(minutes=30)
    return timedelta(hours=1) if percent >= _HALF else timedelta(hours=6)
