import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from app.core.supervisor import TaskSupervisor, TooManyTasksError
from tests.support.eventually import eventually

GRACE = timedelta(seconds=5)


@pytest.fixture
async def supervisor() -> AsyncIterator[TaskSupervisor]:
    supervisor = TaskSupervisor(max_tracked=3)
    yield supervisor
    await supervisor.stop_all(GRACE)


async def test_a_crashed_loop_runs_again_and_its_neighbour_never_stops(
    supervisor: TaskSupervisor,
) -> None:
    """P6."""
    runs, ticks = 0, 0
    restarted = asyncio.Event()

    async def crashes_once() -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise ValueError("poison")
        restarted.set()
        await asyncio.Event().wait()

    async def neighbour() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.01)

    with capture_logs() as logs:
        supervisor.start("neighbour", neighbour)
        supervisor.start("crasher", crashes_once)
        await restarted.wait()
    ticks_at_restart = ticks

    async def ticks_on() -> bool:
        return ticks > ticks_at_restart

    await eventually(ticks_on)
    assert ticks_at_restart > 1
    assert supervisor.is_running("crasher")
    [crash] = [entry for entry in logs if entry["event"] == "task_crashed"]
    assert crash["task"] == "crasher"
    assert crash["exc_info"] is True


async def has_ended(supervisor: TaskSupervisor, name: str) -> bool:
    return not supervisor.is_running(name)


async def test_a_loop_that_returns_has_ended_for_good(supervisor: TaskSupervisor) -> None:
    runs = 0

    async def returns() -> None:
        nonlocal runs
        runs += 1

    supervisor.start("short", returns)
    await eventually(lambda: has_ended(supervisor, "short"))

    assert runs == 1


async def test_without_restart_a_crash_is_logged_and_final(supervisor: TaskSupervisor) -> None:
    async def crashes() -> None:
        raise ValueError("poison")

    with capture_logs() as logs:
        supervisor.start("once", crashes, restart=False)
        await eventually(lambda: has_ended(supervisor, "once"))

    assert [entry["event"] for entry in logs] == ["task_crashed"]


async def test_a_cancellation_that_nobody_asked_for_counts_as_a_crash(
    supervisor: TaskSupervisor,
) -> None:
    """P6: a library that lets its own cancellation out would end a worker in silence."""
    runs = 0
    restarted = asyncio.Event()

    async def leaks_a_cancellation() -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise asyncio.CancelledError
        restarted.set()

    with capture_logs() as logs:
        supervisor.start("leaky", leaks_a_cancellation)
        await restarted.wait()

    assert [entry["event"] for entry in logs] == ["task_crashed"]


async def test_two_loops_of_one_name_cannot_run(supervisor: TaskSupervisor) -> None:
    async def forever() -> None:
        await asyncio.Event().wait()

    supervisor.start("worker", forever)

    with pytest.raises(RuntimeError, match="worker is still running"):
        supervisor.start("worker", forever)


async def test_stopping_some_loops_awaits_their_clean_up_and_leaves_the_others(
    supervisor: TaskSupervisor,
) -> None:
    cleaned_up = False

    async def tidy() -> None:
        nonlocal cleaned_up
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned_up = True

    async def other() -> None:
        await asyncio.Event().wait()

    supervisor.start("tidy", tidy)
    supervisor.start("other", other)
    await asyncio.sleep(0)

    assert await supervisor.stop(["tidy", "never started"], GRACE)
    assert cleaned_up
    assert supervisor.is_running("other")


async def test_a_loop_gets_the_patience_to_end_by_itself(supervisor: TaskSupervisor) -> None:
    """P6: only one that does not use it is cancelled."""
    told, ends = asyncio.Event(), []

    async def obedient() -> None:
        await told.wait()
        ends.append("by itself")

    async def deaf() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ends.append("cancelled")

    supervisor.start("obedient", obedient)
    supervisor.start("deaf", deaf)
    await asyncio.sleep(0)
    told.set()

    assert await supervisor.stop(["obedient", "deaf"], GRACE, patience=timedelta(seconds=0.1))
    assert ends == ["by itself", "cancelled"]


async def test_stopping_names_what_does_not_end_and_waits_no_longer(
    supervisor: TaskSupervisor,
) -> None:
    let_go = asyncio.Event()

    async def stubborn() -> None:
        while not let_go.is_set():
            try:
                await let_go.wait()
            except asyncio.CancelledError:
                continue

    supervisor.start("stubborn", stubborn)
    await asyncio.sleep(0)
    with capture_logs() as logs:
        has_ended = await supervisor.stop_all(timedelta(milliseconds=20))
    let_go.set()

    assert not has_ended
    [entry] = logs
    assert entry["event"] == "task_did_not_end"
    assert entry["task"] == "stubborn"
    assert any("stubborn" in place for place in entry["stands_at"])


async def test_a_tracked_task_gives_its_result_and_is_forgotten(
    supervisor: TaskSupervisor,
) -> None:
    async def answer() -> int:
        return 42

    task = supervisor.track(answer(), name="update")

    assert await task == 42
    assert supervisor.tracked_count == 0


async def test_a_tracked_failure_is_logged_also_when_nobody_awaits_it(
    supervisor: TaskSupervisor,
) -> None:
    async def fails() -> None:
        raise ValueError("poison")

    with capture_logs() as logs:
        supervisor.track(fails(), name="update 7")
        assert await supervisor.settle(GRACE)
        await asyncio.sleep(0)

    [entry] = logs
    assert entry["task"] == "update 7"
    assert isinstance(entry["exc_info"], ValueError)


async def test_no_more_tasks_are_tracked_than_allowed(supervisor: TaskSupervisor) -> None:
    async def forever() -> None:
        await asyncio.Event().wait()

    for _ in range(3):
        supervisor.track(forever(), name="update")

    with pytest.raises(TooManyTasksError):
        supervisor.track(forever(), name="one too many")
    assert supervisor.tracked_count == 3


async def test_settling_waits_for_tracked_tasks_without_cancelling_them(
    supervisor: TaskSupervisor,
) -> None:
    may_end = asyncio.Event()

    async def handler() -> str:
        await may_end.wait()
        return "answered"

    task = supervisor.track(handler(), name="update")
    assert not await supervisor.settle(timedelta(milliseconds=10))
    may_end.set()

    assert await supervisor.settle(GRACE)
    assert task.result() == "answered"
