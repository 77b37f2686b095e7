"""P12, seen from outside: what a process that logs everything it should not really writes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TOKEN = f"{7123456789}:AAExyz_abcdefghijklmnopqrstuvwxyz-1"
SECRETS = ("AAExyz_", "hunter2", "web-hook-value", "c0ffee", "nested-key", "abc123")

PROGRAM = """
import asyncio, logging, sys, warnings
import structlog
from app.core.logging import configure_logging

TOKEN, log_format = sys.argv[1], sys.argv[2] or None
configure_logging(log_format, ["web-hook-value", TOKEN])
log = structlog.get_logger()
library = logging.getLogger("aiogram.dispatcher")


class Client:
    def __repr__(self):
        return "Client(token=abc123)"


def fail():
    token = TOKEN
    url = f"https://api.telegram.org/bot{token}/getMe"
    raise ValueError("cannot reach", url, b"web-hook-value")


nested = {"a": [{"Authorization": "Bearer nested-key"}]}
structlog.contextvars.bind_contextvars(update_id=77)
log.info(
    "own_line",
    url="redis://:hunter2@cache/0",
    api_key="c0ffee",
    nested=nested,
    client=Client(),
)
library.info("library line %s", {"token": TOKEN, "headers": {"X-Api-Key": "nested-key"}})
library.info("with extra", extra={"secret": "c0ffee"})
for each in (log, library):
    try:
        fail()
    except ValueError:
        each.exception("with_traceback")
warnings.warn("deprecated: web-hook-value", DeprecationWarning, stacklevel=1)
logging.getLogger("uvicorn.error").info("uvicorn says web-hook-value")
log.debug("not_worth_a_line")
logging.getLogger("httpx").info("GET https://x/?key=c0ffee")
"""


def run(log_format: str, end: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "always", "-c", PROGRAM + end, TOKEN, log_format],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
    )


def lines_of(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def test_every_line_is_json_with_the_context_it_was_written_in() -> None:
    ended = run("json")
    lines = lines_of(ended.stdout)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert len(lines) == 7
    for line in lines:
        assert {"event", "level", "logger", "timestamp", "update_id"} <= line.keys()
        assert line["update_id"] == 77
    assert lines[1]["logger"] == "aiogram.dispatcher"


def test_no_line_shows_a_secret_not_even_in_a_traceback() -> None:
    """P12: own and library records, nested dicts, reprs, exceptions with tokens in their args."""
    output = run("json").stdout

    assert not [secret for secret in SECRETS if secret in output]
    own, library = [line for line in lines_of(output) if line["event"] == "with_traceback"]
    for line in (own, library):
        assert "in fail" in line["exception"]
        assert "api.telegram.org/bot***/getMe" in line["exception"]


def test_text_for_reading_shows_no_secret_either() -> None:
    """P12: and no local variables beside a traceback."""
    output = run("text").stdout

    assert not [secret for secret in SECRETS if secret in output]
    assert "own_line" in output
    assert "in fail" in output


def test_without_a_format_a_pipe_gets_json() -> None:
    assert lines_of(run("").stdout)


def test_a_crash_of_the_process_is_a_line_without_secrets_too() -> None:
    """P12."""
    ended = run("json", end="fail()")

    assert ended.returncode == 1
    assert ended.stderr == ""
    last = lines_of(ended.stdout)[-1]
    assert (last["event"], last["level"]) == ("process_crashed", "critical")
    assert not [secret for secret in SECRETS if secret in ended.stdout]


def test_what_the_event_loop_complains_about_goes_the_same_way() -> None:
    """P12: asyncio reports a task that failed unheard through its own logger."""
    end = """
async def main():
    async def doomed():
        fail()
    asyncio.ensure_future(doomed())
    await asyncio.sleep(0)
asyncio.run(main())
"""
    ended = run("json", end=end)

    last = lines_of(ended.stdout)[-1]
    assert last["logger"] == "asyncio"
    assert "in doomed" in last["exception"]
    assert not [secret for secret in SECRETS if secret in ended.stdout + ended.stderr]
