"""Ends a worker's wait early, because the wait is long and the work may be there now."""

import asyncio
from collections import defaultdict
from datetime import timedelta


class Wakeups:
    """Events by worker's name, set by commits in this process and by NOTIFY from others."""

    def __init__(self) -> None:
        self._events: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def wake(self, name: str) -> None:
        """From the event loop only. Kept until the next `wait`, so that none is missed."""
        self._events[name].set()

    def begin_round(self, name: str) -> None:
        """What woke the worker until now was committed: the round that begins finds it."""
        self._events[name].clear()

    def wake_all(self) -> None:
        for event in self._events.values():
            event.set()

    async def wait(self, name: str, timeout: timedelta) -> bool:  # noqa: ASYNC109 - no failure
        """True when woken, False when the time is over."""
        event = self._events[name]
        try:
            async with asyncio.timeout(timeout.total_seconds()):
                await event.wait()
        except TimeoutError:
            return False
        event.clear()
        return True
