"""Waits that end at their deadlines, or all at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Waits:
    def __init__(self) -> None:
        self._open: set[asyncio.Timeout] = set()

    @asynccontextmanager
    async def until(self, deadline: float) -> AsyncIterator[None]:
        """Raises TimeoutError at the loop's time `deadline`, or when `end_all` comes first."""
        async with asyncio.timeout_at(deadline) as wait:
            self._open.add(wait)
            try:
                yield
            finally:
                self._open.discard(wait)

    def end_all(self) -> None:
        now = asyncio.get_running_loop().time()
        for wait in self._open:
            if not wait.expired():
                wait.reschedule(now)
