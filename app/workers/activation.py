"""Provisions what was paid for; woken by every settlement."""

from collections.abc import Sequence
from datetime import timedelta

from app.db.unit_of_work import Database
from app.domain.ports import VpnPanel
from app.services.access.activation import provision_due, time_to_next
from app.services.access.subscriptions import ACTIVATION
from app.workers.base import MORE, NEXT_IN_MS, Counts, Worker


def activation(
    db: Database, panel: VpnPanel, operators: Sequence[int], interval: timedelta
) -> Worker:
    async def iterate() -> Counts:
        counts = await provision_due(db, panel, operators)
        if counts["claimed"]:
            return {**counts, MORE: 1}
        next_in = await time_to_next(db)
        return counts if next_in is None else {NEXT_IN_MS: next_in // timedelta(milliseconds=1)}

    return Worker(ACTIVATION, interval, iterate)
