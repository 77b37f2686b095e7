"""Removes watches that ended long ago, and the transactions that nobody watches any more."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core import clock
from app.db.models import Bridge, Transaction, Watch
from app.services.retention.batches import DELETE_BATCH_ROWS, RETENTION_PERIOD


async def delete_watches(session: AsyncSession) -> int:
    """With the bridges that begin with them. The legs of a bridge stay until both are due."""
    cutoff = clock.now() - RETENTION_PERIOD
    due = (
        select(Watch.id)
        .where(Watch.ended_at <= cutoff, _is_other_leg_due(cutoff))
        .order_by(Watch.ended_at)
        .limit(DELETE_BATCH_ROWS)
        # Code that opens one again has it locked, or finds it gone and begins another.
        .with_for_update(skip_locked=True)
    )
    ids = (await session.scalars(due)).all()
    if ids:
        await session.execute(
            delete(Watch).where(Watch.id.in_(ids)).execution_options(synchronize_session=False)
        )
    return len(ids)


def _is_other_leg_due(cutoff: datetime) -> ColumnElement[bool]:
    other = aliased(Watch)
    stays = or_(other.ended_at.is_(None), other.ended_at > cutoff)
    # One for each end, so that each finds its bridge by its own index.
    as_first = exists().where(
        Bridge.first_watch_id == Watch.id, other.id == Bridge.second_watch_id, stays
    )
    as_second = exists().where(
        Bridge.second_watch_id == Watch.id, other.id == Bridge.first_watch_id, stays
    )
    return and_(~as_first, ~as_second)


async def delete_transactions(session: AsyncSession) -> int:
    """A transaction that has a watch stays, ended or not: its card shows it."""
    over = and_(Transaction.ended_at <= clock.now() - RETENTION_PERIOD, ~_is_watched())
    due = (
        select(Transaction.chain, Transaction.tx_hash)
        .where(over)
        .order_by(Transaction.ended_at)
        .limit(DELETE_BATCH_ROWS)
        .with_for_update(skip_locked=True)
    )
    keys = (await session.execute(due)).all()
    if not keys:
        return 0
    # A new watch locks the row first: now that the lock is ours, the answer holds.
    removed = await session.execute(
        delete(Transaction)
        .where(tuple_(Transaction.chain, Transaction.tx_hash).in_(keys), over)
        .returning(Transaction.tx_hash)
        .execution_options(synchronize_session=False)
    )
    return len(removed.all())


def _is_watched() -> ColumnElement[bool]:
    return exists().where(
        Watch.tx_hash == Transaction.tx_hash,
        or_(Watch.chain == Transaction.chain, Watch.chain.is_(None)),
    )
