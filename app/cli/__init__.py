"""The command line: serve, doctor, settings, plans, promo, backup, restore, sandbox."""

from collections.abc import Mapping, Sequence
from typing import TextIO


def run_command_line(
    words: Sequence[str], environ: Mapping[str, str], out: TextIO, errors: TextIO
) -> int:
    """The exit code."""
    # A service has no use for Typer, and would carry it as long as it runs.
    if list(words) == ["serve"]:
        from app.cli.serving import serve_service

        return serve_service(environ)
    from app.cli.program import run_program

    return run_program(words, environ, out, errors)
