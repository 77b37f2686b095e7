"""The end of an instance by one clock: each step is over at its share of SHUTDOWN_GRACE_SECONDS.

The order is what keeps an answer with every update: handlers end, or are cancelled, and their
updates are answered before the server gives up the requests that are left.
"""

import time
from datetime import timedelta
from typing import Final

HANDLERS_END: Final = 0.4  # by themselves; then they are cancelled
UPDATES_ANSWERED: Final = 0.5
SERVER_ENDS: Final = 0.6  # uvicorn cancels what is still asked
WORKERS_END: Final = 0.6  # and the lock is handed over
TASKS_END: Final = 0.7
POOLS_CLOSED: Final = 0.8  # the rest is the interpreter's


class ShutdownClock:
    def __init__(self, grace_seconds: float) -> None:
        self._grace = timedelta(seconds=grace_seconds)
        self._began_at: float | None = None

    def begin(self) -> None:
        """At the end signal, or when the server ends by itself; the first time counts."""
        if self._began_at is None:
            self._began_at = time.monotonic()

    def until(self, share: float) -> timedelta:
        """What is left of the time for a step, never less than nothing."""
        began_at = self._began_at if self._began_at is not None else time.monotonic()
        passed = timedelta(seconds=time.monotonic() - began_at)
        return max(self._grace * share - passed, timedelta())
