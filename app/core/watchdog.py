"""Ends a process whose event loop is blocked: a blocked loop cannot watch itself."""

import asyncio
import faulthandler
import os
import sys
import threading
from collections.abc import Callable
from functools import partial

import structlog

_BEATS_PER_LIMIT = 8
_LOG_SECONDS = 5.0
_GIL_FACTOR = 2

logger = structlog.get_logger()


def exit_process(cause: str) -> None:
    """Dump every thread's stack to stderr, say so in the log, and exit with 1."""
    # The loop may be blocked by the very pipe that the log goes to: exit all the same.
    last_resort = threading.Timer(_LOG_SECONDS, os._exit, [1])
    last_resort.daemon = True
    last_resort.start()
    faulthandler.dump_traceback(all_threads=True)
    logger.critical("WATCHDOG_GRACE_END", cause=cause, action="exit")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1)


_end_blocked_process = partial(exit_process, "event_loop_blocked")


class Watchdog:
    """A thread that calls `on_stale` when the loop has not run `beat` for the limit.

    Counted in the thread's own rounds, so that a process that the machine gave no time to is not
    taken for a blocked one. What blocks the loop and keeps the interpreter to itself as well (a
    regular expression gone wild) stops this thread too: faulthandler's timer needs no interpreter,
    and dumps the stacks and exits where the thread has had no round for twice the limit.
    """

    def __init__(
        self,
        limit_seconds: float,
        on_stale: Callable[[], None] = _end_blocked_process,
    ) -> None:
        self._limit_seconds = limit_seconds
        self._round_seconds = limit_seconds / _BEATS_PER_LIMIT
        self._on_stale = on_stale
        self._beaten = False
        self._missed_rounds = 0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        self._put_off_last_resort()
        self._thread.start()

    def stop(self) -> None:
        """End the thread; from then on nothing ends the process."""
        self._stopped.set()
        self._thread.join()
        faulthandler.cancel_dump_traceback_later()

    async def beat(self) -> None:
        """Say for ever that the loop turns; the supervisor runs it."""
        while True:
            self.stamp()
            await asyncio.sleep(self._round_seconds)

    def stamp(self) -> None:
        self._beaten = True

    def check(self) -> None:
        """One round of the thread."""
        self._missed_rounds = 0 if self._beaten else self._missed_rounds + 1
        self._beaten = False
        if self._missed_rounds >= _BEATS_PER_LIMIT:
            self._missed_rounds = 0
            self._on_stale()

    def _watch(self) -> None:
        while not self._stopped.wait(self._round_seconds):
            self._put_off_last_resort()
            self.check()

    def _put_off_last_resort(self) -> None:
        faulthandler.dump_traceback_later(self._limit_seconds * _GIL_FACTOR, exit=True)
