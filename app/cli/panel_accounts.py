"""`python main.py panel`: what a panel has, against what the shop has."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Final

import typer

from app.cli.console import CommandError, count_noun, get_console, print_lines
from app.cli.database import use_database

if TYPE_CHECKING:
    import re

    from sqlalchemy.ext.asyncio import AsyncSession

    from app.clients.panels import PanelClient
    from app.core.settings import Settings
    from app.db.models import Panel
    from app.db.unit_of_work import Database
    from app.domain.panel_accounts import AccountList
    from app.services.access.panel_refs import PanelRef
    from app.services.operations.panel_imports import ImportedPage, ImportOrder, TakenAccount

panel_commands: Final = typer.Typer(help="VPN panels: what they have, against what the shop has.")

_EXAMPLES: Final = 5
_Name = Annotated[str, typer.Argument(help="the panel; the environment's is called default")]


@panel_commands.command("import")
def _import_accounts(
    context: typer.Context,
    name: _Name,
    *,
    pattern: Annotated[
        str | None,
        typer.Option(
            help=r"names with the Telegram id in a group, like 'tg_(\d+)'; if not said, the ids "
            "that the panel itself knows count"
        ),
    ] = None,
    plan: Annotated[
        str | None, typer.Option(help="what they renew, as `plans list` shows it")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="take them; else they are shown")] = False,
) -> None:
    """Take a panel's accounts into the shop, as they are there."""
    from app.core.settings import load_settings
    from app.services.operations.panel_imports import ImportOrder

    settings = load_settings(get_console(context).environ)
    compiled = _compile(pattern)

    async def run(db: "Database") -> None:
        async with _open_accounts(name, settings, db) as (panel, accounts):
            order = ImportOrder(panel, compiled, plan, is_applied=apply)
            await _import(context, db, accounts, order, settings)

    use_database(context, run)


def _compile(pattern: str | None) -> "re.Pattern[str] | None":
    from app.domain.panel_imports import compile_name_pattern

    try:
        return None if pattern is None else compile_name_pattern(pattern)
    except ValueError as error:
        raise CommandError(f"--pattern: {error}") from None


async def _import(
    context: typer.Context,
    db: "Database",
    accounts: "AccountList",
    order: "ImportOrder",
    settings: "Settings",
) -> None:
    from app.core.fingerprints import Fingerprints
    from app.domain.ports import PortError
    from app.services.operations.panel_imports import import_accounts

    fingerprints = Fingerprints(settings.bot_token.get_secret_value())
    counts: Counter[str] = Counter()
    owners: set[int] = set()
    examples: list[str] = []
    try:
        async for page in import_accounts(db, accounts, order, fingerprints):
            owners.update(one.owner for one in page.taken)
            counts.update(taken=len(page.taken), refused=len(page.refused), known=page.known)
            examples += map(_describe, page.taken[: _EXAMPLES - len(examples)])
            print_lines(context, _list_refused(page))
    except PortError as error:
        seen = count_noun(counts.total(), "account")
        stays = "; what was taken stays taken" if order.is_applied else ""
        raise CommandError(f"{error}: stopped after {seen}{stays}. Run it again") from error
    print_lines(context, examples)
    print_lines(context, _summarize(order, counts, len(owners)))


@asynccontextmanager
async def _open_accounts(
    name: str, settings: "Settings", db: "Database"
) -> "AsyncIterator[tuple[PanelRef, AccountList]]":
    """The environment's panel or one of a row. Raises CommandError."""
    from contextlib import aclosing

    from app.domain.panel_accounts import AccountList
    from app.services.access.panel_refs import PanelRef, find_panel_row

    async with db.read_only() as session:
        row = await find_panel_row(session, name)
    panel = _open_panel(name, row, settings)
    if panel is None:
        async with db.read_only() as session:
            raise CommandError(f"there is no panel {name}: {await _name_panels(session, settings)}")
    async with aclosing(panel):
        if not isinstance(panel, AccountList):
            raise CommandError(f"the panel {name} can't list its accounts")
        yield PanelRef(name, row.id if row else None), panel


def _open_panel(name: str, row: "Panel | None", settings: "Settings") -> "PanelClient | None":
    from app.bootstrap.panels import open_panel
    from app.clients.panels import create_panel
    from app.domain.panels import DEFAULT_PANEL, PanelState
    from app.domain.ports import RefusedError

    if name == DEFAULT_PANEL:
        return create_panel(settings)
    if row is None or row.description is None:
        return None
    if row.state is PanelState.RETIRED:
        raise CommandError(f"the panel {name} is retired: nothing is asked of it any more")
    try:
        return open_panel(settings, row.description)
    except RefusedError as error:
        raise CommandError(str(error)) from None


async def _name_panels(session: "AsyncSession", settings: "Settings") -> str:
    from app.services.access.panel_refs import list_panel_names

    names = await list_panel_names(session)
    if not settings.vpn_api_url:
        return "VPN_API_URL is not set"
    return f"there {'is' if len(names) == 1 else 'are'} {', '.join(names)}"


def _list_refused(page: "ImportedPage") -> list[str]:
    from app.domain.panel_imports import show_panel_name

    return [f"{show_panel_name(one.account.name)}: {one.refusal}" for one in page.refused]


def _describe(one: "TakenAccount") -> str:
    from app.domain.panel_imports import show_panel_name

    return (
        f"{show_panel_name(one.account.name)}: user {one.owner}, "
        f"until {one.account.expires_at:%Y-%m-%d %H:%M %Z}"
    )


def _summarize(order: "ImportOrder", counts: "Counter[str]", users: int) -> list[str]:
    taken = count_noun(counts["taken"], "account") + f" of {count_noun(users, 'user')}"
    known = f"{counts['known']} are the shop's already, {counts['refused']} can't be taken"
    if order.is_applied:
        return [f"took {taken}; {known}"]
    return [f"can take {taken}; {known}", "nothing was changed: --apply takes them"]
