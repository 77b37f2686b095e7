"""The end of a feed whose chat or topic is gone."""

from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import Feed, GroupChat
from app.services.notifications.notify import notify_operators

FEED_TEMPLATE: Final = "feed"


async def end_chat_feeds(session: AsyncSession, chat_id: int, *threads: int | None) -> None:
    """Of these topics, or of all of the chat: operators are notified once. Step."""
    gone = delete(Feed).where(Feed.chat_id == chat_id)
    if threads:
        gone = gone.where(Feed.thread_id.in_(threads))
    kinds = (await session.scalars(gone.returning(Feed.kind))).all()
    if not kinds:
        return
    title = await session.scalar(select(GroupChat.title).where(GroupChat.id == chat_id))
    await notify_operators(
        session,
        f"feed-ended:{chat_id}:{clock.now().isoformat()}",
        "operator-feed-ended",
        title=title or str(chat_id),
        kinds=",".join(sorted(kinds)),
        topic=int(bool(threads)),
    )
