"""What a round of a worker says of itself: how much it did, and when the next is due."""

from collections.abc import Mapping
from typing import Final

Counts = Mapping[str, int]

MORE_DUE: Final = "more"
"""A round whose counts hold this, not zero, left due work behind: the next follows at once."""

NEXT_IN_MS: Final = "next_in_ms"
"""The next work is due in so many milliseconds: the wait is no longer, though the interval is."""

AT_REST: Final = "at_rest"
"""A round whose counts hold this, not zero, found nothing to follow: the next can come later."""
