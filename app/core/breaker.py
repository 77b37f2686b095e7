"""A circuit breaker of our own: the libraries tried let every waiting call through when half-open.

Pure state, no I/O, one event loop. Use it around anything outside (Telegram, Redis, a panel):

    breaker = Breaker("panel")
    with breaker.guard(UnavailableError):  # the exceptions that count as failures
        answer = await client.get(...)
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog

from app.core.metrics import BREAKER_OPEN

logger = structlog.get_logger()

_NOTHING: tuple[type[Exception], ...] = ()


class BreakerOpenError(Exception):
    """Not even tried: the other side failed again and again a moment ago."""


class Breaker:
    """Closed → open after `failures` in a row → half-open with exactly one probe → closed."""

    def __init__(
        self,
        name: str,
        failures: int = 5,
        reset_after: timedelta = timedelta(seconds=60),
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._limit = failures
        self._reset_after_seconds = reset_after.total_seconds()
        self._clock = clock
        self._failed_in_a_row = 0
        self._opened_at: float | None = None
        self._probing = False
        BREAKER_OPEN.labels(name).set(0)

    @property
    def is_open(self) -> bool:
        """True also while half-open: until a probe has succeeded."""
        return self._opened_at is not None

    @property
    def failed_in_a_row(self) -> int:
        return self._failed_in_a_row

    @property
    def rest_seconds(self) -> float:
        """Until it lets a probe through; 0 while closed and half-open."""
        if self._opened_at is None:
            return 0.0
        return max(0.0, self._opened_at + self._reset_after_seconds - self._clock())

    @contextmanager
    def guard(
        self,
        *failures: type[Exception],
        proves_nothing: tuple[type[Exception], ...] = _NOTHING,
        early: bool = False,
    ) -> Iterator[None]:
        """Raises BreakerOpenError at once while open.

        `failures` count. `proves_nothing` (never reached the other side) counts neither way, as a
        cancellation does. Every other exception is an answer and so a sign of life. `early` lets
        the probe through before its time, where there is nobody else to ask.
        """
        probing = self._enter(early=early)
        try:
            yield
        except failures:
            self._fail(probing=probing)
            raise
        except proves_nothing:
            raise
        except Exception:
            self._succeed(probing=probing)
            raise
        else:
            self._succeed(probing=probing)
        finally:
            if probing:
                self._probing = False

    def _enter(self, *, early: bool) -> bool:
        """Whether this call is the probe."""
        if self._opened_at is None:
            return False
        if self.rest_seconds > 0 and not early:
            raise BreakerOpenError(f"{self.name} is left alone for {self.rest_seconds:.0f} s")
        if self._probing:
            raise BreakerOpenError(f"{self.name} is being probed")
        self._probing = True
        return True

    def _fail(self, *, probing: bool) -> None:
        if probing:
            self._opened_at = self._clock()
        elif self._opened_at is None:
            self._failed_in_a_row += 1
            if self._failed_in_a_row >= self._limit:
                self._open()

    def _succeed(self, *, probing: bool) -> None:
        # A call from before the opening proves nothing about now: only the probe closes.
        if probing:
            self._close()
        elif self._opened_at is None:
            self._failed_in_a_row = 0

    def _open(self) -> None:
        self._opened_at = self._clock()
        BREAKER_OPEN.labels(self.name).set(1)
        logger.warning("breaker_opened", breaker=self.name, failures=self._failed_in_a_row)

    def _close(self) -> None:
        self._opened_at = None
        self._failed_in_a_row = 0
        BREAKER_OPEN.labels(self.name).set(0)
        logger.info("breaker_closed", breaker=self.name)
