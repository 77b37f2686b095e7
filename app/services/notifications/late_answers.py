"""An answer to a user who wrote while Telegram refused ours: through the outbox (P8, P10)."""

from datetime import timedelta
from typing import Final

from sqlalchemy import or_, select

from app.core import clock
from app.db.models import OutboxMessage, OutboxStatus
from app.db.unit_of_work import Database
from app.services.notifications.notify import Notification, notify
from app.services.notifications.pauses import make_paused_key, pick_paused_keys

_PAUSE: Final = timedelta(minutes=1)


async def queue_late_answer(db: Database, chat_id: int, thread_id: int | None = None) -> None:
    """One a minute at most: a user who writes ten times meanwhile gets one answer."""
    async with db.unit_of_work() as session:
        keys = await pick_paused_keys(session, [_topic(chat_id)], _PAUSE)
        await notify(
            session,
            *(
                Notification(key, chat_id, "answer-late", thread_id=thread_id)
                for key in keys.values()
            ),
        )


async def notify_group_crowded(db: Database, chat_id: int, thread_id: int | None = None) -> None:
    """That not all in this group get an answer; a minute at least between two of these."""
    now = clock.now()
    # One that still waits was written at most two minutes ago: a group's limit ends after one.
    keys = [make_paused_key(_topic(chat_id), now - number * _PAUSE, _PAUSE) for number in range(3)]
    is_fresh = or_(
        OutboxMessage.status == OutboxStatus.WAITING, OutboxMessage.sent_at > now - _PAUSE
    )
    sent_recently = select(OutboxMessage.id).where(OutboxMessage.key.in_(keys), is_fresh).limit(1)
    async with db.unit_of_work() as session:
        if await session.scalar(sent_recently) is None:
            await notify(
                session, Notification(keys[0], chat_id, "group-crowded", thread_id=thread_id)
            )


def _topic(chat_id: int) -> str:
    return f"late:{chat_id}"
