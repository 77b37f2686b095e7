"""The tree of commands: help for each word, and nothing loaded that help has no use for."""

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
import typer
from typer.core import TyperGroup

from app.cli.program import program
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
        *("serve", "doctor", "settings", "backup", "restore"),
        *("plans", "promo", "sandbox"),
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
