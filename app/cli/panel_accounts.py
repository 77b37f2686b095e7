"""`python main.py panel`: what a panel has, against what the shop has."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Final

import typer

from app.cli.console import CommandError, count_noun, get_console, print_lines
from app.cli.database import use_database
from app.cli.panel_access import open_named_panel

if TYPE_CHECKING:
    import re

    from app.core.settings import Settings
    from app.db.unit_of_work import Database
    from app.domain.panel_accounts import AccountList
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
    from app.domain.panel_accounts import AccountList
    from app.services.operations.panel_imports import ImportOrder

    settings = load_settings(get_console(context).environ)
    compiled = _compile(pattern)

    async def run(db: "Database") -> None:
        async with open_named_panel(name, settings, db) as (ref, panel):
            if not isinstance(panel, AccountList):
                raise CommandError(f"the panel {name} can't list its accounts")
            order = ImportOrder(ref, compiled, plan, is_applied=apply)
            await _import(context, db, panel, order, settings)

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
