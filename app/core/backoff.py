"""How long to wait after failures in a row: one formula for everything that tries again."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

_FIRST = timedelta(seconds=1)
_LONGEST = timedelta(seconds=30)
_MAX_DOUBLINGS = 20  # longer than anybody waits

_T = TypeVar("_T")


def backoff_delay(failures: int, first: timedelta, longest: timedelta) -> timedelta:
    """`first` after the first failure, twice as long after each further one, at most `longest`."""
    return min(first * (1 << min(failures - 1, _MAX_DOUBLINGS)), longest)


def backoff_seconds(failures: int) -> float:
    """1, 2, 4 … at most 30: of what this process repeats by itself."""
    return backoff_delay(failures, _FIRST, _LONGEST).total_seconds()


async def retry_until_done(
    attempt: Callable[[], Awaitable[_T]], on_failure: Callable[[Exception, float], None]
) -> _T:
    """For ever, with that wait between. `on_failure` gets the error and the seconds until then."""
    failures = 0
    while True:
        try:
            return await attempt()
        except Exception as error:  # noqa: BLE001 - what the outside raises is no list of ours
            failures += 1
            on_failure(error, backoff_seconds(failures))
        await asyncio.sleep(backoff_seconds(failures))
