"""Nobody could say that the service was away, so operators read of it when it is back."""

from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import select, update

from app.core import clock
from app.db.models import LeadershipTerm
from app.db.unit_of_work import Database
from app.services.notifications.notify import notify_operators

log = structlog.get_logger()

# A hand-over and a restart take seconds, the watchdog's limit alone a minute.
_LEAST_ABSENCE: Final = timedelta(minutes=1)
_MISSED_ROUNDS: Final = 4


async def report_absence(db: Database, interval: timedelta, *, is_known: bool = False) -> None:
    """Called every `interval` by whichever instance is active: a gap is an absence of them all.

    `is_known`: operators have read of this one already.
    """
    now = clock.now()
    async with db.unit_of_work() as session:
        seen_at = await session.scalar(select(LeadershipTerm.seen_at).with_for_update())
        await session.execute(
            update(LeadershipTerm).values(seen_at=now).execution_options(synchronize_session=False)
        )
        least = max(_LEAST_ABSENCE, _MISSED_ROUNDS * interval)
        if is_known or seen_at is None or now - seen_at < least:
            return
        absence_seconds = int((now - seen_at).total_seconds())
        await notify_operators(
            session,
            f"service-away:{seen_at:%Y-%m-%dT%H:%M:%S}",
            "operator-service-away",
            since=seen_at.isoformat(),
            absence_seconds=absence_seconds,
        )
    log.warning("service_was_away", seconds=absence_seconds)
