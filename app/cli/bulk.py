"""`python main.py bulk`: one action for many subscriptions, shown first and begun by its count."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Final
from uuid import uuid4

import typer

from app.cli.console import CommandError, count_noun, get_console, print_lines
from app.cli.database import use_database
from app.domain.broadcasts import Segment, SegmentKind
from app.domain.bulk import BULK_SEGMENTS, ENDED_BULK_STATES, BulkAction, BulkKind

if TYPE_CHECKING:
    from app.db.models import BulkJob
    from app.db.unit_of_work import Database
    from app.services.operations.bulk.selection import BulkExample, BulkPreview

_LOOKS_EVERY_SECONDS: Final = 1
bulk_commands: Final = typer.Typer(help="One action for many subscriptions, after a dry run.")

_Confirm = Annotated[
    int | None, typer.Option(help="begin: the count that the dry run has shown", min=1)
]
_Days = Annotated[int, typer.Option(help="how many", min=1)]
_Wait = Annotated[bool, typer.Option(help="show how far it is until it has ended")]
_Number = Annotated[int, typer.Argument(help="as `bulk list` shows it")]


@bulk_commands.command("extend")
def _extend(
    context: typer.Context,
    segment: Annotated[
        str,
        typer.Argument(
            help="all, active, trial, never_bought, plan:CODE, promo_code:CODE, source:invited or "
            "source:direct: of those users, what works now"
        ),
    ],
    days: _Days,
    reason: Annotated[str, typer.Option(help="what the users read")],
    *,
    language: Annotated[str | None, typer.Option(help="only users of this language")] = None,
    confirm: _Confirm = None,
    wait: _Wait = True,
) -> None:
    """Give days to the subscriptions of a segment."""
    chosen = _parse_segment(segment, language)
    action = BulkAction(BulkKind.EXTEND, segment=chosen, days=days, reason=reason)
    _show_or_start(context, action, confirm, wait=wait)


@bulk_commands.command("outage")
def _make_up_for(
    context: typer.Context,
    incident: Annotated[
        int | None, typer.Argument(help="its number; without it, the last ones are listed")
    ] = None,
    *,
    days: _Days = 1,
    confirm: _Confirm = None,
    wait: _Wait = True,
) -> None:
    """Give days to those whom a panel's outage hit."""
    if incident is None:
        _list_outages(context)
        return
    action = BulkAction(BulkKind.EXTEND, incident_id=incident, days=days)
    _show_or_start(context, action, confirm, wait=wait)


@bulk_commands.command("new-links")
def _renew_links(
    context: typer.Context,
    panel: Annotated[str, typer.Argument(help="whose; the environment's is called default")],
    *,
    confirm: _Confirm = None,
    wait: _Wait = True,
) -> None:
    """Give a new link to all on a panel; old ones stop working."""
    _show_or_start(context, BulkAction(BulkKind.NEW_LINKS, panel=panel), confirm, wait=wait)


@bulk_commands.command("move")
def _move(
    context: typer.Context,
    panel: Annotated[str, typer.Argument(help="which all leave; it takes no new ones then")],
    *,
    to: Annotated[str | None, typer.Option(help="the panel; the least loaded if not said")] = None,
    confirm: _Confirm = None,
    wait: _Wait = True,
) -> None:
    """Move all of a panel to another one."""
    _show_or_start(context, BulkAction(BulkKind.MOVE, panel=panel, to=to), confirm, wait=wait)


@bulk_commands.command("list")
def _list_jobs(context: typer.Context) -> None:
    """Show the last ones and how far they are."""
    from app.services.operations.bulk.steering import list_bulk_jobs

    jobs = use_database(context, list_bulk_jobs)
    print_lines(context, [_describe(job) for job in jobs] or ["there are none"])


@bulk_commands.command("pause")
def _pause(context: typer.Context, number: _Number) -> None:
    """Begin no more of it."""
    _steer(context, "pause_bulk", number)


@bulk_commands.command("resume")
def _resume(context: typer.Context, number: _Number) -> None:
    """Go on with it."""
    _steer(context, "resume_bulk", number)


@bulk_commands.command("cancel")
def _cancel(context: typer.Context, number: _Number) -> None:
    """End it; what is done stays done."""
    _steer(context, "cancel_bulk", number)


def _parse_segment(typed: str, language: str | None) -> Segment:
    kind, _, value = typed.partition(":")
    names = sorted(BULK_SEGMENTS)
    if kind not in names:
        raise CommandError(f"there is no segment {kind}: there are {', '.join(names)}")
    return Segment(SegmentKind(kind), value, language)


def _list_outages(context: typer.Context) -> None:
    from app.services.operations.bulk.outages import list_recent_outages

    rows = use_database(context, list_recent_outages)
    lines = [
        f"{row.id}: {row.subject}, {row.opened_at:%Y-%m-%d %H:%M %Z} to {row.closed_at:%H:%M}"
        for row in rows
    ]
    print_lines(context, lines or ["no panel was down in the last week"])


def _show_or_start(
    context: typer.Context, action: BulkAction, confirm: int | None, *, wait: bool
) -> None:
    from app.services.operations.bulk import steering

    if confirm is None:
        preview = use_database(context, lambda db: steering.preview_bulk(db, action))
        print_lines(context, _describe_preview(preview))
        return
    request = steering.BulkRequest(action, f"command:{uuid4()}", confirm)

    async def start(db: "Database") -> None:
        job = await steering.start_bulk(db, request)
        await _follow(context, db, job, wait=wait)

    use_database(context, start)


async def _follow(context: typer.Context, db: "Database", job: "BulkJob", *, wait: bool) -> None:
    from app.services.operations.bulk.steering import require_bulk_job

    last = None
    while last is None or (wait and job.state not in ENDED_BULK_STATES):
        said = _describe(job)
        if said != last:
            print_lines(context, [said])
            get_console(context).out.flush()
        last = said
        if wait:
            await asyncio.sleep(_LOOKS_EVERY_SECONDS)
            job = await require_bulk_job(db, job.id)
    if _describe(job) != last:
        print_lines(context, [_describe(job)])


def _steer(context: typer.Context, verb: str, number: int) -> None:
    from app.services.operations.bulk import steering

    async def steer(db: "Database") -> "BulkJob":
        try:
            await getattr(steering, verb)(db, "operator", number)
            return await steering.require_bulk_job(db, number)
        except steering.BulkChangedError:
            raise CommandError(f"{number} is none that this can be done with") from None

    print_lines(context, [_describe(use_database(context, steer))])


def _describe_preview(preview: "BulkPreview") -> list[str]:
    count = count_noun(preview.count, "subscription")
    if not preview.count:
        return [f"{count}: nothing to do"]
    return [
        *(_describe_example(one) for one in preview.examples),
        f"{count}; nothing was changed: --confirm {preview.count} begins",
    ]


def _describe_example(one: "BulkExample") -> str:
    then = "" if one.after == one.before else f" → {one.after:%Y-%m-%d %H:%M %Z}"
    return (
        f"user {one.user.id}, subscription {one.subscription_id}: "
        f"{one.before:%Y-%m-%d %H:%M %Z}{then}"
    )


def _describe(job: "BulkJob") -> str:
    counts = f"{job.done} of {job.total} done"
    skipped = f", {job.skipped} with nothing to do any more" if job.skipped else ""
    failed = f", {job.failed} failed" if job.failed else ""
    return f"{job.id}: {job.action.kind}, {job.state}, {counts}{skipped}{failed}"
