"""Starts the service as often as a test likes: imported once (seconds of a core), forked each time.

A fork is a process of its own that runs `main.py serve` from its first line on, with the
environment that it is given; only the imports are there already, and what the first of all
services in a process makes for the others.
"""

import asyncio
import ctypes
import gc
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
_PR_SET_PDEATHSIG = 1  # prctl(2)


class Fork:
    """What a test does to a process; it is the zygote's child, which learns its exit code."""

    def __init__(self, pid: int, zygote: "Zygote") -> None:
        self._process = psutil.Process(pid)
        self._zygote = zygote

    @property
    def pid(self) -> int:
        return self._process.pid

    def is_running(self) -> bool:
        return self._process.is_running()

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def wait_ended(self, seconds: float) -> int:
        """Raises psutil.TimeoutExpired."""
        await asyncio.to_thread(self._process.wait, seconds)
        return self._zygote.exit_code(self.pid)


class Zygote:
    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def fork(self, env: Mapping[str, str], log: Path) -> Fork:
        return Fork(self._ask({"env": dict(env), "log": str(log)}), self)

    def exit_code(self, pid: int) -> int:
        """Of a fork that has ended, as subprocess gives it."""
        return self._ask({"ended": pid})

    def _ask(self, order: Mapping[str, object]) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(order)}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def open_zygote() -> Iterator[Zygote]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.zygote"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        # It ends when its input does, and its forks with it.
        yield Zygote(process)


def _serve_orders() -> None:
    # Here, because the tests import this module for its classes.
    import uvicorn  # noqa: F401, PLC0415
    import uvloop  # noqa: F401, PLC0415

    from app.bootstrap import create_app  # noqa: PLC0415
    from app.core.settings import load_settings  # noqa: PLC0415
    from tests.support.shop import environment  # noqa: PLC0415

    # One that never runs: what is made at first use, once in a process, is made before the forks.
    nowhere = "http://127.0.0.1:9"
    create_app(load_settings(environment(nowhere, nowhere, "postgresql://127.0.0.1:9/none", None)))
    _build_models()
    gc.freeze()  # what is there already is not copied into each fork by looking for garbage
    exit_codes: dict[int, int] = {}
    signal.signal(signal.SIGCHLD, lambda *_: exit_codes.update(_bury()))
    for line in sys.stdin:
        order = json.loads(line)
        if "ended" in order:
            exit_codes.update(_bury())  # it may have been seen dead before its signal came
            answer = exit_codes[order["ended"]]
        elif (answer := os.fork()) == 0:
            _become_service(order["env"], order["log"])
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


def _build_models() -> None:
    """Those of what each service asks of Telegram: 60 ms for the first of them all."""
    # After the application, whose way of importing aiogram builds only what is used.
    from aiogram import methods  # noqa: PLC0415
    from aiogram.methods.base import Response  # noqa: PLC0415

    for method in (
        *(methods.SendMessage, methods.EditMessageText, methods.SendPhoto),
        *(methods.EditMessageMedia, methods.SetMyCommands, methods.GetMe, methods.GetWebhookInfo),
    ):
        method.model_rebuild()
        Response[method.__returning__].model_rebuild()  # type: ignore[name-defined]


def _bury() -> Iterator[tuple[int, int]]:
    """Who has ended, and how."""
    with suppress(ChildProcessError):  # nobody is left
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            yield ended[0], os.waitstatus_to_exitcode(ended[1])


def _become_service(env: dict[str, str], log: str) -> None:
    import main  # noqa: PLC0415

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, source in enumerate((nothing, output, output)):
        os.dup2(source, number)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["main.py", "serve"]
    sys.exit(main.main())


if __name__ == "__main__":
    _serve_orders()
