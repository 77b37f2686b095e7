"""A subscription's states, its dates and when a failed activation is tried again."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class ActivationStatus(StrEnum):
    """What the panel has, against what the row says it must have."""

    PENDING = "pending"  # the panel must be brought to the row's state
    ACTIVE = "active"
    NEEDS_ATTENTION = "needs_attention"  # the operator was told; slow attempts go on
    REMOVAL_PENDING = "removal_pending"  # ended; the panel must forget it
    REMOVED = "removed"


TO_PROVISION: Final = frozenset({ActivationStatus.PENDING, ActivationStatus.NEEDS_ATTENTION})

# Attempts before the operator is called: a panel that is down usually comes back by itself,
# one that refuses does not.
ATTEMPTS_UNAVAILABLE: Final = 10
ATTEMPTS_REFUSED: Final = 3
# From this attempt on the buyer hears that it takes longer.
ATTEMPT_TOLD: Final = 2

_FIRST_DELAY: Final = timedelta(seconds=2)
_LONGEST_DELAY: Final = timedelta(minutes=5)
SLOW_DELAY: Final = timedelta(minutes=15)


def extend(expires_at: datetime | None, days: int, now: datetime) -> datetime:
    """Buying again adds to what is left."""
    return max(expires_at or now, now) + timedelta(days=days)


def retry_delay(attempt: int) -> timedelta:
    """2, 4, 8 … seconds, at most 5 minutes; `attempt` counts from 1."""
    return min(_FIRST_DELAY * (1 << min(attempt - 1, 10)), _LONGEST_DELAY)


def panel_name(user_id: int, subscription_id: int) -> str:
    """The external name, the same on every panel and for ever."""
    return f"u{user_id}_{subscription_id}"
