"""Measures the process itself, and says so once when something gets out of hand."""

import asyncio
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from app.core.metrics import DISK_FREE, LOOP_LAG, MEMORY, POOL_IN_USE, POOL_SIZE

_LAG_LIMIT_SECONDS = 0.5
_MEMORY_LIMIT_BYTES = 400 * 1024 * 1024
_POOL_LIMIT = 0.8  # of its size

_SAMPLE_SECONDS = 5.0
_PROBES = 20  # a block is seen as long as it is, less one probe's 0.25 s

_STATM = Path("/proc/self/statm")
_PAGE_BYTES = resource.getpagesize()
_MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024

logger = structlog.get_logger()


class GaugeSampler:
    """`pool_use` gives (connections in use, connections allowed)."""

    def __init__(self, pool_use: Callable[[], tuple[int, int]]) -> None:
        self._pool_use = pool_use
        self._above: set[str] = set()

    async def run(self) -> None:
        """Sample for ever; the supervisor runs it."""
        while True:
            self.record(await _longest_lag(), read_memory_bytes(), *self._pool_use())
            DISK_FREE.set(read_free_disk_bytes())

    def record(self, lag_seconds: float, memory_bytes: int, in_use: int, size: int) -> None:
        LOOP_LAG.set(lag_seconds)
        MEMORY.set(memory_bytes)
        POOL_IN_USE.set(in_use)
        POOL_SIZE.set(size)
        self._compare("loop_lag_seconds", lag_seconds, _LAG_LIMIT_SECONDS)
        self._compare("memory_bytes", memory_bytes, _MEMORY_LIMIT_BYTES)
        self._compare("pool_in_use", in_use, size * _POOL_LIMIT)

    def _compare(self, gauge: str, value: float, limit: float) -> None:
        if value > limit and gauge not in self._above:
            self._above.add(gauge)
            logger.warning("above_limit", gauge=gauge, value=round(value, 3), limit=limit)
        elif value <= limit and gauge in self._above:
            self._above.remove(gauge)
            logger.info("below_limit_again", gauge=gauge, value=round(value, 3), limit=limit)


async def _longest_lag() -> float:
    probe_seconds = _SAMPLE_SECONDS / _PROBES
    longest = 0.0
    for _ in range(_PROBES):
        started = time.monotonic()
        await asyncio.sleep(probe_seconds)
        longest = max(longest, time.monotonic() - started - probe_seconds)
    return longest


def read_free_disk_bytes() -> int:
    """Where exports and charts pass through: the temporary folder."""
    return shutil.disk_usage(tempfile.gettempdir()).free


def read_memory_bytes() -> int:
    """Resident memory now; where /proc is missing, the highest so far."""
    try:
        return int(_STATM.read_text().split()[1]) * _PAGE_BYTES
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_BYTES
