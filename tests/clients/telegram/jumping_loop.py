"""A loop whose clock jumps over every wait, so that minutes of limiting take no time."""

import asyncio
from collections import deque
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class JumpingLoop(asyncio.SelectorEventLoop):
    """Whenever nothing is left to do now, it is at once the instant of the next timer."""

    # asyncio's own, which typeshed leaves out.
    _ready: deque[asyncio.Handle]
    _scheduled: list[asyncio.TimerHandle]

    def __init__(self) -> None:
        self._instant = 1000.0
        super().__init__()

    def time(self) -> float:
        return self._instant

    def _run_once(self) -> None:
        if not self._ready:
            timers = [handle.when() for handle in self._scheduled if not handle.cancelled()]
            self._instant = max(self._instant, min(timers, default=self._instant))
        super()._run_once()  # type: ignore[misc]  # asyncio's own too


def run(main: Coroutine[Any, Any, T]) -> T:
    """Begins at the instant 1000."""
    loop = JumpingLoop()
    try:
        return loop.run_until_complete(main)
    finally:
        loop.close()
