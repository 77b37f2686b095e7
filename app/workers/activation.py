"""Provisions what was paid for; woken by every settlement."""

from collections.abc import Sequence
from datetime import timedelta

from app.core.worker_names import WorkerName
from app.db.unit_of_work import Database
from app.domain.ports import VpnPanel
from app.services.access.activation import (
    get_time_to_next_attempt,
    provision_due_subscriptions,
)
from app.workers.base import MORE_DUE, NEXT_IN_MS, Counts, Worker


def create_activation_worker(
    db: Database, panel: VpnPanel, operators: Sequence[int], interval: timedelta
) -> Worker:
    async def iterate() -> Counts:
        counts = await provision_due_subscriptions(db, panel, operators)
        if counts["claimed"]:
            return {**counts, MORE_DUE: 1}
        next_in = await get_time_to_next_attempt(db)
        return counts if next_in is None else {NEXT_IN_MS: next_in // timedelta(milliseconds=1)}

    return Worker(WorkerName.ACTIVATION, interval, iterate)
