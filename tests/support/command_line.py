"""The command line as an operator uses it, in this process: a start of Python takes a second."""

import asyncio
import io
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from app.cli.program import run_program


@dataclass(frozen=True)
class Said:
    exit_code: int
    out: str
    error: str


async def command_line(environ: Mapping[str, str], line: str) -> Said:
    out, errors = io.StringIO(), io.StringIO()
    # In a thread: a command has an event loop of its own.
    exit_code = await asyncio.to_thread(run_program, shlex.split(line), environ, out, errors)
    return Said(exit_code, out.getvalue(), errors.getvalue())
