"""Removes who got a broadcast, later the broadcast with its counts, and what was never sent."""

from sqlalchemy import and_, delete, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import Broadcast, BroadcastChange, BroadcastRecipient
from app.domain.broadcasts import BroadcastState
from app.services.retention.batches import (
    DELETE_BATCH_ROWS,
    RAW_RETENTION_PERIOD,
    RETENTION_PERIOD,
    delete_batch,
)


async def delete_recipients(session: AsyncSession) -> int:
    """Then nothing of it can be edited or deleted any more: Telegram would not either."""
    due = (
        select(BroadcastRecipient.id)
        .join(Broadcast, Broadcast.id == BroadcastRecipient.broadcast_id)
        .where(Broadcast.ended_at <= clock.now() - RETENTION_PERIOD)
    )
    return await delete_batch(session, BroadcastRecipient.id, due)


async def delete_broadcasts(session: AsyncSession) -> int:
    """A draft that its operator has left, too."""
    now = clock.now()
    due = (
        select(Broadcast.id)
        .where(
            or_(
                Broadcast.ended_at <= now - RAW_RETENTION_PERIOD,
                and_(
                    Broadcast.state == BroadcastState.DRAFT,
                    Broadcast.created_at <= now - RETENTION_PERIOD,
                ),
            ),
            ~exists().where(BroadcastRecipient.broadcast_id == Broadcast.id),
        )
        .order_by(Broadcast.created_at)
        .limit(DELETE_BATCH_ROWS)
        .with_for_update(skip_locked=True)
    )
    ids = (await session.scalars(due)).all()
    if ids:
        for statement in (
            delete(BroadcastChange).where(BroadcastChange.broadcast_id.in_(ids)),
            delete(Broadcast).where(Broadcast.id.in_(ids)),
        ):
            await session.execute(statement.execution_options(synchronize_session=False))
    return len(ids)
