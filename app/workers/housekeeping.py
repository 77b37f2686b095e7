"""Removes what ended long ago, so that nothing grows for ever."""

from datetime import timedelta

from app.db.unit_of_work import Database
from app.services.retention.cleanup import tidy
from app.workers.base import MORE, Counts, Worker


def housekeeping(db: Database, interval: timedelta) -> Worker:
    async def iterate() -> Counts:
        tidied = await tidy(db)
        return {**tidied.removed, MORE: int(tidied.is_unfinished)}

    return Worker("housekeeping", interval, iterate)
