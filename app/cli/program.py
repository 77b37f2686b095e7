"""The commands as one program: what is refused is one sentence and exit code 1."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Annotated, Final, TextIO

import typer

from app.cli import (
    backup,
    bulk,
    exports,
    extras,
    gifts,
    panel_accounts,
    panel_findings,
    panels,
    plans,
    promo_codes,
    sandbox,
    settings,
)
from app.cli.console import Console, ValueCommand, get_console, print_lines
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
    from app.cli.serving import serve_service

    return serve_service(get_console(context).environ)


@program.command("doctor")
def _doctor(context: typer.Context) -> int:
    """Check what a deployment needs. The fix stands beside each failure."""
    import asyncio
    import logging

    import structlog

    from app.cli.doctor import run_doctor

    # What clients would log of a failure stands in its row.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    console = get_console(context)
    return asyncio.run(run_doctor(console.environ, console.out))


program.command("settings", cls=ValueCommand)(settings.show_or_change_settings)
program.command("backup")(backup.backup_database)
program.command("restore")(backup.restore_database)
program.command("export")(exports.export_table)
program.add_typer(plans.plan_commands, name="plans")
program.add_typer(extras.extra_commands, name="extras")
program.add_typer(panels.panel_row_commands, name="panels")
program.add_typer(bulk.bulk_commands, name="bulk")
program.add_typer(promo_codes.promo_code_commands, name="promo")
program.add_typer(gifts.gift_commands, name="gifts")
panel_accounts.panel_commands.command("drift")(panel_findings.show_drift)
panel_accounts.panel_commands.command("repair")(panel_findings.repair_findings)
program.add_typer(panel_accounts.panel_commands, name="panel")
program.add_typer(sandbox.sandbox_commands, name="sandbox")


@sandbox.sandbox_commands.command(
    "exec", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False}
)
def _sandbox_exec(
    context: typer.Context,
    words: Annotated[
        list[str] | None, typer.Argument(help="like `plans list`; without any it is printed")
    ] = None,
) -> int:
    """Run another of these commands in the running sandbox."""
    environ, console = sandbox.read_sandbox_environment(context), get_console(context)
    if words:
        path = {"PATH": sandbox.get_sandbox_program_path(console)}
        return run_program(words, path | environ, console.out, console.errors)
    print_lines(context, (f"{name}={shlex.quote(value)}" for name, value in environ.items()))
    return 0


def run_program(
    words: Sequence[str], environ: Mapping[str, str], out: TextIO, errors: TextIO
) -> int:
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
