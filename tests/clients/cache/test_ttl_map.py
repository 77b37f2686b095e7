"""What stands in for Redis in this process must not grow for ever."""

from datetime import timedelta

from app.clients.cache.memory import TtlMap
from tests.support.stopped_clock import StoppedClock

SECOND = timedelta(seconds=1)


def test_an_entry_runs_out(clock: StoppedClock) -> None:
    entries: TtlMap[str, int] = TtlMap(10, clock=clock)
    entries.set("a", 1, SECOND)
    assert entries.get("a") == 1
    clock.seconds += 1

    assert entries.get("a") is None


def test_setting_again_begins_a_new_life(clock: StoppedClock) -> None:
    entries: TtlMap[str, int] = TtlMap(10, clock=clock)
    entries.set("a", 1, SECOND)
    clock.seconds += 0.9
    entries.set("a", 2, SECOND)
    clock.seconds += 0.9

    assert entries.get("a") == 2


def test_beyond_the_limit_the_oldest_goes(clock: StoppedClock) -> None:
    """P12: whatever comes in, memory is bounded."""
    entries: TtlMap[int, int] = TtlMap(100, clock=clock)
    for number in range(1_000):
        entries.set(number, number, SECOND)

    assert len(entries) == 100
    assert entries.get(899) is None
    assert entries.get(900) == 900


def test_what_ran_out_is_dropped_without_being_asked_for(clock: StoppedClock) -> None:
    entries: TtlMap[int, int] = TtlMap(100, clock=clock)
    for number in range(50):
        entries.set(number, number, SECOND)
    clock.seconds += 2
    entries.set(50, 50, SECOND)

    assert len(entries) == 1
