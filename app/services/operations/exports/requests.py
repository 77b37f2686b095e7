"""An operator's request for an export: a row, which a worker makes true."""

from collections.abc import Mapping

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.core.worker_names import WorkerName
from app.db.models import Export, ExportState
from app.db.unit_of_work import Database, wake_after_commit
from app.domain.exports import ExportKind
from app.services.operations.exports.writing import record_export


class ExportRunningError(ExpectedError):
    """Of the same operator; one at a time."""

    text_key = "error-export-running"


async def request_export(
    db: Database,
    operator: int,
    kind: ExportKind,
    *,
    with_bom: bool,
    message_id: int | None,
    subject_id: int | None = None,
) -> None:
    """`message_id` shows how far it is from now on; without it, a new one does.

    Of recipients and bulk items, those of one broadcast or job where one is given.

    Raises ExportRunningError.
    """
    async with db.unit_of_work() as session:
        asked = {
            "operator_id": operator,
            "kind": kind,
            "with_bom": with_bom,
            "message_id": message_id,
            "subject_id": subject_id,
        }
        if not await _add_export(session, operator, asked):
            raise ExportRunningError
        record_export(session, f"user:{operator}", kind)
        wake_after_commit(session, WorkerName.EXPORTS)


async def get_running_export(db: Database, operator: int) -> Export | None:
    async with db.read_only() as session:
        export: Export | None = await session.scalar(
            select(Export).where(
                Export.operator_id == operator, Export.state == ExportState.WAITING
            )
        )
        return export


async def _add_export(session: AsyncSession, operator: int, asked: Mapping[str, object]) -> bool:
    """False where one runs. The one that ended before makes room for it."""
    await session.execute(
        delete(Export).where(Export.operator_id == operator, Export.state != ExportState.WAITING)
    )
    now = clock.now()
    added = await session.scalar(
        insert(Export)
        .values(
            **asked,
            state=ExportState.WAITING,
            attempts=0,
            created_at=now,
            due_at=now,
        )
        .on_conflict_do_nothing()
        .returning(Export.id)
    )
    return added is not None
