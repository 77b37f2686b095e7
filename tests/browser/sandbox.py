"""The sandbox as a newcomer starts it: a process, ended by Ctrl-C."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.support.plain_http import NO_CERTIFICATES
from tests.support.processes import SANDBOX_READY, descendants, still_running
from tests.support.shop import ROOT, free_url

PATIENCE_SECONDS = 60


@dataclass
class Sandbox:
    """`python main.py sandbox` on free ports, with its data in `folder`."""

    folder: Path
    url: str = field(default_factory=free_url)
    service_url: str = field(default_factory=free_url)
    _process: "subprocess.Popen[bytes] | None" = None

    def start(self, *words: str) -> None:
        ports = [url.rpartition(":")[2] for url in (self.url, self.service_url)]
        with self._output.open("w") as output:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "main.py", "sandbox", "--port", ports[0]),
                    *("--service-port", ports[1], "--data-dir", str(self.folder), *words),
                ],
                cwd=ROOT,
                stdout=output,
            )
        self._wait_until(self._is_ready, "the sandbox did not start")

    def press_ctrl_c(self) -> tuple[int, list[int]]:
        """Give the exit code, and which of its processes are still there afterwards."""
        assert self._process is not None
        family = descendants(self._process.pid)
        self._process.send_signal(signal.SIGINT)
        code = self._process.wait(PATIENCE_SECONDS)
        self._process = None
        return code, still_running(family)

    def stop(self) -> None:
        if self._process is not None:
            self.press_ctrl_c()
        sys.stdout.write(self._said)

    def state(self) -> dict[str, Any]:
        answer = httpx.get(f"{self.url}/world/state", verify=NO_CERTIFICATES)
        state: dict[str, Any] = answer.raise_for_status().json()
        return state

    def skip(self, seconds: int) -> None:
        answer = httpx.post(
            f"{self.url}/world/skip",
            json={"seconds": seconds},
            timeout=PATIENCE_SECONDS,
            verify=NO_CERTIFICATES,
        )
        answer.raise_for_status()

    def turn_chain(self, path: str, **change: object) -> None:
        """`path` is a chain's key, or leads from it to an endpoint."""
        url = f"{self.url}/world/chains/{path}"
        httpx.patch(url, json=change, verify=NO_CERTIFICATES).raise_for_status()

    def accounts(self, link: str) -> list[dict[str, Any]]:
        """Those of the panel with this key."""
        users: list[dict[str, Any]] = self.state()["panel_users"]
        return [one for one in users if one["subscription_url"] == link]

    def wait_until_forgotten(self, link: str) -> None:
        self._wait_until(lambda: not self.accounts(link), "the panel still knows the key")

    def put_right(self) -> None:
        """Every knob as it was at the start."""
        telegram = ("telegram", "telegram_webhook", "stars", "channels", "privacy")
        panels = ("panel", "panel_fault", "second_panel", "second_panel_fault")
        knobs = dict.fromkeys((*telegram, *panels, "payment_webhook", "crypto_pay"), "ok")
        url = f"{self.url}/world/knobs"
        httpx.patch(url, json=knobs, verify=NO_CERTIFICATES).raise_for_status()

    def _wait_until(self, condition: Callable[[], bool], otherwise: str) -> None:
        assert self._process is not None
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert self._process.poll() is None, f"the sandbox ended: {self._said}"
            assert time.monotonic() < deadline, f"{otherwise}: {self._said}"
            time.sleep(0.1)

    def _is_ready(self) -> bool:
        return SANDBOX_READY in self._said

    @property
    def _said(self) -> str:
        return self._output.read_text()

    @property
    def _output(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}-output")
