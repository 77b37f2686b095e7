"""Seconds that a promise is held to on a machine that does much besides."""

import time
from pathlib import Path

_PRESSURE = Path("/proc/pressure/cpu")  # Linux; elsewhere nothing is taken off
_MOST_SECONDS = 12  # more than this no load explains: leases and statements take 30 s and longer


class Stopwatch:
    def __init__(self) -> None:
        self._began = time.monotonic()
        self._waited_before = _seconds_without_a_core()

    @property
    def starved(self) -> float:
        """Seconds since the beginning in which somebody stood in line for a core, 12 at most."""
        return min(_seconds_without_a_core() - self._waited_before, _MOST_SECONDS)

    @property
    def seconds(self) -> float:
        """Since the beginning, without those."""
        return time.monotonic() - self._began - self.starved


def _seconds_without_a_core() -> float:
    """Of the whole machine, counted by the kernel: https://docs.kernel.org/accounting/psi.html."""
    if not _PRESSURE.exists():
        return 0
    some, _, _ = _PRESSURE.read_text().partition("\n")
    return int(some.rpartition("total=")[2]) / 1_000_000
