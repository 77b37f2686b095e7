"""What a job begins with: its items, by its worker, because 100,000 of them take a while."""

from collections.abc import Mapping

import structlog
from sqlalchemy import exists, select, update

from app.core import clock
from app.core.errors import ChangeRefusedError, ExpectedError
from app.db.models import BulkItem, BulkJob
from app.db.unit_of_work import Database
from app.domain.bulk import BulkKind, BulkState
from app.domain.messages import DeliveryGuarantee
from app.services.notifications.notify import Notification, notify
from app.services.operations.bulk.selection import add_items
from app.services.operations.panel_moves import begin_panel_move

log = structlog.get_logger()


class BulkGrownError(ExpectedError):
    """It would be for noticeably more than was confirmed."""

    text_key = "error-bulk-grown"


class NothingInBulkError(ExpectedError):
    text_key = "error-bulk-nothing"


class _OvertakenError(Exception):
    """An operator has paused or cancelled it meanwhile."""


async def begin_job(db: Database, job: BulkJob) -> bool:
    """Whether this was its beginning. Where nothing begins, it is over and its operator notified.

    Until then its `total` is what its operator confirmed.
    """
    if job.progress.ended or await _has_items(db, job.id):
        return False
    try:
        await _add_items(db, job)
    except _OvertakenError:
        log.info("bulk_overtaken", job=job.id)
    except (ChangeRefusedError, ExpectedError) as error:
        log.warning("bulk_not_begun", job=job.id, reason=str(error) or type(error).__name__)
        values = error.text_values if isinstance(error, ChangeRefusedError) else {}
        await _give_up(db, job, {"reason": error.text_key, **values})
    return True


async def _has_items(db: Database, job_id: int) -> bool:
    async with db.read_only() as session:
        return bool(await session.scalar(select(exists().where(BulkItem.job_id == job_id))))


async def _add_items(db: Database, job: BulkJob) -> None:
    """Raises ChangeRefusedError, NothingInBulkError, BulkGrownError."""
    async with db.unit_of_work() as session:
        total = await add_items(session, job.id, job.action)
        if not total:
            raise NothingInBulkError
        # A shop sells on while its operator reads: a tenth more is the same decision.
        if total > job.total + job.total // 10:
            raise BulkGrownError
        move_id = None
        if job.action.kind is BulkKind.MOVE:
            move_id = await begin_panel_move(session, job.action.panel or "", job.action.to)
        # Last of all: its row is the one that taps wait for.
        begun = await session.scalar(
            update(BulkJob)
            .where(BulkJob.id == job.id, BulkJob.state == BulkState.RUNNING)
            .values(total=total, panel_move_id=move_id)
            .returning(BulkJob.id)
            .execution_options(synchronize_session=False)
        )
        if begun is None:
            raise _OvertakenError


async def _give_up(db: Database, job: BulkJob, why: Mapping[str, str | int]) -> None:
    """`why`: the text that says it, as `reason`, and that text's values."""
    async with db.unit_of_work() as session:
        changed = await session.scalar(
            update(BulkJob)
            .where(
                BulkJob.id == job.id,
                BulkJob.state == BulkState.RUNNING,
                ~exists().where(BulkItem.job_id == BulkJob.id),  # another instance has begun it
            )
            .values(state=BulkState.CANCELLED, total=0, wakes_at=None, ended_at=clock.now())
            .returning(BulkJob.id)
        )
        if changed is None or job.operator_id is None:
            return
        await notify(
            session,
            Notification(
                f"bulk:{job.id}",
                job.operator_id,
                "bulk-not-begun",
                {"job": job.id, "kind": job.action.kind.value, **why},
                guarantee=DeliveryGuarantee.AT_LEAST_ONCE,
                edit_message_id=job.message_id,
            ),
        )
