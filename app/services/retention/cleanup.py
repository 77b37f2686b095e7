"""One round of retention: every step in batches, as long as there is time for it."""

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
from app.services.retention.admin_web import delete_web_logins, delete_web_sessions
from app.services.retention.batches import DELETE_BATCH_ROWS
from app.services.retention.broadcasts import delete_broadcasts, delete_recipients
from app.services.retention.bulk import delete_bulk_items, delete_bulk_jobs
from app.services.retention.conversations import (
    delete_conversation_messages,
    delete_conversations,
)
from app.services.retention.events import (
    delete_attention_items,
    delete_events,
    delete_failed_updates,
    delete_incidents,
    delete_panel_findings,
)
from app.services.retention.notifications import delete_notifications
from app.services.retention.orders import delete_draft_orders, delete_gifts, delete_promo_tries
from app.services.retention.watches import delete_transactions, delete_watches

log = structlog.get_logger()

_BUDGET: Final = timedelta(seconds=15)

_RetentionStep = Callable[[AsyncSession], Awaitable[int]]

# Watches first: their transactions and notifications stay as long as they do. So do broadcasts and
# their recipients.
RETENTION_STEPS: Final[Mapping[str, _RetentionStep]] = {
    "watches": delete_watches,
    "transactions": delete_transactions,
    "notifications": delete_notifications,
    "draft_orders": delete_draft_orders,
    "gifts": delete_gifts,
    "promo_tries": delete_promo_tries,
    "events": delete_events,
    "failed_updates": delete_failed_updates,
    "incidents": delete_incidents,
    "panel_findings": delete_panel_findings,
    "attention_items": delete_attention_items,
    "broadcast_recipients": delete_recipients,
    "broadcasts": delete_broadcasts,
    "bulk_items": delete_bulk_items,
    "bulk_jobs": delete_bulk_jobs,
    "conversation_messages": delete_conversation_messages,
    "conversations": delete_conversations,
    "admin_web_logins": delete_web_logins,
    "admin_web_sessions": delete_web_sessions,
}


@dataclass(frozen=True, slots=True)
class RetentionResult:
    """How many rows of each kind are gone; `is_unfinished`: there was no time for all of them."""

    removed: Mapping[str, int]
    is_unfinished: bool


async def run_retention(db: Database, budget: timedelta = _BUDGET) -> RetentionResult:
    """In turn, a batch each, until none fills a whole one: none keeps the others waiting.

    A step that fails does not keep the others from their work; then its error is raised.
    """
    deadline = time.monotonic() + budget.total_seconds()
    removed = Counter(dict.fromkeys(RETENTION_STEPS, 0))
    failed: dict[str, Exception] = {}
    is_unfinished = True
    while is_unfinished:
        is_unfinished = False
        for name in [name for name in RETENTION_STEPS if name not in failed]:
            try:
                async with db.unit_of_work() as session:
                    count = await RETENTION_STEPS[name](session)
            except Exception as error:
                if is_outage(error):
                    raise
                log.exception("retention_step_failed", step=name)
                failed[name] = error
            else:
                removed[name] += count
                is_unfinished |= count >= DELETE_BATCH_ROWS
        if time.monotonic() >= deadline:
            break
    if failed:
        raise next(iter(failed.values()))
    return RetentionResult(removed, is_unfinished)
