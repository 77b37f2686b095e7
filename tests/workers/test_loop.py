import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from itertools import count

import pytest
from structlog.testing import capture_logs
from structlog.types import EventDict

from app.core.metrics import REGISTRY
from app.core.round_counts import AT_REST, MORE_DUE, Counts
from app.core.supervisor import TaskSupervisor
from app.core.wakeups import Wakeups
from app.workers.loop import (
    IterationOutcome,
    Worker,
    WorkerBoard,
    WorkerStatus,
    run_worker,
)
from tests.support.eventually import eventually

LONG = timedelta(hours=1)
GRACE = timedelta(seconds=5)

_numbers = count()


class Rounds:
    """A worker of the test's making, run as in the service."""

    def __init__(self, supervisor: TaskSupervisor) -> None:
        self.wakeups = Wakeups()
        self.board = WorkerBoard()
        self.ending = asyncio.Event()
        self.name = f"worker_{next(_numbers)}"
        self._supervisor = supervisor

    def start(
        self,
        iteration: Callable[[], Awaitable[Counts]],
        *,
        interval: timedelta = LONG,
        timeout: timedelta = LONG,
        rest: timedelta | None = None,
    ) -> None:
        worker = Worker(self.name, interval, iteration, timeout, rest)
        self._supervisor.start(
            self.name, lambda: run_worker(worker, self.wakeups, self.board, self.ending)
        )

    async def until_round(self, number: int) -> None:
        """Wait until so many rounds have ended."""

        async def has_ended() -> bool:
            return sum(self.counted(outcome) or 0 for outcome in IterationOutcome) >= number

        await eventually(has_ended)

    async def ended(self) -> None:
        """Wait until it has returned by itself."""
        await self._supervisor.stop([self.name], GRACE, patience=GRACE)

    async def stop(self) -> None:
        await self._supervisor.stop([self.name], GRACE)

    @property
    def status(self) -> WorkerStatus:
        return self.board.statuses[self.name]

    def counted(self, outcome: IterationOutcome) -> float | None:
        labels = {"worker": self.name, "outcome": outcome}
        return REGISTRY.get_sample_value("tollgate_worker_iterations_total", labels)


@pytest.fixture
async def rounds() -> AsyncIterator[Rounds]:
    supervisor = TaskSupervisor(max_tracked=1)
    yield Rounds(supervisor)
    await supervisor.stop_all(GRACE)


class Script:
    """An iteration that does in its n-th round what the n-th entry says, then nothing."""

    def __init__(self, *entries: Counts | Exception) -> None:
        self.rounds = 0
        self.done = asyncio.Event()
        self._entries = entries

    async def __call__(self) -> Counts:
        self.rounds += 1
        if self.rounds >= len(self._entries):
            self.done.set()
        entry = self._entries[self.rounds - 1] if self.rounds <= len(self._entries) else {}
        if isinstance(entry, Exception):
            raise entry
        return entry


def rounds_in(logs: list[EventDict]) -> list[tuple[str, str | None]]:
    return [(entry["event"], entry.get("outcome")) for entry in logs]


async def test_the_first_round_begins_at_once_and_says_so_at_both_ends(rounds: Rounds) -> None:
    """P6."""
    script = Script({"sent": 2})
    began = time.monotonic()
    with capture_logs() as logs:
        rounds.start(script)
        await rounds.until_round(1)

    assert rounds_in(logs) == [("ITERATION_START", None), ("ITERATION_END", "ok")]
    end = logs[1]
    assert end["counts"] == {"sent": 2}
    assert 0 < end["duration_ms"] <= (time.monotonic() - began) * 1000
    assert end["log_level"] == "info"
    assert rounds.status.outcome is IterationOutcome.OK
    assert rounds.counted(IterationOutcome.OK) == 1
    heartbeat = REGISTRY.get_sample_value(
        "tollgate_worker_last_end_timestamp", {"worker": rounds.name}
    )
    assert rounds.status.last_end_at is not None
    assert heartbeat == rounds.status.last_end_at.timestamp()


@pytest.mark.parametrize(
    ("interval", "level"), [(timedelta(seconds=9), "debug"), (timedelta(seconds=30), "info")]
)
async def test_a_round_without_work_is_news_only_where_rounds_are_seldom(
    rounds: Rounds, interval: timedelta, level: str
) -> None:
    """P6: the outbox's, every few seconds, still say so for those who look closely."""
    script = Script({"sent": 0})
    with capture_logs() as logs:
        rounds.start(script, interval=interval)
        await rounds.until_round(1)

    assert [entry["log_level"] for entry in logs] == [level, level]


async def test_a_round_that_takes_too_long_is_ended(rounds: Rounds) -> None:
    """P6."""

    async def hang() -> Counts:
        await asyncio.Event().wait()
        return {}

    with capture_logs() as logs:
        rounds.start(hang, timeout=timedelta(milliseconds=20))
        await rounds.until_round(1)

    assert rounds_in(logs) == [
        ("ITERATION_START", None),
        ("WORKER_TIMEOUT", None),
        ("ITERATION_END", "timeout"),
    ]
    assert logs[1]["timeout_seconds"] == 0.02
    assert rounds.status.consecutive_failures == 1
    assert rounds.counted(IterationOutcome.TIMEOUT) == 1


async def test_a_time_out_inside_a_round_is_a_failure_of_that_round(rounds: Rounds) -> None:
    """P6: a slow panel is no slow worker."""
    script = Script(TimeoutError("the panel"))
    with capture_logs() as logs:
        rounds.start(script)
        await rounds.until_round(1)

    assert rounds_in(logs)[-1] == ("ITERATION_END", "failed")


async def test_a_failed_round_is_reported_with_its_reason_and_tried_again(rounds: Rounds) -> None:
    """P6: after the back-off and not after the interval of an hour."""
    script = Script(ValueError("poison"), {"sent": 1})
    with capture_logs() as logs:
        rounds.start(script)
        await rounds.until_round(2)

    assert [outcome for _, outcome in rounds_in(logs)] == [None, "failed", None, "ok"]
    failure = logs[1]
    assert isinstance(failure["exc_info"], ValueError)
    assert failure["log_level"] == "error"
    assert rounds.status.consecutive_failures == 0


async def test_wake_ups_do_not_turn_a_failure_into_a_storm(rounds: Rounds) -> None:
    """P6: however often it is woken, a second passes before the next try."""
    begun: list[float] = []

    async def fail() -> Counts:
        begun.append(time.monotonic())
        raise ValueError("poison")

    async def is_tried_again() -> bool:
        rounds.wakeups.wake(rounds.name)
        return len(begun) > 1

    rounds.start(fail)
    await eventually(is_tried_again)

    assert begun[1] - begun[0] >= 1


async def test_failures_in_a_row_are_counted(rounds: Rounds) -> None:
    script = Script(ValueError("first"), ValueError("second"))
    rounds.start(script)
    await rounds.until_round(2)

    assert rounds.status.consecutive_failures == 2


async def test_a_wake_up_ends_the_wait(rounds: Rounds) -> None:
    script = Script({}, {})
    rounds.start(script)
    await rounds.until_round(1)

    rounds.wakeups.wake(rounds.name)
    await script.done.wait()
    assert script.rounds == 2


async def test_a_wake_up_during_a_round_is_not_missed(rounds: Rounds) -> None:
    """P6: what was committed after this round had looked is found by the next."""
    is_in_round, may_end = asyncio.Event(), asyncio.Event()
    script = Script({}, {})

    async def slow_round() -> Counts:
        is_in_round.set()
        await may_end.wait()
        return await script()

    rounds.start(slow_round)
    await is_in_round.wait()
    rounds.wakeups.wake(rounds.name)
    may_end.set()

    await script.done.wait()
    assert script.rounds == 2


async def test_a_round_finds_what_was_committed_before_it_began(rounds: Rounds) -> None:
    """So that it takes no other: what woke the worker in the first round is done in the second."""
    script = Script({MORE_DUE: 1}, {})

    async def work() -> Counts:
        if not script.rounds:
            rounds.wakeups.wake(rounds.name)
        return await script()

    rounds.start(work)
    await rounds.until_round(2)
    rounds.ending.set()
    rounds.wakeups.wake(rounds.name)
    await rounds.ended()

    assert script.rounds == 2


async def test_without_a_wake_up_the_interval_ends_the_wait(rounds: Rounds) -> None:
    script = Script({}, {}, {})
    rounds.start(script, interval=timedelta(milliseconds=10))

    await script.done.wait()
    assert rounds.status.outcome is IterationOutcome.OK


async def test_after_a_round_that_is_at_rest_its_rest_is_the_interval(rounds: Rounds) -> None:
    script = Script({AT_REST: 1}, {AT_REST: 1}, {})
    with capture_logs() as logs:
        rounds.start(script, interval=timedelta(seconds=9), rest=timedelta(milliseconds=10))
        await script.done.wait()
    assert {entry["log_level"] for entry in logs} == {"debug"}  # to rest is no work


async def test_a_rest_is_ended_by_a_wake_up(rounds: Rounds) -> None:
    script = Script({AT_REST: 1}, {})
    rounds.start(script, interval=timedelta(milliseconds=10), rest=LONG)
    await rounds.until_round(1)
    rounds.wakeups.wake(rounds.name)
    await script.done.wait()
    assert rounds.status.outcome is IterationOutcome.OK


async def test_a_round_that_left_work_behind_is_followed_at_once(rounds: Rounds) -> None:
    script = Script(
        {"sent": 100, MORE_DUE: 1}, {"sent": 100, MORE_DUE: 1}, {"sent": 7, MORE_DUE: 0}
    )
    rounds.start(script)
    await rounds.until_round(3)
    rounds.wakeups.wake(rounds.name)
    await rounds.until_round(4)

    assert script.rounds == 4  # the fourth is the wake-up's


async def test_a_worker_with_endless_work_lets_others_run(rounds: Rounds) -> None:
    """P6: this test is one of the others."""
    rounds.start(Script(*[{MORE_DUE: 1}] * 1_000_000))

    await rounds.until_round(2)
    assert rounds.status.outcome is IterationOutcome.OK


async def test_asked_to_end_a_worker_finishes_its_round_and_begins_no_other(rounds: Rounds) -> None:
    """P4, P6: a round that is cut off leaves leases behind, and messages in doubt."""
    is_in_round, may_end = asyncio.Event(), asyncio.Event()

    async def work() -> Counts:
        is_in_round.set()
        await may_end.wait()
        return {MORE_DUE: 1}

    with capture_logs() as logs:
        rounds.start(work)
        await is_in_round.wait()
        rounds.ending.set()
        may_end.set()
        await rounds.ended()

    assert rounds_in(logs) == [("ITERATION_START", None), ("ITERATION_END", "ok")]


async def test_stopping_in_the_middle_of_a_round_ends_it_and_says_so(rounds: Rounds) -> None:
    """P6."""
    is_in_round = asyncio.Event()

    async def hang() -> Counts:
        is_in_round.set()
        await asyncio.Event().wait()
        return {}

    with capture_logs() as logs:
        rounds.start(hang)
        await is_in_round.wait()
        await rounds.stop()

    assert rounds_in(logs) == [("ITERATION_START", None), ("ITERATION_END", "cancelled")]
    assert rounds.status.outcome is IterationOutcome.CANCELLED
    assert rounds.status.consecutive_failures == 0
