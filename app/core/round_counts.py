"""What a round of a worker says of itself: how much it did, and when the next is due."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from app.core import clock

Counts = Mapping[str, int]

MORE_DUE: Final = "more"
"""A round whose counts hold this, not zero, left due work behind: the next follows at once."""

NEXT_IN_MS: Final = "next_in_ms"
"""The next work is due in so many milliseconds: the wait is no longer, though the interval is."""

AT_REST: Final = "at_rest"
"""A round whose counts hold this, not zero, found nothing to follow: the next can come later."""

MIN_PAUSE: Final = timedelta(milliseconds=50)
"""What is due within it goes together."""


def count_down_to(due_at: datetime | None) -> dict[str, int]:
    """Until what is due next; nothing where there is none."""
    return count_down(None if due_at is None else due_at - clock.now())


def count_down(wait: timedelta | None) -> dict[str, int]:
    if wait is None:
        return {}
    return {NEXT_IN_MS: max(wait, MIN_PAUSE) // timedelta(milliseconds=1)}
