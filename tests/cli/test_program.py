"""The tree of commands: help and completion of each word, before anything else is loaded."""

import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from app.cli.program import program, run_program
from tests.architecture.source import ROOT
from tests.support.command_line import command_line


def _lines(command: object, line: str = "") -> Iterator[str]:
    yield line
    if isinstance(command, TyperGroup):
        for name, below in command.commands.items():
            yield from _lines(below, f"{line} {name}".strip())


_LINES = list(_lines(typer.main.get_command(program)))


def test_the_tree_is_one() -> None:
    top = [line for line in _LINES if line and " " not in line]
    assert top == [
        *("serve", "doctor", "settings", "backup", "restore", "export"),
        *("plans", "extras", "panels", "bulk", "promo", "gifts", "panel", "sandbox"),
    ]
    assert {"plans price", "promo add", "sandbox exec"} < set(_LINES)


@pytest.mark.parametrize("line", _LINES)
async def test_every_word_has_a_line_of_help(
    line: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert (await command_line({}, f"{line} --help")).exit_code == 0
    shown = capsys.readouterr().out
    assert re.findall(r"^  .*\.\.\.$", shown, re.MULTILINE) == []  # none is cut off
    _, _, listed = shown.partition(":\n")
    words = re.findall(r"^  (\S.*(?:\n {4,}.*)*)", listed, re.MULTILINE)
    assert words
    for word in words:
        assert re.search(r"\s{2,}[^\[\s]", word), word


def test_help_is_there_before_anything_of_the_shop_is_loaded() -> None:
    asked = (
        "import sys, app.cli.program; "
        "print({'aiogram', 'asyncpg', 'pydantic', 'sqlalchemy', 'structlog'} & {*sys.modules})"
    )
    command = [sys.executable, "-c", asked]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout == "set()\n"


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("pro", "promo"),
        ("sandbox ", "fill\nexec"),
        ("plans price --", "--yes\n--help"),
        ("promo add SPRING ", "percent\namount\ndays\nbalance\ntrial_days"),
        ("settings reminder", "reminder_hours"),
    ],
)
def test_bash_learns_what_can_follow(
    line: str, offered: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = f"./main.py {line}".split(" ")
    monkeypatch.setenv("_MAIN.PY_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "\n".join(words))
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    with pytest.raises(SystemExit, match="0"):
        run_program([], {}, io.StringIO(), io.StringIO())
    assert capsys.readouterr().out == f"{offered}\n"


async def test_a_file_that_the_system_refuses_is_one_sentence(tmp_path: Path) -> None:
    """Typer writes files as well: --install-completion in a container that is read-only."""
    no_program = tmp_path / "pg_dump"
    no_program.touch(mode=0o755)
    environ = {"DATABASE_URL": "postgresql://shop@127.0.0.1:1/shop", "PATH": str(tmp_path)}
    said = await command_line(environ, "backup shop.dump")
    assert (said.exit_code, said.out) == (1, "")
    assert said.error == f"{no_program}: Exec format error\n"


class _Crashing(Mapping[str, str]):
    def __getitem__(self, name: str) -> str:
        password = "hush"
        raise ZeroDivisionError(len(password))

    def __iter__(self) -> Iterator[str]:
        return iter(["DATABASE_URL"])

    def __len__(self) -> int:
        return 1


def test_a_crash_shows_no_values(capsys: pytest.CaptureFixture[str]) -> None:
    """P12: a local variable may be a password."""
    with pytest.raises(ZeroDivisionError) as crash:
        run_program(["plans", "list"], _Crashing(), io.StringIO(), io.StringIO())
    sys.excepthook(crash.type, crash.value, crash.tb)
    told = capsys.readouterr().err
    assert told.startswith("Traceback (most recent call last):\n")
    assert told.endswith("ZeroDivisionError: 4\n")
    assert "'hush'" not in told


def test_the_program_can_be_started_by_its_name() -> None:
    """A shell completes the words of a program, and those of `python` are not ours."""
    assert os.access(ROOT / "main.py", os.X_OK)
    assert (ROOT / "main.py").read_text().startswith("#!/usr/bin/env python\n")
