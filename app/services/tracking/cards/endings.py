"""Watches that come to an end without their transaction: stopped, awaited in vain, chat gone."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.worker_names import WorkerName
from app.db.models import ChainState, Transaction, Watch
from app.db.retry import retry_if_stale
from app.db.unit_of_work import Database, wake_after_commit
from app.domain.tracking import Milestone, TxState, is_notified
from app.services import group_chats
from app.services.notifications.feeds import end_chat_feeds
from app.services.notifications.notify import notify
from app.services.notifications.topics import report_forum_lost
from app.services.tracking.cards.transaction_rows import lock_transactions
from app.services.tracking.following.milestone_notifications import to_lost_notification
from app.services.tracking.following.progress import end_unwatched

log = structlog.get_logger()

_BATCH: Final = 100
_SILENT_FOR: Final = timedelta(days=7)
"""Then nobody waits for that chain any longer; it may have been switched off."""


async def end_stopped_watch(session: AsyncSession, watch: Watch) -> None:
    """By its user, who gets no more notifications of the transaction."""
    await lock_transactions(session, [watch.tx_hash])
    await session.refresh(watch, with_for_update=True)
    now = clock.now()
    watch.stopped_at = watch.stopped_at or now
    watch.ended_at = watch.ended_at or now
    watch.card_due_at = None if watch.card_lost else now
    wake_after_commit(session, WorkerName.WATCH_CARDS)
    await session.flush()
    await end_unwatched(session, [watch.tx_hash])


@retry_if_stale
async def leave_chat(db: Database, chat_id: int) -> None:
    """The bot was removed: the group's watches end."""
    async with db.unit_of_work() as session:
        await leave_group(session, chat_id)


async def leave_group(session: AsyncSession, chat_id: int) -> None:
    """`leave_chat` as a step."""
    await group_chats.mark_group_left(session, chat_id)
    while await _end_chat(session, chat_id):
        pass
    await group_chats.withdraw_group_messages(session, chat_id)
    await end_chat_feeds(session, chat_id)
    await report_forum_lost(session, chat_id)


async def _end_chat(session: AsyncSession, chat_id: int) -> int:
    """How many watches ended with it."""
    is_open = and_(Watch.chat_id == chat_id, Watch.ended_at.is_(None))
    watches = await _lock(session, is_open, limit=None)
    now = clock.now()
    for watch in watches:
        watch.stopped_at = watch.ended_at = now
        watch.card_due_at = None
    await session.flush()
    await end_unwatched(session, [watch.tx_hash for watch in watches])
    return len(watches)


async def end_awaited_watches(session: AsyncSession) -> int:
    """What no chain has shown in time; how many users are notified."""
    watches = await _lock(session, _is_lost(clock.now()), limit=_BATCH)
    if not watches:
        return 0
    now = clock.now()
    for watch in watches:
        watch.ended_at = now
        watch.card_due_at = None if watch.card_lost else now
    await session.flush()
    await end_unwatched(session, [watch.tx_hash for watch in watches])
    notified_watches = [
        one for one in watches if is_notified(Milestone.LOST, one.mode, muted=one.muted)
    ]
    await notify(session, *(to_lost_notification(watch) for watch in notified_watches))
    log.info("awaited_in_vain", watches=len(watches))
    return len(watches)


async def _lock(
    session: AsyncSession, condition: ColumnElement[bool], *, limit: int | None
) -> Sequence[Watch]:
    """Their transactions' rows first."""
    due = select(Watch.id, Watch.tx_hash).where(condition).order_by(Watch.id).limit(limit)
    found = dict((await session.execute(due)).all())
    if not found:
        return ()
    await lock_transactions(session, set(found.values()))
    watches = await session.scalars(
        select(Watch)
        .where(condition, Watch.id.in_(found))
        .order_by(Watch.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return watches.all()


def _is_lost(now: datetime) -> ColumnElement[bool]:
    """Awaited on one chain or on all."""
    is_unknown = exists().where(
        Transaction.chain == Watch.chain,
        Transaction.tx_hash == Watch.tx_hash,
        Transaction.state == TxState.UNKNOWN,
    )
    # A chain that could not be asked may have it: while one is silent, "never came" is not sent.
    is_silent = exists().where(
        Transaction.tx_hash == Watch.tx_hash,
        Transaction.state == TxState.UNKNOWN,
        Transaction.ended_at.is_(None),
        ChainState.chain == Transaction.chain,
        ChainState.failing_since > now - _SILENT_FOR,
    )
    return and_(
        Watch.awaited_until <= now,
        Watch.ended_at.is_(None),
        or_(Watch.chain.is_(None), is_unknown),
        ~is_silent,
    )
