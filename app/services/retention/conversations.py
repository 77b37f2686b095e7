"""Removes what was written to and by support long ago, and conversations that are over."""

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import Conversation, ConversationMessage
from app.domain.conversations import ConversationState
from app.services.retention.batches import DELETE_BATCH_ROWS, RAW_RETENTION_PERIOD


async def delete_conversation_messages(session: AsyncSession) -> int:
    due = (
        select(ConversationMessage.id)
        .where(ConversationMessage.created_at <= clock.now() - RAW_RETENTION_PERIOD)
        .order_by(ConversationMessage.created_at)
        .limit(DELETE_BATCH_ROWS)
        .with_for_update(skip_locked=True)
    )
    ids = (await session.scalars(due)).all()
    if ids:
        await session.execute(
            delete(ConversationMessage)
            .where(ConversationMessage.id.in_(ids))
            .execution_options(synchronize_session=False)
        )
    return len(ids)


async def delete_conversations(session: AsyncSession) -> int:
    """Closed ones. Who answered stays in the audit."""
    due = (
        select(Conversation.id)
        .where(
            Conversation.state == ConversationState.CLOSED,
            Conversation.last_message_at <= clock.now() - RAW_RETENTION_PERIOD,
        )
        .order_by(Conversation.last_message_at)
        .limit(DELETE_BATCH_ROWS)
        .with_for_update(skip_locked=True)
    )
    ids = (await session.scalars(due)).all()
    if ids:
        await session.execute(
            delete(Conversation)
            .where(Conversation.id.in_(ids))
            .execution_options(synchronize_session=False)
        )
    return len(ids)
