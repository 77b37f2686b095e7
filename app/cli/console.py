"""Where a command is called from, and how it reads and answers."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TextIO

import typer
from typer.core import TyperCommand

from app.core.errors import RefusalError

_NEGATIVE: Final = re.compile(r"-(\.?\d|inf|nan)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Console:
    environ: Mapping[str, str]
    out: TextIO
    errors: TextIO


class ValueCommand(TyperCommand):
    """Takes -1 for a value, which it refuses with its bound, and not for an unknown option."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]  # its base is private
        ctx.ignore_unknown_options = any(_NEGATIVE.match(word) for word in args)
        return super().parse_args(ctx, args)


class CommandError(RefusalError):
    """What keeps a command from its work."""


def get_console(context: typer.Context) -> Console:
    found = context.obj
    if not isinstance(found, Console):
        raise TypeError("run() hands over the console")
    return found


def print_lines(context: typer.Context, lines: Iterable[str]) -> None:
    get_console(context).out.writelines(f"{line}\n" for line in lines)


def count_noun(number: int, noun: str) -> str:
    """As in "1 month" and "3 months"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def split_names(names: str) -> tuple[str, ...]:
    """As they are written between commas."""
    return tuple(part.strip() for part in names.split(",") if part.strip())
