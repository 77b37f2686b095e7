"""A subscription's states, its dates and when a failed activation is tried again."""

import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from app.core.backoff import backoff_delay


class ActivationStatus(StrEnum):
    """What the panel has, against what the row says it must have."""

    PENDING = "pending"  # the panel must be brought to the row's state
    ACTIVE = "active"
    NEEDS_ATTENTION = "needs_attention"  # operators were notified; slow attempts go on
    REMOVAL_PENDING = "removal_pending"  # ended; the panel must remove it
    REMOVED = "removed"


STATUSES_TO_PROVISION: Final = frozenset(
    {ActivationStatus.PENDING, ActivationStatus.NEEDS_ATTENTION}
)

ENDED_STATUSES: Final = frozenset({ActivationStatus.REMOVAL_PENDING, ActivationStatus.REMOVED})

RUNNING_STATUSES: Final = frozenset(ActivationStatus) - ENDED_STATUSES

GIBIBYTE: Final = 1024**3  # what users call a gigabyte of traffic

# Attempts before the operator is called: a panel that is down usually comes back by itself,
# one that refuses does not.
MAX_ATTEMPTS_UNAVAILABLE: Final = 10
MAX_ATTEMPTS_REFUSED: Final = 3
# From this attempt on the buyer is notified that it takes longer.
NOTIFIED_ATTEMPT: Final = 2
# What usually takes less than a minute is late then.
_LATE_AFTER: Final = timedelta(minutes=2)

_PANEL_NAME: Final = re.compile(r"u([0-9]{1,18})_([0-9]{1,18})")

_FIRST_DELAY: Final = timedelta(seconds=2)
_MAX_DELAY: Final = timedelta(minutes=5)
ATTENTION_RETRY_DELAY: Final = timedelta(minutes=15)


def get_period_start(
    status: ActivationStatus, expires_at: datetime, ends_at: datetime, now: datetime
) -> datetime:
    """When days that are bought now begin: behind what is left; the grace is not given for free."""
    return expires_at if status not in ENDED_STATUSES and now < ends_at else now


def add_limits(one: int, other: int) -> int:
    """Traffic that is added to traffic; 0 means unlimited and stays so."""
    return one + other if one and other else 0


def wider_limit(one: int, other: int) -> int:
    """The more generous of two limits; 0 means unlimited."""
    return max(one, other) if one and other else 0


def get_limit_left(limit: int, used_before: int) -> int:
    """What a new access may use of it, never the 0 that would mean unlimited."""
    return max(limit - used_before, 1) if limit else 0


def get_retry_delay(attempt: int) -> timedelta:
    """2, 4, 8 … seconds, at most 5 minutes; `attempt` counts from 1."""
    return backoff_delay(attempt, _FIRST_DELAY, _MAX_DELAY)


def is_key_late(waited: timedelta) -> bool:
    """Whether it would be untrue to say that a key comes in less than a minute."""
    return waited >= _LATE_AFTER


def build_panel_name(user_id: int, subscription_id: int) -> str:
    """The external name, the same on every panel and for ever."""
    return f"u{user_id}_{subscription_id}"


def parse_panel_name(name: str) -> tuple[int, int] | None:
    """Ids of the user and of the subscription; None for a name that is none of ours."""
    found = _PANEL_NAME.fullmatch(name)
    return (int(found[1]), int(found[2])) if found else None


def is_panel_name_ours(name: str) -> bool:
    """Whether it may be one of ours, also where the panel's names have no case."""
    return _PANEL_NAME.fullmatch(name.lower()) is not None
