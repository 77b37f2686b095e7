"""How fast a broadcast goes, and how long it will take."""

from datetime import timedelta

import pytest

from app.domain.broadcasts import BroadcastProgress, Pace

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("ended", "over", "per_minute", "left"),
    [
        (50, 5 * SECOND, 600, 10 * SECOND),
        (87, 5 * SECOND, 1044, timedelta(seconds=5.747126)),
        (1, 60 * MINUTE, 0, 100 * 60 * MINUTE),
        (0, 5 * SECOND, 0, None),
        (0, 0 * SECOND, 0, None),
    ],
)
def test_a_pace_says_how_long_a_hundred_take(
    ended: int, over: timedelta, per_minute: int, left: timedelta | None
) -> None:
    pace = Pace(ended, over)
    assert (pace.per_minute, pace.get_time_left(100)) == (per_minute, left)


def test_who_was_erased_in_between_does_not_wait() -> None:
    assert BroadcastProgress(10, 3, 2, 1, 1, 1).waiting == 2
    assert BroadcastProgress(1, 2, 0, 0, 0, 0).waiting == 0
