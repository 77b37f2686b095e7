"""One round of housekeeping: every step in bites, as long as there is time for it."""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.outage import is_outage
from app.db.unit_of_work import Database
from app.services.retention.batches import BATCH
from app.services.retention.events import remove_events, remove_updates
from app.services.retention.notifications import remove_letters
from app.services.retention.orders import remove_drafts, remove_tries
from app.services.retention.watches import remove_transactions, remove_watches

log = structlog.get_logger()

BUDGET: Final = timedelta(seconds=15)

Step = Callable[[AsyncSession], Awaitable[int]]

# Watches first: their transactions and letters stay as long as they do.
STEPS: Final[Mapping[str, Step]] = {
    "watches": remove_watches,
    "transactions": remove_transactions,
    "letters": remove_letters,
    "drafts": remove_drafts,
    "tries": remove_tries,
    "events": remove_events,
    "updates": remove_updates,
}


@dataclass(frozen=True, slots=True)
class Tidied:
    """How many rows of each kind are gone; `is_unfinished`: there was no time for all of them."""

    removed: Mapping[str, int]
    is_unfinished: bool


async def tidy(db: Database, budget: timedelta = BUDGET) -> Tidied:
    """In turn, a bite each, until none finds a whole one: none keeps the others waiting.

    A step that fails does not keep the others from their work; then its error is raised.
    """
    deadline = time.monotonic() + budget.total_seconds()
    removed = Counter(dict.fromkeys(STEPS, 0))
    failed: dict[str, Exception] = {}
    is_unfinished = True
    while is_unfinished:
        is_unfinished = False
        for name in [name for name in STEPS if name not in failed]:
            try:
                async with db.unit_of_work() as session:
                    count = await STEPS[name](session)
            except Exception as error:
                if is_outage(error):
                    raise
                log.exception("housekeeping_step_failed", step=name)
                failed[name] = error
            else:
                removed[name] += count
                is_unfinished |= count >= BATCH
        if time.monotonic() >= deadline:
            break
    if failed:
        raise next(iter(failed.values()))
    return Tidied(removed, is_unfinished)
