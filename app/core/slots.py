"""Handlers' slots: held while they work here, given back while they wait for the outside (P8).

A wait for one's own limit, or for a slow peer, must not hold what everybody else needs.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar


class Slot:
    """One handler's part of a semaphore."""

    def __init__(self, slots: asyncio.Semaphore) -> None:
        self._slots = slots
        self._is_held = False
        self._is_over = False
        self._waits_outside = 0  # of the handler and of what it has started

    async def take(self) -> None:
        """In the order of asking."""
        await self._slots.acquire()
        if self._is_held or self._is_over:
            self._slots.release()
        else:
            self._is_held = True

    def end(self) -> None:
        self._is_over = True
        self._give_back()

    def hold(self) -> None:
        """From now on the waits of the running task are this slot's."""
        _current.set(self)

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[None]:
        """Others may have it inside; when cancelled there, one does not wait to have it again."""
        self._waits_outside += 1
        self._give_back()
        try:
            yield
        except asyncio.CancelledError:
            self._waits_outside -= 1
            raise
        except BaseException:
            await self._come_back()
            raise
        await self._come_back()

    async def _come_back(self) -> None:
        self._waits_outside -= 1
        if not self._waits_outside and not self._is_over:
            await self.take()

    def _give_back(self) -> None:
        if self._is_held:
            self._is_held = False
            self._slots.release()


# Not a parameter: every handler, service and port between a slot and the calls would carry it,
# and aiogram's calls could not. A task started by a handler has its handler's.
_current: ContextVar[Slot | None] = ContextVar("slot", default=None)


@asynccontextmanager
async def lend_slot() -> AsyncIterator[None]:
    """Around every call outside; without a slot to lend it is just made."""
    slot = _current.get()
    if slot is None:
        yield
        return
    async with slot.lend():
        yield
