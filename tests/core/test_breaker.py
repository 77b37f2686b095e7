import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from app.core.breaker import Breaker, BreakerOpenError
from app.core.metrics import REGISTRY
from tests.support.stopped_clock import StoppedClock


class DownError(Exception):
    """The other side failed."""


class RefusedError(Exception):
    """The other side said no, so it lives."""


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def breaker(clock: StoppedClock) -> Breaker:
    return Breaker("test", failures=3, reset_after=timedelta(seconds=60), clock=clock)


def fail(breaker: Breaker, error: type[Exception] = DownError) -> None:
    with pytest.raises(error), breaker.guard(DownError):
        raise error


def open_it(breaker: Breaker) -> None:
    for _ in range(3):
        fail(breaker)


def metric() -> float | None:
    return REGISTRY.get_sample_value("tollgate_breaker_open", {"name": "test"})


def test_opens_after_failures_in_a_row_and_refuses_at_once(breaker: Breaker) -> None:
    open_it(breaker)
    assert breaker.is_open
    assert metric() == 1
    with (
        pytest.raises(BreakerOpenError, match="test is left alone for 60 s"),
        breaker.guard(DownError),
    ):
        pytest.fail("the other side was called")


def test_a_success_or_a_refusal_in_between_starts_the_count_again(breaker: Breaker) -> None:
    for _ in range(5):
        fail(breaker)
        fail(breaker)
        with breaker.guard(DownError):
            pass
        fail(breaker)
        fail(breaker)
        fail(breaker, RefusedError)
    assert not breaker.is_open


def test_what_never_reached_the_other_side_counts_neither_way(breaker: Breaker) -> None:
    for _ in range(2):
        fail(breaker)
        with (
            pytest.raises(RefusedError),
            breaker.guard(DownError, proves_nothing=(RefusedError,)),
        ):
            raise RefusedError
    assert not breaker.is_open
    fail(breaker)
    assert breaker.is_open


async def test_exactly_one_of_many_concurrent_calls_probes(
    breaker: Breaker, clock: StoppedClock
) -> None:
    open_it(breaker)
    clock.seconds += 60
    answered = asyncio.Event()
    tried = 0

    async def call() -> str:
        nonlocal tried
        try:
            with breaker.guard(DownError):
                tried += 1
                await answered.wait()
        except BreakerOpenError:
            return "refused"
        return "answered"

    calls = [asyncio.ensure_future(call()) for _ in range(20)]
    await asyncio.sleep(0)
    assert tried == 1
    answered.set()
    outcomes = await asyncio.gather(*calls)
    assert sorted(outcomes) == ["answered"] + ["refused"] * 19
    assert not breaker.is_open
    assert metric() == 0


def test_a_failing_probe_opens_for_the_whole_time_again(
    breaker: Breaker, clock: StoppedClock
) -> None:
    open_it(breaker)
    clock.seconds += 60
    fail(breaker)
    clock.seconds += 59
    with pytest.raises(BreakerOpenError), breaker.guard(DownError):
        pass
    clock.seconds += 1
    with breaker.guard(DownError):
        pass
    assert not breaker.is_open


def test_a_probe_may_come_early_when_nobody_else_can_be_asked(
    breaker: Breaker, clock: StoppedClock
) -> None:
    open_it(breaker)
    clock.seconds += 20
    assert (breaker.rest_seconds, breaker.failed_in_a_row) == (40, 3)
    with pytest.raises(DownError), breaker.guard(DownError, early=True):
        raise DownError
    assert breaker.rest_seconds == 60
    with breaker.guard(DownError, early=True):
        pass
    assert (breaker.is_open, breaker.rest_seconds, breaker.failed_in_a_row) == (False, 0, 0)


def test_a_refused_probe_is_a_sign_of_life(breaker: Breaker, clock: StoppedClock) -> None:
    open_it(breaker)
    clock.seconds += 60
    fail(breaker, RefusedError)
    assert not breaker.is_open


async def test_a_cancelled_probe_leaves_the_place_to_the_next(
    breaker: Breaker, clock: StoppedClock
) -> None:
    open_it(breaker)
    clock.seconds += 60

    async def hang() -> None:
        with breaker.guard(DownError):
            await asyncio.Event().wait()

    probe = asyncio.ensure_future(hang())
    await asyncio.sleep(0)
    probe.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe
    assert breaker.is_open
    with breaker.guard(DownError):
        pass
    assert not breaker.is_open


def test_a_late_success_from_before_the_opening_does_not_close(breaker: Breaker) -> None:
    with breaker.guard(DownError):
        open_it(breaker)
    assert breaker.is_open


def test_transitions_are_logged_once(breaker: Breaker, clock: StoppedClock) -> None:
    with capture_logs() as logs:
        open_it(breaker)
        for _ in range(3):
            clock.seconds += 60
            fail(breaker)
        clock.seconds += 60
        with breaker.guard(DownError):
            pass
    assert [entry["event"] for entry in logs] == ["breaker_opened", "breaker_closed"]
