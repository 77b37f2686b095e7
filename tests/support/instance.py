"""The service as a process that tests start, kill, end and start again."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import httpx
import psutil

from sandbox.processes import launcher
from tests.support.eventually import eventually
from tests.support.shop import ROOT, free_url


class Process(Protocol):
    @property
    def pid(self) -> int: ...

    def is_running(self) -> bool: ...

    def send(self, number: signal.Signals) -> None: ...

    async def wait_ended(self, seconds: float) -> int:
        """The exit code."""


class Program:
    """Python with these words, `main.py serve` by default; it dies with the test run."""

    def __init__(self, env: Mapping[str, str], log: Path, *words: str, folder: Path = ROOT) -> None:
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [
                    *launcher(drop_root=False, death_signal=signal.SIGKILL),
                    sys.executable,
                    *(words or ("main.py", "serve")),
                ],
                cwd=folder,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def is_running(self) -> bool:
        return self._process.poll() is None

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def wait_ended(self, seconds: float) -> int:
        """Not in the loop: the world lives in it, and the process may need the world to end."""
        return await asyncio.to_thread(self._process.wait, seconds)


Launch = Callable[[Mapping[str, str], Path], Process]


class Instance:
    def __init__(
        self,
        name: str,
        values: Mapping[str, str],
        folder: Path,
        http: httpx.AsyncClient,
        launch: Launch = Program,
    ) -> None:
        self.name = name
        self.url = free_url()
        self.log = folder / f"{name}.log"
        self._values = {**_inherited(), **values, "PORT": self.url.rpartition(":")[2]}
        self._http = http
        self._launch = launch
        self._process: Process | None = None

    @property
    def memory_bytes(self) -> int:
        """What it holds now, the pages shared with the process it was forked from included."""
        return int(psutil.Process(self._require().pid).memory_info().rss)

    def list_children(self) -> list[psutil.Process]:
        """Processes that it has started and that still run."""
        return list(psutil.Process(self._require().pid).children())

    def start(self, **variables: str) -> None:
        self._process = self._launch({**self._values, **variables}, self.log)

    def is_running(self) -> bool:
        return self._process is not None and self._process.is_running()

    def send(self, number: signal.Signals) -> None:
        self._require().send(number)

    async def wait_ended(self, seconds: float = 60) -> int:
        return await self._require().wait_ended(seconds)

    async def kill(self) -> None:
        """SIGKILL: nothing of its own runs any more."""
        if self.is_running():
            self.send(signal.SIGKILL)
            await self.wait_ended()

    async def health(self) -> tuple[int, dict[str, Any]]:
        """Status and body; status 0 and role "gone" while nobody answers there."""
        try:
            answer = await self._http.get(f"{self.url}/health")
        except httpx.HTTPError:
            return 0, {"role": "gone", "workers": {}}
        return answer.status_code, answer.json()

    async def wait_role(self, role: str) -> None:
        async def has_role() -> bool:
            if not self.is_running():
                raise AssertionError(f"{self.name} ended: {self.log.read_text()[-3000:]}")
            return bool((await self.health())[1]["role"] == role)

        await eventually(has_role)

    async def wait_healthy(self) -> dict[str, Any]:
        """What /health then says: a check that found no core in time says otherwise before."""

        async def healthy() -> dict[str, Any] | None:
            status, report = await self.health()
            return report if (status, report.get("status")) == (200, "ok") else None

        return await eventually(healthy)

    async def wait_logged(self, event: str) -> None:
        async def is_logged() -> bool:
            return bool(self.logged(event))

        await eventually(is_logged)

    def logged(self, event: str) -> list[dict[str, Any]]:
        """The log's lines with that event."""
        lines = [json.loads(line) for line in self._lines() if line.startswith("{")]
        return [line for line in lines if line.get("event") == event]

    def expect_no_crash(self) -> None:
        """Nothing but log lines, none of them with a traceback."""
        crashes = [
            line for line in self._lines() if not line.startswith("{") or "Traceback" in line
        ]
        assert crashes == []

    def _lines(self) -> list[str]:
        """Without the last one while it is being written."""
        text = self.log.read_text() if self.log.exists() else ""
        return text[: text.rfind("\n") + 1].splitlines()

    def _require(self) -> Process:
        if self._process is None:
            raise RuntimeError("not started")
        return self._process


@asynccontextmanager
async def ended_after(*instances: Instance) -> AsyncIterator[None]:
    """Whatever happens in the block, none of them is left behind."""
    try:
        yield
    finally:
        for instance in instances:
            await instance.kill()


def _inherited() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if name == "PATH" or name.startswith("COVERAGE_")
    }
