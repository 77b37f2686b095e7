"""Commands with a database: each noun is a table of verbs, each verb one use case."""

import argparse
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, TextIO

from app.core.errors import ChangeRefusedError
from app.core.settings import load_settings
from app.db.engine import create_engine
from app.db.unit_of_work import Database

Lines = Iterable[str]


@dataclass(frozen=True, slots=True)
class Argument:
    """As `add_argument` takes it."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verb:
    """`run` gives the lines to print. Raises ChangeRefusedError."""

    help: str
    run: Callable[[Database, argparse.Namespace], Awaitable[Lines]]
    arguments: Sequence[Argument] = ()


class _Parser(argparse.ArgumentParser):
    """What is wrong in one sentence, like everything else that is refused."""

    def error(self, message: str) -> NoReturn:
        raise ChangeRefusedError(message)


async def run_command(
    environ: Mapping[str, str],
    out: TextIO,
    noun: str,
    verbs: Mapping[str, Verb],
    arguments: Sequence[str],
) -> int:
    """The exit code. Raises SettingsError for the environment."""
    try:
        parsed = _parser(noun, verbs).parse_args(arguments)
        engine = create_engine(load_settings(environ))
        try:
            lines = await verbs[parsed.verb].run(Database(engine, wake=lambda _: None), parsed)
        finally:
            await engine.dispose()
    except ChangeRefusedError as error:
        out.write(f"{error}\n")
        return 1
    out.writelines(f"{line}\n" for line in lines)
    return 0


def _parser(noun: str, verbs: Mapping[str, Verb]) -> _Parser:
    parser = _Parser(prog=f"main.py {noun}")
    commands = parser.add_subparsers(dest="verb", required=True)
    for name, verb in verbs.items():
        command = commands.add_parser(name, help=verb.help)
        for argument in verb.arguments:
            command.add_argument(argument.name, **argument.options)
    return parser
