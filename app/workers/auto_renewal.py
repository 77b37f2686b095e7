"""Renews from the balance what is about to end; woken by every entry to a balance."""

from collections.abc import Sequence
from datetime import timedelta

from app.db.unit_of_work import Database
from app.domain.renewals import AUTO_RENEWAL
from app.services.purchases.renewals import Due, Result, renew_due
from app.workers.base import MORE, NEXT_IN_MS, Counts, Worker

# Whoever was busy, because he just paid perhaps, is looked at again soon.
BUSY_PAUSE_MS = 1000


def auto_renewal(db: Database, operators: Sequence[int], interval: timedelta) -> Worker:
    stopped_at: Due | None = None

    async def iterate() -> Counts:
        nonlocal stopped_at
        # From where the last round stopped: those without money must not use up every round.
        counts, stopped_at = await renew_due(db, operators, stopped_at)
        if stopped_at is not None:
            return {**counts, MORE: 1}
        return {**counts, NEXT_IN_MS: BUSY_PAUSE_MS} if counts.get(Result.BUSY) else counts

    return Worker(AUTO_RENEWAL, interval, iterate)
