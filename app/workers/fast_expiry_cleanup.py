"""Ends what has expired and takes it off the panel."""

from collections.abc import Sequence
from datetime import timedelta

from app.db.unit_of_work import Database
from app.domain.ports import VpnPanel
from app.services.access.expiry import BATCH, end_expired, remove_ended, tell_paid_over
from app.workers.base import MORE, Counts, Worker


def fast_expiry_cleanup(
    db: Database, panel: VpnPanel, operators: Sequence[int], interval: timedelta
) -> Worker:
    async def iterate() -> Counts:
        ended = await end_expired(db)
        in_grace = await tell_paid_over(db)
        counts = await remove_ended(db, panel, operators)
        more = BATCH in {ended, in_grace} or counts["removed"] > 0
        return {"ended": ended, "in_grace": in_grace, **counts, MORE: int(more)}

    return Worker("fast_expiry_cleanup", interval, iterate)
