"""`python main.py sandbox`: the whole shop in a browser, and commands in its environment."""

import os
from pathlib import Path
from typing import Annotated, Final

import typer

from app.cli.console import CommandError, Console, print_lines
from app.core.panel_kinds import PanelKind

_SERVICE_PORT: Final = 8080
_DATA_DIR: Final = "sandbox.data_dir"

sandbox_commands: Final = typer.Typer(help="Try the whole shop in a browser.")


@sandbox_commands.callback(invoke_without_command=True)
def _run_sandbox_command(
    context: typer.Context,
    *,
    port: Annotated[int, typer.Option(help="of the page")] = 8000,
    service_port: Annotated[
        int, typer.Option(envvar="PORT", help="of the service itself")
    ] = _SERVICE_PORT,
    data_dir: Annotated[Path, typer.Option(help="where its data stays")] = Path(".sandbox"),
    panel: Annotated[PanelKind, typer.Option(help="the VPN panel of the shop")] = "xray_api",
    second_panel: Annotated[PanelKind | None, typer.Option(help="a second one beside it")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="forget what was tried before")] = False,
) -> int:
    """Start the shop with a world of its own around it: no account, no token, no server."""
    context.meta[_DATA_DIR] = data_dir
    if context.invoked_subcommand is not None:
        return 0
    from sandbox.runner import run_sandbox  # a deployment does not have it

    panels = [panel] if second_panel is None else [panel, second_panel]
    return run_sandbox(port, service_port, data_dir, panels, fresh=fresh)


def read_sandbox_environment(context: typer.Context) -> dict[str, str]:
    """Of the sandbox that runs. Raises CommandError."""
    from sandbox.data_folder import DataFolder
    from sandbox.processes import SandboxError

    try:
        return DataFolder(context.meta[_DATA_DIR]).read_environment()
    except SandboxError as error:
        raise CommandError(str(error)) from error


def get_sandbox_program_path(console: Console) -> str:
    """Where programs are found: those of the sandbox's own PostgreSQL first, for its version."""
    from sandbox.embedded import postgres_programs

    return os.pathsep.join((str(postgres_programs()), console.environ.get("PATH", "")))


@sandbox_commands.command("fill")
def _fill_sandbox(context: typer.Context) -> None:
    """Give the running sandbox 5,000 users with eleven weeks of history."""
    import asyncio

    from sandbox.demo import USERS, fill_shop
    from sandbox.processes import SandboxError

    environ = read_sandbox_environment(context)
    offset = int(environ["CLOCK_OFFSET_SECONDS"])
    try:
        is_new = asyncio.run(fill_shop(environ["DATABASE_URL"], offset))
    except SandboxError as error:
        raise CommandError(str(error)) from error
    said = f"{USERS} users with their orders" if is_new else "it has them already: nothing changed"
    print_lines(context, [said])
