"""`python main.py sandbox` as a developer runs it: one address, data that stays, a clean end."""

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psutil
import pytest

from tests.architecture.source import ROOT
from tests.support.plain_http import NO_CERTIFICATES
from tests.support.ports import free_port
from tests.support.processes import SANDBOX_READY, descendants, is_running, still_running

_TIMEOUT_SECONDS = 120


@dataclass
class Sandbox:
    process: subprocess.Popen[str]
    port: int
    service_port: int
    output: Path

    @property
    def said(self) -> str:
        return self.output.read_text()

    def wait_until(self, what: Callable[[], object]) -> None:
        deadline = time.monotonic() + _TIMEOUT_SECONDS
        while not what():
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.05)

    def ready(self) -> "Sandbox":
        self.wait_until(lambda: SANDBOX_READY in self.said)
        return self

    def world(self, method: str, path: str, json: object = None) -> httpx.Response:
        url = f"http://127.0.0.1:{self.port}/world/{path}"
        return httpx.request(
            method, url, timeout=_TIMEOUT_SECONDS, json=json, verify=NO_CERTIFICATES
        ).raise_for_status()

    def service_pid(self) -> int | None:
        """The process that listens on the service's port."""
        for pid in descendants(self.process.pid):
            if str(ROOT / "main.py") in psutil.Process(pid).cmdline():
                return pid
        return None

    def service_answers(self) -> bool:
        try:
            live = httpx.get(
                f"http://127.0.0.1:{self.service_port}/health/live",
                timeout=2,
                verify=NO_CERTIFICATES,
            )
        except httpx.HTTPError:
            return False
        return live.is_success

    def end(self, by: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(by)
        return self.process.wait(_TIMEOUT_SECONDS)


Start = Callable[..., Sandbox]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Give a function that starts a sandbox on free ports, in one data folder for the test."""
    with _starting_in(tmp_path) as start_one:
        yield start_one


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Give a sandbox for the tests that leave it running, because a start takes seconds."""
    with _starting_in(tmp_path_factory.mktemp("running")) as start_one:
        os.environ["APP_ENV"], os.environ["PROD_BOT_TOKEN"] = "prod", "1:real"
        sandbox = start_one()
        del os.environ["APP_ENV"], os.environ["PROD_BOT_TOKEN"]
        yield sandbox.ready()


@contextmanager
def _starting_in(folder: Path) -> Iterator[Start]:
    started: list[Sandbox] = []

    def start_one(*words: str, port: int | None = None, data: str = "data") -> Sandbox:
        ports = free_port(), free_port()
        output = folder / f"output-{len(started)}"
        port = port or ports[0]
        command = [sys.executable, "main.py", "sandbox", f"--port={port}"]
        command += [f"--service-port={ports[1]}", f"--data-dir={folder / data}", *words]
        with output.open("w") as file:
            process = subprocess.Popen(
                command, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT, text=True
            )
        started.append(Sandbox(process, port, ports[1], output))
        return started[-1]

    yield start_one
    for sandbox in started:
        if sandbox.process.poll() is None:
            sandbox.end()


def _expect_clean_end(sandbox: Sandbox, by: signal.Signals) -> None:
    pids = descendants(sandbox.process.pid)
    assert len(pids) >= 3, "PostgreSQL, Valkey and the service"
    assert sandbox.end(by) == 0, sandbox.said
    assert still_running(pids) == []
    assert "Traceback" not in sandbox.said


@pytest.mark.timeout(400)
def test_it_ends_cleanly_finds_its_world_again_and_starts_over_on_request(start: Start) -> None:
    sandbox = start().ready()
    person = {"first_name": "Ivan", "username": "ivan", "language_code": "ru"}
    added = sandbox.world("POST", "people", json=person).json()
    sandbox.world("POST", "skip", json={"seconds": 3600})
    _expect_clean_end(sandbox, signal.SIGINT)

    again = start().ready()
    state = again.world("GET", "state").json()
    assert added in state["people"]
    assert state["offset_seconds"] == 3600
    _expect_clean_end(again, signal.SIGTERM)
    # The keys of its users lead to the panel that it has.
    _expect_refusal(
        start("--panel=remnawave"), "is served by xray_api: go on with --panel xray_api,"
    )
    _expect_refusal(start("--second-panel=xray_api"), "choose another --second-panel")

    over = start("--fresh", "--panel=remnawave").ready()
    state = over.world("GET", "state").json()
    assert added not in state["people"]
    assert state["offset_seconds"] == 0
    assert [panel["kind"] for panel in state["panels"]] == ["remnawave"]


def test_skipping_time_restarts_the_service_with_the_moved_clock(running: Sandbox) -> None:
    before = running.service_pid()
    offset = running.world("POST", "skip", json={"seconds": 86_400}).json()["offset_seconds"]
    assert running.service_answers()
    after = running.service_pid()
    assert after not in {before, None}
    assert psutil.Process(after).environ()["CLOCK_OFFSET_SECONDS"] == str(offset)


def _in_the_sandbox(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "main.py", "sandbox", f"--data-dir={folder}", "exec", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_commands_run_in_its_environment(running: Sandbox) -> None:
    """Also after time was skipped: a code that is over by the sandbox's clock is refused."""
    folder = running.output.parent / "data"
    listed = _in_the_sandbox(folder, "--", "promo", "list")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert "WELCOME20: percent 20" in listed.stdout

    running.world("POST", "skip", json={"seconds": 40 * 86_400})
    next_week = f"{datetime.now(UTC) + timedelta(days=7):%Y-%m-%d}"
    late = _in_the_sandbox(folder, "promo", "add", "LATE", "percent", "5", "--until", next_week)
    assert (late.returncode, late.stdout) == (1, "")
    assert "over before it starts" in late.stderr


def test_its_shop_is_filled_once_and_no_other_one_is(running: Sandbox, tmp_path: Path) -> None:
    assert running.world("POST", "fill", json={}).json() == {"filled": True}
    outcomes = []
    for folder in (running.output.parent / "data", tmp_path):
        command = [sys.executable, "main.py", "sandbox", f"--data-dir={folder}", "fill"]
        environ = os.environ | {"DATABASE_URL": "postgresql://postgres@127.0.0.1:1/shop"}
        done = subprocess.run(
            command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False
        )
        outcomes.append((done.returncode, done.stdout))
    assert outcomes == [(0, "it has them already: nothing changed\n"), (1, "")]


def test_it_is_backed_up_whatever_pg_dump_the_machine_has(running: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "shop.dump"
    made = _in_the_sandbox(running.output.parent / "data", "--", "backup", str(file))
    assert (made.returncode, made.stderr) == (0, "")
    assert file.read_bytes().startswith(b"PGDMP")


def test_its_environment_is_printed_and_belongs_to_its_owner(running: Sandbox) -> None:
    folder = running.output.parent / "data"
    printed = _in_the_sandbox(folder)
    told = dict(word.split("=", 1) for word in shlex.split(printed.stdout))
    assert told["DATABASE_URL"] in running.said
    assert f"--data-dir {folder} exec -- plans list" in running.said
    assert told["PORT"] == str(running.service_port)
    assert (folder / "service.env").stat().st_mode & 0o777 == 0o600


def test_without_a_sandbox_it_is_one_sentence(tmp_path: Path) -> None:
    refused = _in_the_sandbox(tmp_path / "data", "--", "plans", "list")
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
    assert "No sandbox is running in" in refused.stderr


def test_a_service_that_dies_is_started_again(running: Sandbox) -> None:
    before = running.service_pid()
    assert before is not None
    psutil.Process(before).kill()
    running.wait_until(lambda: "is started again" in running.said and running.service_answers())
    assert running.service_pid() not in {before, None}


def test_the_settings_of_its_callers_environment_do_not_reach_the_service(running: Sandbox) -> None:
    """P12: no real token is ever handed to the sandbox."""
    inherited = psutil.Process(running.process.pid).environ()
    told = psutil.Process(running.service_pid()).environ()
    assert {"APP_ENV", "PROD_BOT_TOKEN"} <= set(inherited)
    assert not {"APP_ENV", "PROD_BOT_TOKEN"} & set(told)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_nothing_outlives_a_sandbox_that_is_killed(start: Start) -> None:
    sandbox = start().ready()
    pids = descendants(sandbox.process.pid)
    sandbox.process.kill()
    assert len(pids) >= 3
    assert still_running(pids, after_seconds=_TIMEOUT_SECONDS) == []


def _expect_refusal(sandbox: Sandbox, sentence: str) -> None:
    assert sandbox.process.wait(_TIMEOUT_SECONDS) == 1
    assert sentence in sandbox.said
    assert "Traceback" not in sandbox.said


def test_a_taken_port_is_one_clear_sentence(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = start(port=port)
        _expect_refusal(refused, f"Port {port} is taken by another program")


def test_a_second_sandbox_in_one_folder_is_refused(running: Sandbox, start: Start) -> None:
    folder = running.output.parent / "data"
    _expect_refusal(start(data=str(folder)), "Another sandbox is running in")
    assert is_running(running.process.pid)
    assert running.service_answers()


def test_a_broken_data_folder_is_one_clear_sentence(start: Start, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    _expect_refusal(start(data="file"), "cannot be used")


def test_a_broken_memory_of_the_world_is_one_clear_sentence(start: Start, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "world.json").write_text("{")
    sandbox = start()
    pids = [sandbox.process.pid]
    _expect_refusal(sandbox, "--fresh starts over")
    assert still_running(pids) == []
