"""One round of the worker that carries out bulk actions: some items of each that runs."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import select, update

from app.core import clock
from app.core.round_counts import MORE_DUE, Counts, count_down_to
from app.db.models import BulkJob
from app.db.unit_of_work import Database
from app.domain.bulk import BulkKind, BulkState
from app.domain.messages import DeliveryGuarantee, Lane
from app.domain.ports import MessageRenderer, MessageSender, PortError, VpnPanel
from app.services.notifications.claiming import FALLBACK_LANGUAGE
from app.services.notifications.notify import Notification, notify
from app.services.operations.bulk.beginning import begin_job
from app.services.operations.bulk.carrying_out import carry_out_items, load_work
from app.services.operations.bulk.items import claim_items, has_waiting_items
from app.services.operations.bulk.moving import update_moved_items
from app.services.users import get_chat_languages

log = structlog.get_logger()

_MOST_AT_ONCE: Final = 10
# Until a panel has done what it has, or answers again.
_PAUSE: Final = timedelta(milliseconds=500)
_FAILURE_PAUSE: Final = timedelta(seconds=30)
# Of the 0.9 messages a second that a chat takes, the operator's own taps keep most.
_SHOWN_EVERY: Final = timedelta(seconds=5)


@dataclass(slots=True)
class BulkDisplay:
    """Of one instance: when it has shown each job last, so that it edits politely."""

    sender: MessageSender
    renderer: MessageRenderer
    _shown: dict[int, datetime] = field(default_factory=dict)

    def is_due(self, job_id: int) -> bool:
        """From then on it counts as shown."""
        now = clock.now()
        is_due = now - self._shown.get(job_id, now - _SHOWN_EVERY) >= _SHOWN_EVERY
        if is_due:
            self._shown[job_id] = now
        return is_due

    def forget(self, job_id: int) -> None:
        self._shown.pop(job_id, None)


async def run_bulk_jobs(db: Database, panel: VpnPanel, display: BulkDisplay) -> Counts:
    """Of those that an operator has stopped, that is shown."""
    async with db.read_only() as session:
        rows = await session.scalars(
            select(BulkJob)
            .where(BulkJob.wakes_at.is_not(None))
            .order_by(BulkJob.wakes_at)
            .limit(_MOST_AT_ONCE)
        )
        awake = rows.all()
    now = clock.now()
    due = [job for job in awake if job.wakes_at and job.wakes_at <= now]
    if not due:
        return count_down_to(awake[0].wakes_at if awake else None)
    ended = 0
    for job in due:
        ended += await _work_on(db, panel, display, job)
    return {"jobs": len(due), "ended": ended, MORE_DUE: 1}


async def _work_on(db: Database, panel: VpnPanel, display: BulkDisplay, job: BulkJob) -> int:
    """How many items ended."""
    try:
        if job.state is BulkState.RUNNING:
            return await _go_on(db, panel, display, job)
        display.forget(job.id)
        await _show(db, display, job.id)
        await _change(db, job, wakes_at=None)
    except Exception:
        # One that fails must not block the others (P6).
        log.exception("bulk_failed", job=job.id)
        await _change(db, job, wakes_at=clock.now() + _FAILURE_PAUSE)
    return 0


async def _go_on(db: Database, panel: VpnPanel, display: BulkDisplay, job: BulkJob) -> int:
    if await begin_job(db, job):
        return 0
    if display.is_due(job.id):
        await _show(db, display, job.id)
    if job.action.kind is BulkKind.MOVE:
        await _follow_move(db, job)
        return 0
    async with db.unit_of_work() as session:
        items = await claim_items(session, job.id)
        work = await load_work(session, job)
    ended = await carry_out_items(db, panel, work, items)
    if not items:
        await _pause_or_complete(db, job)
    elif not ended:
        await _change(db, job, wakes_at=clock.now() + _PAUSE)
    return ended


async def _follow_move(db: Database, job: BulkJob) -> None:
    async with db.unit_of_work() as session:
        is_over = await update_moved_items(session, job)
    if is_over:
        await _pause_or_complete(db, job)
    else:
        await _change(db, job, wakes_at=clock.now() + _PAUSE)


async def _pause_or_complete(db: Database, job: BulkJob) -> None:
    now = clock.now()
    values: dict[str, object] = {"wakes_at": now + _PAUSE}
    async with db.unit_of_work() as session:
        is_done = not await has_waiting_items(session, job.id)
        if is_done:
            values = {"state": BulkState.DONE, "wakes_at": None, "ended_at": now}
        changed: BulkJob | None = await session.scalar(
            update(BulkJob)
            .where(BulkJob.id == job.id, BulkJob.state == job.state)
            .values(**values)
            .returning(BulkJob)
            .execution_options(populate_existing=True)
        )
        if is_done and changed is not None and changed.operator_id is not None:
            await notify(session, _build_report(changed, changed.operator_id))


def _build_report(job: BulkJob, operator_id: int) -> Notification:
    """In the message that showed how far it was."""
    return Notification(
        f"bulk:{job.id}",
        operator_id,
        "bulk-done",
        job_to_values(job),
        guarantee=DeliveryGuarantee.AT_LEAST_ONCE,
        edit_message_id=job.message_id,
    )


async def _show(db: Database, display: BulkDisplay, job_id: int) -> None:
    """As it is now. What Telegram does not take now, the next look can show."""
    async with db.read_only() as session:
        job = await session.get_one(BulkJob, job_id)
        is_new = job.message_id is None and clock.now() - job.created_at < _SHOWN_EVERY
        if job.operator_id is None or is_new:
            return  # who has just begun it is being shown it
        languages = await get_chat_languages(session, {job.operator_id})
    language = languages.get(job.operator_id, FALLBACK_LANGUAGE)
    screen = display.renderer.render("bulk-progress", job_to_values(job), language)
    chat_id, message_id, lane = job.operator_id, job.message_id, Lane.NOTIFICATION
    try:
        if message_id is None:
            shown = await display.sender.send(chat_id, screen, lane=lane)
        else:
            shown = await display.sender.edit(chat_id, message_id, screen, lane=lane)
    except PortError as error:
        log.info("bulk_progress_not_shown", job=job_id, reason=str(error))
        return
    if shown != message_id:
        async with db.unit_of_work() as session:
            await session.execute(
                update(BulkJob).where(BulkJob.id == job_id).values(message_id=shown)
            )


def job_to_values(job: BulkJob) -> dict[str, str | int | None]:
    """For its templates."""
    progress = job.progress
    return {
        "job": job.id,
        "kind": job.action.kind.value,
        "state": job.state.value,
        "total": progress.total,
        "done": progress.done,
        "skipped": progress.skipped,
        "failed": progress.failed,
        "waiting": progress.waiting,
    }


async def _change(db: Database, job: BulkJob, **values: object) -> None:
    """Unless an operator has changed it meanwhile: then the next round sees that."""
    async with db.unit_of_work() as session:
        await session.execute(
            update(BulkJob)
            .where(BulkJob.id == job.id, BulkJob.state == job.state)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
