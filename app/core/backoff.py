"""How long to wait after a failure, the same for everything in this process that tries again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

_MAX_SECONDS = 30.0
_MAX_EXPONENT = 5  # 2⁵ is above the longest wait

_T = TypeVar("_T")


def backoff_seconds(failures: int) -> float:
    """1, 2, 4 … at most 30, for the first, second, third … failure in a row."""
    return min(_MAX_SECONDS, 2.0 ** min(failures - 1, _MAX_EXPONENT))


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
