"""When an outage becomes an incident, when it is over, and what flapping makes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

FAILURES_TO_OPEN: Final = 2
"""In a row: one alone is a hiccup."""

SUCCESSES_TO_CLOSE: Final = 2

_REOPENED_WITHIN: Final = timedelta(minutes=10)
_MESSAGES_AN_HOUR: Final = 3
_HOUR: Final = timedelta(hours=1)
_SETTLING_TIME: Final = timedelta(minutes=5)
_EDIT_PAUSE: Final = timedelta(minutes=1)


class IncidentKind(StrEnum):
    PANEL = "panel"
    CRYPTOBOT = "cryptobot"
    CHAIN = "chain"
    REDIS = "redis"
    OUTBOX = "outbox"
    WORKERS = "workers"
    WEBHOOK = "webhook"
    MEMORY = "memory"


QUIET_KINDS: Final = frozenset({IncidentKind.CHAIN, IncidentKind.REDIS, IncidentKind.MEMORY})
"""Not about money: operators need not wake up for them."""


DRAINED_KINDS: Final = frozenset({IncidentKind.PANEL, IncidentKind.OUTBOX})
"""What waits because of one of these is done when it is over; an open invoice may stay unpaid."""


@dataclass(frozen=True, slots=True)
class IncidentFinding:
    """`subject` is the chain of a chain, of a further panel its name, else the kind's own name.

    `error` None: all is well.
    """

    kind: IncidentKind
    subject: str
    error: str | None


@dataclass(frozen=True, slots=True)
class CheckStreak:
    """Results of one check that were alike, in a row; `error` is the first one's."""

    error: str | None
    since: datetime
    count: int = 1

    @property
    def is_outage(self) -> bool:
        return self.error is not None and self.count >= FAILURES_TO_OPEN

    @property
    def is_recovery(self) -> bool:
        return self.error is None and self.count >= SUCCESSES_TO_CLOSE


@dataclass(frozen=True, slots=True)
class PastIncident:
    id: int
    opened_at: datetime
    closed_at: datetime


def continue_streak(streak: CheckStreak | None, error: str | None, now: datetime) -> CheckStreak:
    if streak is None or (streak.error is None) != (error is None):
        return CheckStreak(error, now)
    return CheckStreak(streak.error, streak.since, streak.count + 1)


def choose_incident_to_reopen(past: Sequence[PastIncident], now: datetime) -> int | None:
    """Of one subject, the newest first. None: a new incident, which is a new message.

    What fails again soon is the same incident, and so is what has made its messages of this hour.
    """
    if not past:
        return None
    newest = past[0]
    this_hour = [one for one in past if one.opened_at > now - _HOUR]
    is_soon = newest.closed_at > now - _REOPENED_WITHIN
    return newest.id if is_soon or len(this_hour) >= _MESSAGES_AN_HOUR else None


def is_edit_due(shown_at: datetime, now: datetime) -> bool:
    return now - shown_at >= _EDIT_PAUSE


def is_settled(kind: IncidentKind, waiting: int, well_since: datetime, now: datetime) -> bool:
    """Whether what waited has been done, or had its time: then the incident can be closed."""
    is_drained = waiting == 0 or kind not in DRAINED_KINDS
    return is_drained or now - well_since >= _SETTLING_TIME
