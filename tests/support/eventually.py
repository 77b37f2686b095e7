"""Waits for what another process does without saying so."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

PATIENCE_SECONDS = 60
"""How long a test waits for what must happen, on a machine that does much besides."""

# Asking takes from what is waited for: a tenth longer than needed is waited, and asked seldom.
_POLL_SECONDS = (0.01, 0.2)
_POLL_SHARE = 0.1

T = TypeVar("T")


async def eventually(condition: Callable[[], Awaitable[T | None]]) -> T:
    """The first true value of `condition`. Raises TimeoutError after a minute."""
    began = time.monotonic()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (value := await condition()):
            least, most = _POLL_SECONDS
            waited = time.monotonic() - began
            await asyncio.sleep(min(max(least, waited * _POLL_SHARE), most))
    return value
