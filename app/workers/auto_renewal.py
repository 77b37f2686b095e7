"""Renews from the balance what is about to end; woken by every entry to a balance."""

from collections.abc import Sequence
from datetime import timedelta

from app.core.worker_names import WorkerName
from app.db.unit_of_work import Database
from app.services.purchases.renewals import (
    DueRenewal,
    RenewalResult,
    renew_due_subscriptions,
)
from app.workers.base import MORE_DUE, NEXT_IN_MS, Counts, Worker

# Whoever was busy, because he just paid perhaps, is looked at again soon.
_BUSY_PAUSE_MS = 1000


def create_auto_renewal_worker(
    db: Database, operators: Sequence[int], interval: timedelta
) -> Worker:
    stopped_at: DueRenewal | None = None

    async def iterate() -> Counts:
        nonlocal stopped_at
        # From where the last round stopped: those without money must not use up every round.
        counts, stopped_at = await renew_due_subscriptions(db, operators, stopped_at)
        if stopped_at is not None:
            return {**counts, MORE_DUE: 1}
        return {**counts, NEXT_IN_MS: _BUSY_PAUSE_MS} if counts.get(RenewalResult.BUSY) else counts

    return Worker(WorkerName.AUTO_RENEWAL, interval, iterate)
