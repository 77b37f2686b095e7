"""Waits for what another process does and tells nobody."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

_PATIENCE_SECONDS = 30
_POLL_SECONDS = 0.01

T = TypeVar("T")


async def eventually(condition: Callable[[], Awaitable[T | None]]) -> T:
    """The first true value of `condition`. Raises TimeoutError after half a minute."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while not (value := await condition()):  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(_POLL_SECONDS)
    return value
