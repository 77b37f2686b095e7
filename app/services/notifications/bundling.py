"""Questions of one user that wait together become one message: a reply answers one user."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import OutboxMessage, OutboxStatus
from app.domain.conversations import TOPIC_QUESTION_TEMPLATE
from app.services.notifications.support import MAX_QUESTION_LENGTH, QUESTION_TEMPLATE

_BUNDLED_TEMPLATES: Final = (QUESTION_TEMPLATE, TOPIC_QUESTION_TEMPLATE)


async def bundle_questions(session: AsyncSession, claimed: Iterable[OutboxMessage]) -> None:
    """Into the claimed ones, as much as fits. Step; none of these may have been sent already."""
    heads = {
        (row.chat_id, row.values["person"]): row
        for row in claimed
        if row.template in _BUNDLED_TEMPLATES
    }
    if not heads:
        return
    waiting = await session.scalars(
        select(OutboxMessage)
        .where(
            OutboxMessage.chat_id.in_({chat_id for chat_id, _ in heads}),
            OutboxMessage.status == OutboxStatus.WAITING,
            OutboxMessage.template.in_(_BUNDLED_TEMPLATES),
            OutboxMessage.lease_token.is_(None),
        )
        .order_by(OutboxMessage.id)
        .with_for_update(skip_locked=True)
    )
    for row in waiting:
        head = heads.get((row.chat_id, row.values["person"]))
        if head is None:
            continue
        text = f"{head.values['text']}\n\n{row.values['text']}"
        if len(text) <= MAX_QUESTION_LENGTH:
            head.values = {**head.values, "text": text}
            row.status = OutboxStatus.WITHDRAWN
