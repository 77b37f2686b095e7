"""Gives each worker its loop: every round ends and says so (P6)."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from app.core import clock
from app.core.backoff import backoff_seconds
from app.core.metrics import WORKER_HEARTBEAT, WORKER_ITERATIONS
from app.core.round_counts import AT_REST, MORE_DUE, NEXT_IN_MS, Counts
from app.core.wakeups import Wakeups
from app.db.retry import retry_if_stale

Round = Callable[[], Awaitable[Counts]]

_JITTER = 0.1
# Rounds this far apart are each logged; others, as the outbox's, when they did work.
_SELDOM = timedelta(seconds=30)
_UNWAKEABLE = timedelta(seconds=1)
_ABOUT_NEXT = {NEXT_IN_MS, AT_REST}  # counts that are no work

logger = structlog.get_logger()


class IterationOutcome(StrEnum):
    OK = "ok"
    FAILED = "failed"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Worker:
    """A round claims and does what is due, and returns what it did."""

    name: str
    interval: timedelta
    iteration: Round
    timeout: timedelta = timedelta(seconds=120)
    rest: timedelta | None = None  # the interval after a round that is at rest


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    last_start_at: datetime
    last_end_at: datetime | None = None
    outcome: IterationOutcome | None = None
    consecutive_failures: int = 0
    duration: timedelta | None = None


class WorkerBoard:
    """What each worker did last, for /health."""

    def __init__(self) -> None:
        self._statuses: dict[str, WorkerStatus] = {}

    @property
    def statuses(self) -> Mapping[str, WorkerStatus]:
        return self._statuses

    def start(self, name: str) -> None:
        now = clock.now()
        status = self._statuses.get(name, WorkerStatus(now))
        self._statuses[name] = replace(status, last_start_at=now)

    def end(self, name: str, outcome: IterationOutcome, duration: timedelta) -> None:
        now = clock.now()
        status = self._statuses[name]
        failures = status.consecutive_failures
        if outcome is IterationOutcome.OK:
            failures = 0
        elif outcome is not IterationOutcome.CANCELLED:
            failures += 1
        self._statuses[name] = replace(
            status,
            last_end_at=now,
            outcome=outcome,
            consecutive_failures=failures,
            duration=duration,
        )
        WORKER_ITERATIONS.labels(name, outcome).inc()
        WORKER_HEARTBEAT.labels(name).set(now.timestamp())


async def run_worker(
    worker: Worker, wakeups: Wakeups, board: WorkerBoard, ending: asyncio.Event
) -> None:
    """Rounds until `ending` is set and the worker woken, the first at once.

    The supervisor runs it. A round that is cancelled leaves its claims to their leases, and what it
    had just sent in doubt: so a caller that has the time sets `ending` first.
    """
    while not ending.is_set():
        wakeups.begin_round(worker.name)
        counts = await _iterate(worker, board)
        if ending.is_set():
            return
        failures = board.statuses[worker.name].consecutive_failures
        if failures:
            await _back_off(worker, wakeups, failures)
        elif counts.get(MORE_DUE):
            await asyncio.sleep(0)
        else:
            await wakeups.wait(worker.name, _pause(worker, counts))


async def _back_off(worker: Worker, wakeups: Wakeups, failures: int) -> None:
    # Woken, it tries earlier, but what wakes it with every tap must not make a failure a storm.
    await asyncio.sleep(_UNWAKEABLE.total_seconds())
    await wakeups.wait(worker.name, timedelta(seconds=backoff_seconds(failures)) - _UNWAKEABLE)


def _pause(worker: Worker, counts: Counts) -> timedelta:
    interval = worker.rest if worker.rest and counts.get(AT_REST) else worker.interval
    pause = interval * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - spreads load
    return min(pause, timedelta(milliseconds=counts.get(NEXT_IN_MS, pause.total_seconds() * 1000)))


async def _iterate(worker: Worker, board: WorkerBoard) -> Counts:
    counts: Counts = {}
    error: Exception | None = None
    outcome = IterationOutcome.CANCELLED
    started = time.monotonic()
    with structlog.contextvars.bound_contextvars(worker=worker.name):
        board.start(worker.name)
        write_log = logger.info if worker.interval >= _SELDOM else logger.debug
        write_log("ITERATION_START")
        try:
            async with asyncio.timeout(worker.timeout.total_seconds()) as bound:
                counts = await retry_if_stale(worker.iteration)()
            outcome = IterationOutcome.OK
        except TimeoutError as raised:
            outcome = IterationOutcome.TIMEOUT if bound.expired() else IterationOutcome.FAILED
            error = raised
        except Exception as raised:  # noqa: BLE001 - logged with its traceback in `_log_end`
            outcome = IterationOutcome.FAILED
            error = raised
        finally:
            duration = timedelta(seconds=time.monotonic() - started)
            board.end(worker.name, outcome, duration)
            if error is None and any(counts[name] for name in counts.keys() - _ABOUT_NEXT):
                write_log = logger.info
            if outcome is IterationOutcome.TIMEOUT:
                logger.error("WORKER_TIMEOUT", timeout_seconds=worker.timeout.total_seconds())
            _log_end(write_log, outcome, duration, counts, error)
    return counts


def _log_end(
    write_log: Callable[..., object],
    outcome: IterationOutcome,
    duration: timedelta,
    counts: Counts,
    error: Exception | None,
) -> None:
    # `counts` as one value: a count named "event" or "level" would break the line.
    values = {
        "outcome": outcome.value,
        "duration_ms": round(duration.total_seconds() * 1000, 1),
        "counts": dict(counts),
    }
    if error is not None:
        logger.error("ITERATION_END", **values, exc_info=error)
    else:
        write_log("ITERATION_END", **values)
