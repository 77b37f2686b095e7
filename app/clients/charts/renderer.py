"""Charts by a process each, so that the service neither loads what draws nor waits for it.

Decision 59.
"""

import asyncio
import json
import os
import sys
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import structlog

from app.domain.charts import Drawing
from app.domain.ports import RetryLaterError, UnavailableError

log = structlog.get_logger()

_PROGRAM: Final = Path(__file__).with_name("drawing.py")
_RETRY_AFTER: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class RenderLimits:
    """One picture takes half a second and 190 MB of addresses, 75 of them in memory."""

    patience: timedelta = timedelta(seconds=10)  # the wait for a free place included
    memory_bytes: int = 512 * 1024**2
    cpu_seconds: int = 10
    at_once: int = 1
    waiting: int = 4


class ProcessChartRenderer:
    """A ChartRenderer. `program` is what a process runs."""

    def __init__(self, limits: RenderLimits | None = None, program: Path = _PROGRAM) -> None:
        self._limits = limits or RenderLimits()
        self._program = program
        self._places = asyncio.Semaphore(self._limits.at_once)
        self._pending = 0
        # What matplotlib knows of fonts: half a second to find out.
        self._cache = TemporaryDirectory(prefix="tollgate-charts-", ignore_cleanup_errors=True)

    async def render(self, drawing: Drawing) -> bytes:
        limits = self._limits
        if self._pending >= limits.at_once + limits.waiting:
            raise RetryLaterError(_RETRY_AFTER)
        self._pending += 1
        try:
            async with asyncio.timeout(limits.patience.total_seconds()), self._places:
                return await self._run(json.dumps(asdict(drawing)).encode())
        except TimeoutError as error:
            raise UnavailableError("no chart within its time") from error
        finally:
            self._pending -= 1

    async def aclose(self) -> None:
        self._cache.cleanup()

    async def _run(self, drawing: bytes) -> bytes:
        """Ends the process whatever happens."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            str(self._program),
            str(self._limits.memory_bytes),
            str(self._limits.cpu_seconds),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._environment(),
        )
        try:
            image, errors = await process.communicate(drawing)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            log.warning("chart_failed", code=process.returncode, last_line=_last_line(errors))
            raise UnavailableError(f"the chart's process ended with {process.returncode}")
        return image

    def _environment(self) -> dict[str, str]:
        """None of the service's secrets; one thread."""
        return {
            "PATH": os.defpath,
            "MPLBACKEND": "agg",
            "MPLCONFIGDIR": self._cache.name,
            "OPENBLAS_NUM_THREADS": "1",
        }


def _last_line(errors: bytes) -> str:
    lines = errors.decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else ""
