"""Notifications of what goes on and on: one, then silence for a while."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import OutboxMessage
from app.services.notifications.notify import ROLE_SUFFIX, notify_operators

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


async def notify_operators_with_pause(
    session: AsyncSession,
    topic: str,
    pause: timedelta,
    template: str,
    **values: str | int | None,
) -> None:
    """Step."""
    for key in (await pick_paused_keys(session, [topic], pause)).values():
        await notify_operators(session, key, template, **values)


async def pick_paused_keys(
    session: AsyncSession, topics: Collection[str], pause: timedelta
) -> dict[str, str]:
    """The key of each topic's next notification, of topics that had none within `pause`. Step."""
    now = clock.now()
    # Whatever was written within the pause has one of these two keys; a role's has its suffix.
    topics_of = {
        f"{make_paused_key(topic, at, pause)}{suffix}": topic
        for topic in topics
        for at in (now, now - pause)
        for suffix in ("", ROLE_SUFFIX)
    }
    keys = await session.scalars(
        select(OutboxMessage.key).where(
            OutboxMessage.key.in_(topics_of), OutboxMessage.created_at > now - pause
        )
    )
    silent = {topics_of[key] for key in keys}
    return {topic: make_paused_key(topic, now, pause) for topic in topics if topic not in silent}


def make_paused_key(topic: str, at: datetime, pause: timedelta) -> str:
    """The same through a span as long as the pause, so that two at once are one."""
    return f"{topic}:{(at - _EPOCH) // pause}"
