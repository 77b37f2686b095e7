"""The real service beside the world: a process that knows the sandbox by its environment alone."""

import asyncio
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx

from sandbox.processes import SandboxError, end, spawn

_ROOT = Path(__file__).resolve().parents[1]
_READY_TIMEOUT_SECONDS = 120.0  # a slow machine may need a minute; a death is seen at once
_STOP_GRACE_SECONDS = 15.0
_POLL_SECONDS = 0.1
_MAX_DEATHS = 5
_DEATHS_WITHIN_SECONDS = 120.0
_LOUD_LEVELS = {"warning", "error", "critical"}
# What the program needs of ours to run at all; its settings are only those that we choose.
_INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")
_INHERITED_PREFIXES = ("LC_", "PYTHON", "COVERAGE_")

_RUN_COMMANDS = """
import io, json, main, os, sys
from app.cli import run_command_line
answers = []
for words in json.load(sys.stdin):
    said = io.StringIO()
    answers.append([run_command_line(words, os.environ, said, said), said.getvalue()])
json.dump(answers, sys.stdout)
"""


class ServiceProcess:
    """Starts the service, starts it again when it dies, and passes on its complaints."""

    def __init__(
        self,
        *,
        port: int,
        log: Path,
        environment_file: Path,
        settings: Mapping[str, str],
        stopping: asyncio.Event,
    ) -> None:
        self._port = port
        self._log = log
        self._environment_file = environment_file
        self._settings = settings
        self._stopping = stopping
        self._offset_seconds = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._changing = asyncio.Lock()
        self._deaths: list[float] = []
        self._read_bytes = log.stat().st_size if log.exists() else 0

    async def start(self, offset_seconds: int) -> None:
        """Return when it answers. Raises SandboxError with its last words when it gives up."""
        await self.restart(offset_seconds)

    async def restart(self, offset_seconds: int) -> None:
        """End it as a deployment would and start it with the clock moved."""
        async with self._changing:
            self._offset_seconds = offset_seconds
            await self._end()
            self._launch()
            await self._wait_until_up()

    async def stop(self) -> None:
        async with self._changing:
            await self._end()

    def revive(self) -> int | None:
        """Start it again when it has died by itself, and return how it ended; None when it lives.

        Raises SandboxError when it dies too often.
        """
        if self._process is None or self._changing.locked() or self._process.poll() is None:
            return None
        exit_code = self._process.returncode
        now = time.monotonic()
        self._deaths = [at for at in self._deaths if now - at < _DEATHS_WITHIN_SECONDS] + [now]
        if len(self._deaths) > _MAX_DEATHS:
            raise SandboxError(f"The service keeps dying (exit code {exit_code}): see {self._log}.")
        self._launch()
        return exit_code

    def complaints(self) -> list[str]:
        """What it logged since the last call at warning or above, and what is no log line."""
        if not self._log.exists():
            return []
        with self._log.open("rb") as log:
            log.seek(self._read_bytes)
            new = log.read()
        whole, newline, _rest = new.rpartition(b"\n")
        self._read_bytes += len(whole + newline)
        lines = whole.decode(errors="replace").splitlines()
        return [told for line in lines if (told := _complaint(line))]

    async def command(self, *words: str) -> tuple[int, str]:
        """Its command line, as the operator would use it: the exit code and what it said."""
        (answer,) = await self.commands([words])
        return answer

    async def commands(self, lines: Sequence[Sequence[str]]) -> list[tuple[int, str]]:
        """One after the other in one process: to start it costs more than what they do."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            _RUN_COMMANDS,
            cwd=_ROOT,
            env=self._environment(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C at the terminal is ours to handle
        )
        try:
            answers, errors = await process.communicate(json.dumps(lines).encode())
        finally:
            if process.returncode is None:
                process.kill()
        if process.returncode:
            last_words = errors.decode(errors="replace").strip()
            return [(process.returncode, last_words)] * len(lines)
        return [(exit_code, said.strip()) for exit_code, said in json.loads(answers)]

    def _launch(self) -> None:
        self._tell_environment()
        self._process = spawn(
            [sys.executable, str(_ROOT / "main.py"), "serve"],
            log=self._log,
            folder=_ROOT,
            env=self._environment(),
        )

    def _tell_environment(self) -> None:
        """For `sandbox exec` and for a shell; its owner alone may read it."""
        self._environment_file.touch(mode=0o600)
        lines = (f"{name}={shlex.quote(value)}\n" for name, value in self._told().items())
        self._environment_file.write_text("".join(lines))

    def _told(self) -> dict[str, str]:
        return {**self._settings, "CLOCK_OFFSET_SECONDS": str(self._offset_seconds)}

    def _environment(self) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name in _INHERITED or name.startswith(_INHERITED_PREFIXES)
        }
        return {
            **inherited,
            **self._told(),
            "PYTHONUNBUFFERED": "1",  # what it says is read while it runs
        }

    async def _wait_until_up(self) -> None:
        process = self._process
        deadline = time.monotonic() + _READY_TIMEOUT_SECONDS
        url = f"http://127.0.0.1:{self._port}/health"
        async with httpx.AsyncClient(trust_env=False, timeout=2) as client:
            while process and process.poll() is None and time.monotonic() < deadline:
                if self._stopping.is_set() or await _answers(client, url):
                    return
                await asyncio.sleep(_POLL_SECONDS)
        await self._end()
        raise SandboxError(f"The service does not start: {self._last_words()} (see {self._log}).")

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines() if self._log.exists() else []
        said = [line.strip() for line in lines if line.strip()]
        return (_complaint(said[-1]) or said[-1]) if said else "it said nothing"

    async def _end(self) -> None:
        if self._process is not None:
            # In a thread: it finishes what it does with the world, which runs in this loop.
            process, self._process = self._process, None
            grace = _STOP_GRACE_SECONDS
            await asyncio.to_thread(end, process, first=signal.SIGTERM, grace_seconds=grace)


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).is_success
    except httpx.HTTPError:
        return False


def _complaint(line: str) -> str | None:
    """One line for the developer, or None when the line is not worth one."""
    try:
        entry = json.loads(line)
    except ValueError:
        return line.strip() or None
    if not isinstance(entry, dict):
        return line
    level, event = entry.get("level"), entry.get("event")
    if level not in _LOUD_LEVELS:
        return None
    boring = {"level", "event", "timestamp", "exception", "logger"}
    details = " ".join(f"{name}={value}" for name, value in entry.items() if name not in boring)
    return f"{level}: {event} {details}".rstrip()
