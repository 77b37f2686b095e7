"""Starting a bulk action, and what an operator does with one that runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ChangeRefusedError, ExpectedError
from app.core.worker_names import WorkerName
from app.db.models import BulkJob, PanelMove
from app.db.unit_of_work import COUNTING_PATIENCE, Database, wake_after_commit
from app.domain.bulk import (
    ENDED_BULK_STATES,
    MAX_BULK_DAYS,
    MAX_BULK_REASON_LENGTH,
    BulkAction,
    BulkKind,
    BulkState,
)
from app.services import audit
from app.services.operations.bulk.selection import BulkPreview, check_selection, preview_action

_LISTED: Final = 8


class BulkChangedError(ExpectedError):
    """It ended, or another operator was faster."""

    text_key = "error-bulk-changed"


@dataclass(frozen=True, slots=True)
class BulkRequest:
    """`key` names what confirmed it; `operator_id` is None on the command line.

    `confirmed` is how many subscriptions its operator was shown.
    """

    action: BulkAction
    key: str
    confirmed: int
    operator_id: int | None = None

    @property
    def actor(self) -> str:
        return f"user:{self.operator_id}" if self.operator_id else "operator"


async def preview_bulk(db: Database, action: BulkAction) -> BulkPreview:
    """The dry run. Raises ChangeRefusedError."""
    _check(action)
    async with db.read_only(patience=COUNTING_PATIENCE) as session:
        return await preview_action(session, action)


async def start_bulk(db: Database, request: BulkRequest) -> BulkJob:
    """The same request twice is one job. Its worker writes the items, which may take long.

    Raises ChangeRefusedError.
    """
    _check(request.action)
    async with db.unit_of_work() as session:
        await check_selection(session, request.action)
        added = await _add_job(session, request)
        if added is None:
            known = select(BulkJob).where(BulkJob.request_key == request.key)
            first: BulkJob = (await session.scalars(known)).one()
            return first
        _record(
            session,
            request.actor,
            added,
            "bulk_started",
            confirmed=request.confirmed,
            **_describe(request.action),
        )
        wake_after_commit(session, WorkerName.BULK)
        return await session.get_one(BulkJob, added)


async def list_bulk_jobs(db: Database) -> Sequence[BulkJob]:
    """The newest."""
    async with db.read_only() as session:
        rows = await session.scalars(select(BulkJob).order_by(BulkJob.id.desc()).limit(_LISTED))
        return rows.all()


async def require_bulk_job(db: Database, job_id: int) -> BulkJob:
    """Raises BulkChangedError where it is gone."""
    async with db.read_only() as session:
        job: BulkJob | None = await session.get(BulkJob, job_id)
        if job is None:
            raise BulkChangedError
        return job


async def set_bulk_message(db: Database, job_id: int, message_id: int) -> None:
    """Which one the worker edits from now on: the newest that shows it to its operator."""
    async with db.unit_of_work() as session:
        await session.execute(
            update(BulkJob).where(BulkJob.id == job_id).values(message_id=message_id)
        )


async def pause_bulk(db: Database, actor: str, job_id: int) -> None:
    """What is under way goes on. Raises BulkChangedError."""
    await _steer(db, actor, job_id, BulkState.PAUSED, BulkState.RUNNING)


async def resume_bulk(db: Database, actor: str, job_id: int) -> None:
    """Raises BulkChangedError."""
    await _steer(db, actor, job_id, BulkState.RUNNING, BulkState.PAUSED)


async def cancel_bulk(db: Database, actor: str, job_id: int) -> None:
    """What is done stays done; nothing more is. Raises BulkChangedError."""
    await _steer(db, actor, job_id, BulkState.CANCELLED, BulkState.RUNNING, BulkState.PAUSED)


async def _steer(
    db: Database, actor: str, job_id: int, target: BulkState, *sources: BulkState
) -> None:
    """The worker shows it: it alone edits the message that says how far it is."""
    now = clock.now()
    async with db.unit_of_work() as session:
        changed = await session.execute(
            update(BulkJob)
            .where(BulkJob.id == job_id, BulkJob.state.in_(sources))
            .values(
                state=target, wakes_at=now, ended_at=now if target in ENDED_BULK_STATES else None
            )
            .returning(BulkJob.id, BulkJob.panel_move_id)
        )
        row = changed.one_or_none()
        if row is None:
            raise BulkChangedError
        if row.panel_move_id is not None:
            await _steer_move(session, row.panel_move_id, target)
        _record(session, actor, job_id, f"bulk_{target}")
        wake_after_commit(session, WorkerName.BULK)


async def _steer_move(session: AsyncSession, move_id: int, target: BulkState) -> None:
    now = clock.now()
    values = {
        "paused_at": now if target is BulkState.PAUSED else None,
        "ended_at": func.coalesce(PanelMove.ended_at, now)
        if target is BulkState.CANCELLED
        else PanelMove.ended_at,
    }
    await session.execute(update(PanelMove).where(PanelMove.id == move_id).values(values))
    wake_after_commit(session, WorkerName.PANEL_MOVES)


async def _add_job(session: AsyncSession, request: BulkRequest) -> int | None:
    """None where that request has one already."""
    now = clock.now()
    row = insert(BulkJob).values(
        actor=request.actor,
        operator_id=request.operator_id,
        request_key=request.key,
        action_values=request.action.to_values(),
        total=request.confirmed,
        state=BulkState.RUNNING,
        wakes_at=now,
        created_at=now,
    )
    id_: int | None = await session.scalar(row.on_conflict_do_nothing().returning(BulkJob.id))
    return id_


def _check(action: BulkAction) -> None:
    """Raises ChangeRefusedError."""
    if action.kind is not BulkKind.EXTEND:
        return
    if not 0 < action.days <= MAX_BULK_DAYS:
        raise ChangeRefusedError(
            f"from 1 to {MAX_BULK_DAYS} days at once",
            "refused-bounds",
            name="days",
            least=1,
            most=MAX_BULK_DAYS,
        )
    if len(action.reason) > MAX_BULK_REASON_LENGTH:
        raise ChangeRefusedError(
            f"a reason has at most {MAX_BULK_REASON_LENGTH} characters",
            "refused-bulk-reason",
            most=MAX_BULK_REASON_LENGTH,
        )
    if action.incident_id is None and not action.reason:
        raise ChangeRefusedError(
            "say why: users read it", "refused-bulk-reason", most=MAX_BULK_REASON_LENGTH
        )


def _describe(action: BulkAction) -> dict[str, str | int | None]:
    values = {name: value for name, value in action.to_values().items() if value}
    return {
        name: value if isinstance(value, str | int) else ":".join(value).rstrip(":")
        for name, value in values.items()
    }


def _record(
    session: AsyncSession, actor: str, job_id: int, action: str, **details: str | int | None
) -> None:
    audit.record_audit_entry(session, actor, action, f"bulk:{job_id}", **details)
