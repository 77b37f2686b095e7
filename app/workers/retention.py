"""Removes what ended long ago, so that nothing grows for ever."""

from datetime import timedelta

from app.core.worker_names import WorkerName
from app.db.unit_of_work import Database
from app.services.retention.cleanup import run_retention
from app.workers.base import MORE_DUE, Counts, Worker


def create_retention_worker(db: Database, interval: timedelta) -> Worker:
    async def iterate() -> Counts:
        deleted = await run_retention(db)
        return {**deleted.removed, MORE_DUE: int(deleted.is_unfinished)}

    return Worker(WorkerName.HOUSEKEEPING, interval, iterate)
