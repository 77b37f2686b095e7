"""When a broadcast shall start, as an operator types it in their language, in the shop's zone."""

import re
from datetime import datetime, timedelta, tzinfo
from typing import Final

from app.core.errors import ExpectedError

_LONGEST_WAIT: Final = timedelta(days=60)
_LONGEST_TEXT: Final = 40  # characters

_CLOCK: Final = r"(?P<hour>[01]?\d|2[0-3])[:.](?P<minute>[0-5]\d)"
_AT: Final = re.compile(rf"(?:(?P<tomorrow>tomorrow|завтра)\s+)?(?:at\s+|в\s+)?{_CLOCK}")
_ON_DAY: Final = re.compile(
    rf"(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})(?:\.(?P<year>\d{{4}}))?,?\s+(?:at\s+|в\s+)?{_CLOCK}"
)
_ON_DATE: Final = re.compile(
    rf"(?P<year>\d{{4}})-(?P<month>\d{{2}})-(?P<day>\d{{2}})\s+(?:at\s+|в\s+)?{_CLOCK}"
)
_IN: Final = re.compile(
    r"(?:in|через)\s+(?:(?P<count>\d{1,3})\s*)?"
    r"(?:(?P<minutes>m(?:in(?:ute)?s?)?|мин(?:ут[уы]?)?\.?)|(?P<hours>h(?:ours?)?|час(?:а|ов)?|ч\.?)"
    r"|(?P<days>d(?:ays?)?|д(?:ень|ня|ней)|сут(?:ки|ок)))"
)


class StartTimeError(ExpectedError):
    """No time, one that is over, or one that is too far away."""

    text_key = "error-start-time"


def parse_start_time(typed: str, now: datetime, zone: tzinfo) -> datetime:
    """Aware. A clock time alone is the next one. Raises StartTimeError."""
    text = " ".join(typed[:_LONGEST_TEXT].lower().split())
    at = _parse_wait(text, now) or _parse_day(text, now, zone) or _parse_clock(text, now, zone)
    if at is None or not now <= at <= now + _LONGEST_WAIT:
        raise StartTimeError
    return at


def _parse_wait(text: str, now: datetime) -> datetime | None:
    found = _IN.fullmatch(text)
    if found is None:
        return None
    count = int(found["count"] or 1)
    unit = next(name for name in ("minutes", "hours", "days") if found[name])
    return now + timedelta(**{unit: count})


def _parse_day(text: str, now: datetime, zone: tzinfo) -> datetime | None:
    """Without a year, the next such day."""
    found = _ON_DATE.fullmatch(text) or _ON_DAY.fullmatch(text)
    if found is None:
        return None
    local = now.astimezone(zone)
    for year in [int(found["year"])] if found["year"] else [local.year, local.year + 1]:
        try:
            at = datetime(
                year,
                int(found["month"]),
                int(found["day"]),
                int(found["hour"]),
                int(found["minute"]),
                tzinfo=zone,
            )
        except ValueError:
            continue
        if at >= now or found["year"]:
            return at
    return None


def _parse_clock(text: str, now: datetime, zone: tzinfo) -> datetime | None:
    found = _AT.fullmatch(text)
    if found is None:
        return None
    local = now.astimezone(zone)
    at = local.replace(
        hour=int(found["hour"]), minute=int(found["minute"]), second=0, microsecond=0
    )
    return at + timedelta(days=1) if found["tomorrow"] or at < now else at
