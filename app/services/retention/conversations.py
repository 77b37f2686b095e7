"""Removes what was written to and by support long ago, and conversations that are over."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import Conversation, ConversationMessage
from app.domain.conversations import ConversationState
from app.services.retention.batches import RAW_RETENTION_PERIOD, delete_batch


async def delete_conversation_messages(session: AsyncSession) -> int:
    due = (
        select(ConversationMessage.id)
        .where(ConversationMessage.created_at <= clock.now() - RAW_RETENTION_PERIOD)
        .order_by(ConversationMessage.created_at)
    )
    return await delete_batch(session, ConversationMessage.id, due)


async def delete_conversations(session: AsyncSession) -> int:
    """Closed ones. Who answered stays in the audit."""
    due = (
        select(Conversation.id)
        .where(
            Conversation.state == ConversationState.CLOSED,
            Conversation.last_message_at <= clock.now() - RAW_RETENTION_PERIOD,
        )
        .order_by(Conversation.last_message_at)
    )
    return await delete_batch(session, Conversation.id, due)
