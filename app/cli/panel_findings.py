"""`python main.py panel drift` and `panel repair`: where panels and the shop differ."""

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer

from app.cli.console import CommandError, count_noun, get_console, print_lines
from app.cli.database import use_database
from app.cli.panel_access import open_named_panel
from app.domain.finding_kinds import FindingKind

if TYPE_CHECKING:
    from app.core.settings import Settings
    from app.db.models import PanelComparisonState, PanelFinding
    from app.db.unit_of_work import Database

_REPAIRS: Final = {
    FindingKind.MISSING: "`panel repair {id}` makes it anew; its user gets a key that changes",
    FindingKind.WRONG_EXPIRY: "`panel repair {id}` sets the shop's end",
    FindingKind.DISABLED: "`panel repair {id}` enables it",
    FindingKind.ORPHAN: "`panel repair {id}` removes it from the panel",
    FindingKind.FOREIGN: "`panel import {panel}` takes it, where it can",
}
_DONE: Final = {
    FindingKind.ORPHAN: "it is removed",
    FindingKind.MISSING: "it is made anew within a minute; its user gets a key that changes",
    FindingKind.WRONG_EXPIRY: "it gets the shop's end within a minute",
    FindingKind.DISABLED: "it is enabled within a minute",
}
_Panel = Annotated[str | None, typer.Argument(help="the panel's name; all if not said")]


def show_drift(context: typer.Context, name: _Panel = None) -> None:
    """Show where panels and the shop differ, and what repairs it."""
    use_database(context, lambda db: _show(context, db, name))


async def _show(context: typer.Context, db: "Database", name: str | None) -> None:
    from app.services.operations.panel_repairs import list_comparisons, list_open_findings

    compared = await list_comparisons(db, name)
    counts: Counter[str] = Counter()
    async for page in list_open_findings(db, name):
        counts.update(finding.kind.value for finding in page)
        print_lines(context, map(_describe, page))
    print_lines(context, map(_describe_comparison, compared))
    if not compared:
        print_lines(context, ["nothing was compared yet: the service does it by itself"])
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    total = count_noun(counts.total(), "finding")
    print_lines(context, [f"{total}: {kinds}" if counts else "no findings"])


def _describe(finding: "PanelFinding") -> str:
    from app.domain.panel_imports import show_panel_name

    name = show_panel_name(finding.account_name)
    parts = [
        f"{finding.id} {finding.panel} {finding.kind}: {name}",
        *([f"user {finding.user_id}"] if finding.user_id else []),
        *(_describe_ends(finding) if finding.kind is FindingKind.WRONG_EXPIRY else []),
        f"since {_show_time(finding.first_seen_at)}",
    ]
    repair = _REPAIRS[finding.kind].format(id=finding.id, panel=finding.panel)
    return f"{', '.join(parts)}; {repair}"


def _describe_ends(finding: "PanelFinding") -> list[str]:
    there, here = finding.panel_ends_at, finding.shop_ends_at
    return [
        f"there {_show_time(there) if there else 'never'}",
        f"here {_show_time(here) if here else 'never'}",
    ]


def _describe_comparison(state: "PanelComparisonState") -> str:
    said = (
        f"compared {_show_time(state.compared_at)}, {count_noun(state.accounts or 0, 'account')}"
        if state.compared_at
        else "not compared yet"
    )
    trouble = f" ({state.last_error})" if state.last_error else ""
    return f"{state.panel}: {said}{trouble}, next {_show_time(state.due_at)}"


def _show_time(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M %Z}"


def repair_findings(
    context: typer.Context,
    finding: Annotated[int | None, typer.Argument(help="as `panel drift` shows it")] = None,
    *,
    all_of: Annotated[
        FindingKind | None, typer.Option("--all", help="all of a kind, instead of one")
    ] = None,
    panel: Annotated[str | None, typer.Option(help="with --all: of this one alone")] = None,
) -> None:
    """Bring a panel to what the shop says."""
    from app.core.settings import load_settings

    if (finding is None) == (all_of is None):
        raise CommandError("say the number of a finding, or --all with a kind")
    settings = load_settings(get_console(context).environ)
    use_database(context, lambda db: _repair(context, db, settings, finding, all_of, panel))


async def _repair(
    context: typer.Context,
    db: "Database",
    settings: "Settings",
    finding_id: int | None,
    kind: FindingKind | None,
    panel: str | None,
) -> None:
    from app.services.operations.panel_repairs import get_open_finding, list_open_findings

    if finding_id is not None:
        finding = await get_open_finding(db, finding_id)
        await _repair_some(context, db, settings, [finding])
        return
    async for page in list_open_findings(db, panel, kind):
        for name in sorted({one.panel for one in page}):
            of_panel = [one for one in page if one.panel == name]
            await _repair_some(context, db, settings, of_panel)


async def _repair_some(
    context: typer.Context,
    db: "Database",
    settings: "Settings",
    findings: "list[PanelFinding]",
) -> None:
    """Of one panel. One that can't be repaired keeps none of the others waiting."""
    from app.core.errors import RefusalError
    from app.domain.ports import PortError
    from app.services.operations.panel_repairs import repair_finding

    refused = []
    async with open_named_panel(findings[0].panel, settings, db) as (ref, panel):
        for finding in findings:
            try:
                await repair_finding(db, ref, panel, finding.id)
            except RefusalError as error:
                refused.append(str(error))
            except PortError as error:
                raise CommandError(f"finding {finding.id}: {error}") from error
            else:
                print_lines(context, [f"{finding.id}: {_DONE[finding.kind]}"])
    if refused and len(findings) == 1:
        raise CommandError(refused[0])
    print_lines(context, refused)
