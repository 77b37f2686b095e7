import subprocess
import sys
from pathlib import Path

import pytest

from app.core.watchdog import Watchdog

ROOT = Path(__file__).parents[2]

# A service in small: the watchdog, its beat under the supervisor, and what the test puts in.
PROGRAM = """
import asyncio, re, time
from app.core.supervisor import TaskSupervisor
from app.core.watchdog import Watchdog

def block_the_loop():
    time.sleep(60)

def keep_the_interpreter_busy():
    re.match("(a+)+$", "a" * 60 + "b")

async def serve():
    watchdog = Watchdog({limit_seconds})
    TaskSupervisor(max_tracked=1).start("watchdog", watchdog.beat)
    watchdog.start()
    await asyncio.sleep(0.1)
    {body}
    watchdog.stop()

asyncio.run(serve())
"""


def run(body: str, *, limit_seconds: float) -> subprocess.CompletedProcess[str]:
    program = PROGRAM.format(body=body, limit_seconds=limit_seconds)
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
    )


def test_a_blocked_loop_ends_the_process_with_its_stacks() -> None:
    """P6: the platform starts a new one, and the log says where the old one stood."""
    ended = run("block_the_loop()", limit_seconds=1)

    assert ended.returncode == 1
    assert "in block_the_loop" in ended.stderr
    assert "WATCHDOG_GRACE_END" in ended.stdout
    assert "event_loop_blocked" in ended.stdout


def test_what_keeps_even_the_interpreter_from_other_threads_ends_the_process_too() -> None:
    """P6: a regular expression gone wild stops every Python thread, the watchdog's included."""
    ended = run("keep_the_interpreter_busy()", limit_seconds=1)

    assert ended.returncode == 1
    assert "in keep_the_interpreter_busy" in ended.stderr


def test_a_blocked_loop_is_the_threads_to_end_however_late_it_comes_to_it() -> None:
    """P6: the last resort says less in the log, and is for an interpreter that nobody gets."""
    ended = run(
        "watchdog._on_stale = lambda: print('stale', flush=True); time.sleep(3)", limit_seconds=1
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert "stale" in ended.stdout


def test_a_quiet_loop_outlives_the_limit_many_times() -> None:
    """P6: nothing to do is no hang."""
    ended = run("await asyncio.sleep(5)", limit_seconds=1)

    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.fixture
def alarms() -> list[str]:
    return []


@pytest.fixture
def watchdog(alarms: list[str]) -> Watchdog:
    return Watchdog(60, on_stale=lambda: alarms.append("stale"))


def test_three_quiet_hours_of_a_turning_loop_end_nothing(
    watchdog: Watchdog, alarms: list[str]
) -> None:
    """P6: three hours in rounds of 7.5 s, without a piece of work."""
    for _ in range(3 * 3600 * 8 // 60):
        watchdog.stamp()
        watchdog.check()

    assert alarms == []


def test_rounds_without_a_beat_are_an_alarm_only_at_the_limit(
    watchdog: Watchdog, alarms: list[str]
) -> None:
    watchdog.stamp()
    watchdog.check()
    for _ in range(7):
        watchdog.check()
    assert alarms == []

    watchdog.check()
    assert alarms == ["stale"]
