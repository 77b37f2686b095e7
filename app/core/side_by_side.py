"""Several calls at once, each of which comes to its end whatever becomes of the others."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import TypeVar

_T = TypeVar("_T")


async def run_side_by_side(calls: Iterable[Awaitable[_T]]) -> list[_T]:
    """Raises the first error once all have ended: a round with a bug in it counts as failed."""
    results = await asyncio.gather(*calls, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]
