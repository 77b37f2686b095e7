"""Where a command is called from, and how it reads and answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TextIO

import typer


@dataclass(frozen=True, slots=True)
class Console:
    environ: Mapping[str, str]
    out: TextIO
    errors: TextIO


class CommandError(Exception):
    """What keeps a command from its work: one sentence with what helps."""


def console_of(context: typer.Context) -> Console:
    found = context.obj
    if not isinstance(found, Console):
        raise TypeError("run() hands over the console")
    return found


def print_lines(context: typer.Context, lines: Iterable[str]) -> None:
    console_of(context).out.writelines(f"{line}\n" for line in lines)


def count(number: int, noun: str) -> str:
    """As in "1 month" and "3 months"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
