"""Ends what has expired and takes it off the panel."""

from collections.abc import Sequence
from datetime import timedelta

from app.core.worker_names import WorkerName
from app.db.unit_of_work import Database
from app.domain.ports import VpnPanel
from app.services.access.expiry import (
    EXPIRY_BATCH,
    deprovision_ended_subscriptions,
    end_expired_subscriptions,
    notify_paid_time_over,
)
from app.workers.base import MORE_DUE, Counts, Worker


def create_expiry_worker(
    db: Database, panel: VpnPanel, operators: Sequence[int], interval: timedelta
) -> Worker:
    async def iterate() -> Counts:
        ended = await end_expired_subscriptions(db)
        in_grace = await notify_paid_time_over(db)
        counts = await deprovision_ended_subscriptions(db, panel, operators)
        more = EXPIRY_BATCH in {ended, in_grace} or counts["removed"] > 0
        return {"ended": ended, "in_grace": in_grace, **counts, MORE_DUE: int(more)}

    return Worker(WorkerName.FAST_EXPIRY_CLEANUP, interval, iterate)
