"""The commands as one program: what is refused is one sentence and exit code 1."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Annotated, Final, TextIO

import typer

from app.cli import backup, plans, promo_codes, sandbox, settings
from app.cli.console import Console, ValueCommand, console_of, print_lines
from app.core.errors import RefusalError

program: Final = typer.Typer(
    name="main.py",
    help="Tollgate: one service behind one Telegram bot.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@program.command("serve")
def _serve(context: typer.Context) -> int:
    """Run the service. Configured by the environment (.env.example lists all of it)."""
    from app.cli.serving import serve

    return serve(console_of(context).environ)


@program.command("doctor")
def _doctor(context: typer.Context) -> int:
    """Check what a deployment needs. The fix stands beside each failure."""
    import asyncio
    import logging

    import structlog

    from app.cli.doctor import run_doctor

    # What clients would log of a failure stands in its row.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    console = console_of(context)
    return asyncio.run(run_doctor(console.environ, console.out))


program.command("settings", cls=ValueCommand)(settings.settings)
program.command("backup")(backup.backup)
program.command("restore")(backup.restore)
program.add_typer(plans.commands, name="plans")
program.add_typer(promo_codes.commands, name="promo")
program.add_typer(sandbox.commands, name="sandbox")


@sandbox.commands.command(
    "exec", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False}
)
def _sandbox_exec(
    context: typer.Context,
    words: Annotated[
        list[str] | None, typer.Argument(help="like `plans list`; without any it is printed")
    ] = None,
) -> int:
    """Run another of these commands in the running sandbox."""
    environ, console = sandbox.read_environment(context), console_of(context)
    if words:
        path = {"PATH": sandbox.program_path(console)}
        return run(words, path | environ, console.out, console.errors)
    print_lines(context, (f"{name}={shlex.quote(value)}" for name, value in environ.items()))
    return 0


def run(words: Sequence[str], environ: Mapping[str, str], out: TextIO, errors: TextIO) -> int:
    """The exit code."""
    try:
        done = program(
            args=list(words),
            prog_name="main.py",
            standalone_mode=False,
            obj=Console(environ, out, errors),
        )
    except (typer.TyperException, RefusalError) as error:
        errors.write(f"{_sentence(error)}\n")
        return 1
    except OSError as error:
        if error.filename is None:  # no refusal that helps: a fault of ours or of the network
            raise
        errors.write(f"{error.filename}: {error.strerror}\n")
        return 1
    except typer.Abort:
        errors.write("nothing was changed\n")
        return 1
    return done if isinstance(done, int) else 0


def _sentence(error: Exception) -> str:
    """In one line, whatever was typed."""
    if not isinstance(error, typer.TyperException):
        return " ".join(str(error).split())
    said = " ".join(error.format_message().split()).replace("Value error, ", "").rstrip(".")
    return f"{said[:1].lower()}{said[1:]} (--help shows what there is)"
