"""`python main.py panels`: the panels of the shop beside the one of the environment."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Final

import typer

from app.cli.console import ValueCommand, count_noun, get_console, print_lines, split_names
from app.cli.database import use_database
from app.core.panel_kinds import PanelKind
from app.domain.panels import PanelState

if TYPE_CHECKING:
    from app.db.models import Panel
    from app.db.unit_of_work import Database
    from app.services.operations.panel_admin import ListedPanel
    from app.services.operations.panel_moves import MoveProgress

_LOOKS_EVERY_SECONDS: Final = 1
panel_row_commands: Final = typer.Typer(help="The VPN panels that new subscriptions are put on.")

_Name = Annotated[str, typer.Argument(help="like nl1: small Latin letters, digits and -")]
_Kind = Annotated[PanelKind | None, typer.Option(help="what it is")]
_Url = Annotated[str | None, typer.Option(help="its address, as VPN_API_URL is written")]
_Key = Annotated[str | None, typer.Option(help="the variable with its key, like VPN_NL1_KEY")]
_Headers = Annotated[str | None, typer.Option(help="the one with headers for a guard before it")]
_Cookies = Annotated[str | None, typer.Option(help="the one with cookies for it")]
_Proxy = Annotated[str | None, typer.Option(help="the one with the HTTP proxy that leads there")]
_Ca = Annotated[str | None, typer.Option(help="the one with its authority, like VPN_NL1_CA")]
_LinkBase = Annotated[str | None, typer.Option(help="what its links begin with, as VPN_SUB_URL")]
_Groups = Annotated[str | None, typer.Option(help="its squads, inbounds or groups, by commas")]
_Group = Annotated[str | None, typer.Option(help="that a plan may name instead of the panel")]
_To = Annotated[str | None, typer.Option(help="the panel; the least loaded if not said")]
_Capacity = Annotated[int | None, typer.Option(help="subscriptions; 0: any number")]


@panel_row_commands.command("list")
def _list_panels(context: typer.Context) -> None:
    """Show all panels with what runs on each."""
    from app.services.operations import panel_admin

    listed = use_database(context, panel_admin.list_panels)
    print_lines(context, (_describe(one) for one in listed))


def _create_change_command(change: str, said: str) -> Callable[..., None]:
    """Of `panels add` and `panels edit`: the same words, for another function of panel_admin."""

    def change_panel(  # noqa: PLR0913 - each is a word of the command
        context: typer.Context,
        name: _Name,
        *,
        kind: _Kind = None,
        url: _Url = None,
        key_variable: _Key = None,
        headers_variable: _Headers = None,
        cookies_variable: _Cookies = None,
        proxy_variable: _Proxy = None,
        ca_variable: _Ca = None,
        link_base: _LinkBase = None,
        groups: _Groups = None,
        group: _Group = None,
        capacity: _Capacity = None,
    ) -> None:
        from app.services.operations import panel_admin

        values = panel_admin.PanelChanges(
            kind,
            url,
            key_variable,
            headers_variable,
            cookies_variable,
            proxy_variable,
            ca_variable,
            link_base,
            None if groups is None else split_names(groups),
            group,
            capacity,
        )
        use = getattr(panel_admin, change)
        row = use_database(context, lambda db: use(db, name, values))
        print_lines(context, [f"{name} {said}"])
        _warn_of_unset_variables(context, row)

    return change_panel


panel_row_commands.command(
    "add", cls=ValueCommand, help="Add a panel, open for new subscriptions at once."
)(
    _create_change_command(
        "create_panel_row", "is open for new subscriptions; python main.py doctor tries it"
    )
)
panel_row_commands.command(
    "edit", cls=ValueCommand, help='Change what is said, and leave the rest. "" takes it away.'
)(_create_change_command("change_panel", "is changed; the service knows it within half a minute"))


@panel_row_commands.command("open")
def _open_panel(context: typer.Context, name: _Name) -> None:
    """Let new subscriptions be put on it."""
    _set_state(context, name, PanelState.OPEN)


@panel_row_commands.command("close")
def _close_panel(context: typer.Context, name: _Name) -> None:
    """Put no new subscription on it; those that it has go on."""
    _set_state(context, name, PanelState.CLOSED)


@panel_row_commands.command("retire")
def _retire_panel(
    context: typer.Context,
    name: _Name,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """It is gone for ever: ask nothing of it any more."""
    if not yes:
        typer.confirm("Keys on it will not be removed any more. Go on?", abort=True, err=True)
    _set_state(context, name, PanelState.RETIRED)


@panel_row_commands.command("move")
def _move_panel(
    context: typer.Context,
    name: _Name,
    *,
    to: _To = None,
    wait: Annotated[bool, typer.Option(help="show how far it is until all have moved")] = True,
) -> None:
    """Move all that runs on it; it takes no new ones from now on."""
    from app.services.operations import panel_moves

    async def move(db: "Database") -> None:
        id_ = await panel_moves.request_panel_move(db, name, to)
        last = None
        while wait and (last is None or last.ended_at is None):
            progress = await panel_moves.get_move_progress(db, id_)
            if progress != last:
                print_lines(context, [_describe_progress(progress)])
                get_console(context).out.flush()
            last = progress
            await asyncio.sleep(_LOOKS_EVERY_SECONDS)

    use_database(context, move)
    if not wait:
        print_lines(context, [f"{name} is being moved: panels list shows what is left"])


@panel_row_commands.command("move-one")
def _move_subscription(
    context: typer.Context,
    subscription: Annotated[int, typer.Argument(help="the subscription's number")],
    *,
    to: _To = None,
) -> None:
    """Move one subscription to another panel."""
    from app.services.operations import panel_moves

    chosen = use_database(
        context, lambda db: panel_moves.move_subscription(db, "operator", subscription, to)
    )
    print_lines(context, [f"{subscription} moves to {chosen}"])


def _describe_progress(progress: "MoveProgress") -> str:
    failed = f", {progress.failed} of them could not be moved" if progress.failed else ""
    end = "moved: " if progress.ended_at else ""
    return f"{end}{count_noun(progress.left, 'subscription')} left{failed}"


def _set_state(context: typer.Context, name: str, state: PanelState) -> None:
    from app.services.operations import panel_admin

    use_database(context, lambda db: panel_admin.set_panel_state(db, name, state))
    print_lines(context, [f"{name} is {state}"])


def _describe(listed: "ListedPanel") -> str:
    row = listed.panel
    kind = row.kind if row and row.kind else "as VPN_API_URL says"
    capacity = f" of {row.capacity}" if row and row.capacity else ""
    group = f", group {row.panel_group}" if row and row.panel_group else ""
    state = row.state if row else PanelState.OPEN
    count = count_noun(listed.subscriptions, "subscription")
    return f"{listed.name}: {state}, {kind}{group}, {count}{capacity}"


def _warn_of_unset_variables(context: typer.Context, row: "Panel") -> None:
    from app.core.settings import read_vpn_variables

    known = read_vpn_variables(get_console(context).environ)
    named = (
        row.key_variable,
        row.headers_variable,
        row.cookies_variable,
        row.proxy_variable,
        row.ca_variable,
    )
    missing = [name for name in named if name and name not in known]
    if missing:
        advice = "set it in the service's environment and start the service anew"
        print_lines(context, [f"{', '.join(missing)} is not set here: {advice}"])
