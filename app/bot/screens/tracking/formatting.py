"""Hashes, instants and durations the way the tracker's screens write them."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from app.bot import formatting
from app.bot.i18n import Translator
from app.core import clock

_CELLS: Final = 10
_GAPS: Final = re.compile(r" +$|(?<= ) +", re.MULTILINE)
_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


def shorten_hash(tx_hash: str) -> str:
    """Like "0x12ab34…ef5678"."""
    return f"{tx_hash[:8]}…{tx_hash[-6:]}"


def draw_progress_bar(percent: int) -> str:
    """▰▰▰▱▱▱▱▱▱▱, full only at 100, and empty only at 0."""
    filled = max(min(percent, 100) * _CELLS // 100, min(max(percent, 0), 1))
    return "▰" * filled + "▱" * (_CELLS - filled)


def choose_time_unit(span: timedelta) -> tuple[str, int]:
    """What a text chooses its words by: "moment", "minutes", "hours" or "days", rounded."""
    if span < _MINUTE:
        return "moment", 0
    if span < _HOUR:
        return "minutes", span // _MINUTE
    if span < 2 * _DAY:
        return "hours", (span + _HOUR / 2) // _HOUR
    return "days", (span + _DAY / 2) // _DAY


def format_moment(t: Translator, instant: datetime, now: datetime | None = None) -> str:
    """Like "14:35 UTC", with the date where it is another day."""
    now = now or clock.now()
    time = f"{instant.astimezone(UTC):%H:%M} UTC"
    is_today = instant.astimezone(UTC).date() == now.astimezone(UTC).date()
    return time if is_today else f"{formatting.format_long_date(instant, t.language)}, {time}"


def collapse_gaps(text: str) -> str:
    """Without the gaps that sentences leave which a text did without."""
    return _GAPS.sub("", text).rstrip()


def join_names(names: Iterable[str]) -> str:
    return ", ".join(names)
