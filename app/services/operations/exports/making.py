"""Makes what operators have asked for, and sends it to them: at least once.

All that an attempt has made is gone with it, and the next one begins anew: so a part that was
sent before a crash comes again, and the parts of one attempt belong together.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from tempfile import TemporaryFile
from typing import BinaryIO, Final
from uuid import UUID, uuid4

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.backoff import backoff_delay
from app.core.errors import RefusalError
from app.core.round_counts import MORE_DUE, Counts, count_down
from app.core.side_by_side import run_side_by_side
from app.db.claims import RELEASED, claim_due, get_time_to_next_claim, update_claimed
from app.db.models import Export, ExportState
from app.db.unit_of_work import Database
from app.domain.exports import ExportKind
from app.domain.messages import DeliveryGuarantee, Document, Lane, Screen
from app.domain.operator_roles import Permission, has_permission
from app.domain.ports import PortError, RefusedError, RetryLaterError, UnreachableError
from app.services.notifications.claiming import FALLBACK_LANGUAGE
from app.services.notifications.notify import Notification, notify
from app.services.notifications.outbox import DeliveryPorts
from app.services.operations.exports.csv_parts import CsvParts
from app.services.operations.exports.tables import count_export_rows, list_export_columns
from app.services.operations.exports.writing import ExportProgress, write_export
from app.services.staff import list_operator_roles
from app.services.users import get_chat_languages

log = structlog.get_logger()

# Longer than the sending of a part; renewed before each, and while rows are written.
_LEASE: Final = timedelta(seconds=90)
_MAX_ATTEMPTS: Final = 6
_FIRST_DELAY, _MAX_DELAY = timedelta(seconds=10), timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class ExportLimits:
    """Telegram takes 50 MB; less, so that a slow way out ends within one request's time-out."""

    part_bytes: int = 20_000_000
    report_every: timedelta = timedelta(seconds=3)


_LIMITS: Final = ExportLimits()


class _LostError(Exception):
    """Another instance has the export now."""


@dataclass(slots=True)
class _Job:
    """A claimed export."""

    id: int
    operator_id: int
    kind: ExportKind
    with_bom: bool
    subject_id: int | None
    message_id: int | None
    attempt: int
    language: str
    lease_token: UUID


async def make_due_export(
    db: Database, ports: DeliveryPorts, limits: ExportLimits = _LIMITS
) -> Counts:
    """One; the next follows in the next round."""
    async with db.read_only() as session:
        is_waiting = Export.state == ExportState.WAITING
        next_in = await get_time_to_next_claim(session, Export, is_waiting)
    if next_in is None or next_in:
        return count_down(next_in)
    async with db.unit_of_work() as session:
        job = await _claim(session)
    if job is None:
        return {}  # another instance was faster
    try:
        await _make(db, ports, job, limits)
    except _LostError:
        log.info("export_lost", export=job.id)
        return {"made": 0, MORE_DUE: 1}
    except Exception as error:
        # One that fails must not block the others (P6).
        log.exception("export_failed", export=job.id, kind=job.kind, attempt=job.attempt)
        with suppress(_LostError):
            await _retry_or_give_up(db, job, error)
        return {"failed": 1, MORE_DUE: 1}
    return {"made": 1, MORE_DUE: 1}


async def _claim(session: AsyncSession) -> _Job | None:
    token = uuid4()
    waiting = select(Export.id).where(Export.state == ExportState.WAITING).order_by(Export.due_at)
    claim = claim_due(Export, waiting, token, limit=1, lease=_LEASE)
    row = (await session.scalars(claim)).one_or_none()
    if row is None:
        return None
    languages = await get_chat_languages(session, {row.operator_id})
    return _Job(
        id=row.id,
        operator_id=row.operator_id,
        kind=row.kind,
        with_bom=row.with_bom,
        subject_id=row.subject_id,
        message_id=row.message_id,
        attempt=row.attempts,
        language=languages.get(row.operator_id, FALLBACK_LANGUAGE),
        lease_token=token,
    )


async def _make(db: Database, ports: DeliveryPorts, job: _Job, limits: ExportLimits) -> None:
    if not await _is_permitted(db, ports, job):
        async with db.unit_of_work() as session:
            await _end(session, job, ExportState.FAILED, last_error="may not export any more")
        return
    if job.attempt > _MAX_ATTEMPTS:  # each one before ended with its process
        await _give_up(db, job, "it did not come to its end")
        return
    with CsvParts(
        _open_unnamed_file,
        list_export_columns(job.kind),
        with_bom=job.with_bom,
        max_bytes=limits.part_bytes,
    ) as parts:
        rows = await _write(db, ports, job, parts, limits.report_every)
        await _send(db, ports, job, parts.files)
    await _complete(db, job, rows, len(parts.files))


async def _is_permitted(db: Database, ports: DeliveryPorts, job: _Job) -> bool:
    async with db.read_only() as session:
        roles = await list_operator_roles(session, ports.owners)
    return has_permission(roles.get(job.operator_id), Permission.EXPORT_TABLES)


def _open_unnamed_file(_: int) -> BinaryIO:
    """Gone with the process, however that ends."""
    return TemporaryFile(prefix="tollgate-export-")


async def _write(
    db: Database, ports: DeliveryPorts, job: _Job, parts: CsvParts, report_every: timedelta
) -> int:
    """All rows, while the operator sees how many there are so far; how many there were."""
    progress = ExportProgress()
    async with db.read_only() as session:
        total = await count_export_rows(session, job.kind, job.subject_id)
    await _report(db, ports, job, progress.rows, total)
    is_written = asyncio.Event()

    async def write() -> None:
        try:
            await write_export(db, job.kind, parts, progress, job.subject_id)
        finally:
            is_written.set()

    async def report() -> None:
        while not await _is_set_within(is_written, report_every):
            await _report(db, ports, job, progress.rows, total)

    await run_side_by_side([write(), report()])
    return progress.rows


async def _is_set_within(event: asyncio.Event, time: timedelta) -> bool:
    try:
        async with asyncio.timeout(time.total_seconds()):
            await event.wait()
    except TimeoutError:
        return False
    return True


async def _report(db: Database, ports: DeliveryPorts, job: _Job, rows: int, total: int) -> None:
    """In the message that the operator tapped, or in a new one. Raises _LostError."""
    await _renew_lease(db, job, rows_done=rows)
    values: dict[str, object] = {"kind": job.kind, "rows": rows, "total": max(rows, total)}
    screen = ports.renderer.render("export-progress", values, job.language)
    shown = await _show(ports, job, screen)
    if shown != job.message_id:
        job.message_id = shown
        await _renew_lease(db, job, message_id=shown)


async def _show(ports: DeliveryPorts, job: _Job, screen: Screen) -> int | None:
    """The message that shows it; what is only on its way can be shown later."""
    chat_id, lane = job.operator_id, Lane.NOTIFICATION
    try:
        if job.message_id is None:
            return await ports.sender.send(chat_id, screen, lane=lane)
        return await ports.sender.edit(chat_id, job.message_id, screen, lane=lane)
    except PortError as error:
        log.info("export_progress_not_shown", export=job.id, reason=str(error))
        return job.message_id


async def _send(db: Database, ports: DeliveryPorts, job: _Job, files: list[BinaryIO]) -> None:
    for number, file in enumerate(files, start=1):
        await _renew_lease(db, job)
        values: dict[str, object] = {"kind": job.kind, "number": number, "count": len(files)}
        screen = ports.renderer.render("export-part", values, job.language)
        document = Document(_name_file(job.kind, number, len(files)), file)
        await ports.sender.send(
            job.operator_id, replace(screen, document=document), lane=Lane.NOTIFICATION
        )


def _name_file(kind: ExportKind, number: int, count: int) -> str:
    part = f"-{number}-of-{count}" if count > 1 else ""
    return f"{kind}-{clock.now():%Y-%m-%d}{part}.csv"


async def _renew_lease(db: Database, job: _Job, **values: object) -> None:
    """Raises _LostError."""
    async with db.unit_of_work() as session:
        await _update(session, job, leased_until=clock.now() + _LEASE, **values)


async def _update(session: AsyncSession, job: _Job, **values: object) -> None:
    """Raises _LostError where the lease is another one's."""
    updated = await session.scalar(
        update_claimed(Export, job.id, job.lease_token).values(**values).returning(Export.id)
    )
    if updated is None:
        raise _LostError


async def _retry_or_give_up(db: Database, job: _Job, error: Exception) -> None:
    is_final = isinstance(error, RefusedError | UnreachableError) or job.attempt >= _MAX_ATTEMPTS
    # What an unexpected error says may be secret (P12).
    is_safe = isinstance(error, PortError | RefusalError)
    reason = str(error)[:300] if is_safe else type(error).__name__
    if is_final:
        await _give_up(db, job, reason)
        return
    wait = backoff_delay(job.attempt, _FIRST_DELAY, _MAX_DELAY)
    if isinstance(error, RetryLaterError):
        wait = max(wait, error.retry_after)
    async with db.unit_of_work() as session:
        await _update(session, job, due_at=clock.now() + wait, last_error=reason, **RELEASED)


async def _give_up(db: Database, job: _Job, reason: str) -> None:
    async with db.unit_of_work() as session:
        await _end(session, job, ExportState.FAILED, last_error=reason)
        await _notify(session, job, "export-failed", error=reason)


async def _complete(db: Database, job: _Job, rows: int, parts: int) -> None:
    async with db.unit_of_work() as session:
        await _end(session, job, ExportState.DONE, rows_done=rows)
        await _notify(session, job, "export-ready", rows=rows, parts=parts)


async def _end(session: AsyncSession, job: _Job, state: ExportState, **values: object) -> None:
    await _update(session, job, state=state, ended_at=clock.now(), **RELEASED, **values)


async def _notify(session: AsyncSession, job: _Job, template: str, **values: str | int) -> None:
    """In the message that showed how far it was."""
    notification = Notification(
        f"export:{job.id}",
        job.operator_id,
        template,
        {"kind": job.kind, **values},
        guarantee=DeliveryGuarantee.AT_LEAST_ONCE,
        edit_message_id=job.message_id,
    )
    await notify(session, notification)
