"""Ends what has expired and takes it off the panel."""

from collections.abc import Sequence
from datetime import timedelta

from app.db.unit_of_work import Database
from app.domain.ports import VpnPanel
from app.services.expiry import BATCH, end_expired, remove_ended
from app.workers.base import MORE, Counts, Worker


def fast_expiry_cleanup(
    db: Database, panel: VpnPanel, operators: Sequence[int], interval: timedelta
) -> Worker:
    async def iterate() -> Counts:
        ended = await end_expired(db)
        counts = await remove_ended(db, panel, operators)
        return {"ended": ended, **counts, MORE: int(ended == BATCH or counts["removed"] > 0)}

    return Worker("fast_expiry_cleanup", interval, iterate)
