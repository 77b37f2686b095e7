"""Groups: known from the first word to the bot on, in the language of who said it."""

from sqlalchemy import delete, exists, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core import clock
from app.db.models import GroupChat, OutboxMessage, OutboxStatus, Watch
from app.db.stale import again_if_stale
from app.db.unit_of_work import Database
from app.domain.names import clean_name
from app.services.watching.chat.endings import end_chat

_LONGEST_TITLE = 256


async def remember(db: Database, chat_id: int, title: str, language: str) -> str:
    """The group's language: that of whoever was first there, which `language` becomes if new."""
    async with db.unit_of_work() as session:
        group = await session.get(GroupChat, chat_id)
        if group is None:
            return await _register(session, chat_id, title, language)
        group.title, group.left_at = clean_name(title, _LONGEST_TITLE), None
        return group.language


@again_if_stale
async def join(db: Database, chat_id: int, title: str, language: str) -> str | None:
    """The language to say hello in; None where the bot was there already."""
    async with db.unit_of_work() as session:
        group = await session.get(GroupChat, chat_id, with_for_update=True)
        if group is None:
            return await _register(session, chat_id, title, language)
        is_back = group.left_at is not None
        group.title, group.left_at = clean_name(title, _LONGEST_TITLE), None
        return group.language if is_back else None


@again_if_stale
async def leave(db: Database, chat_id: int) -> None:
    """The bot was removed: nobody there hears of its watches any more."""
    now = clock.now()
    async with db.unit_of_work() as session:
        await session.execute(
            update(GroupChat)
            .where(GroupChat.id == chat_id, GroupChat.left_at.is_(None))
            .values(left_at=now)
        )
        while await end_chat(session, chat_id):
            pass
        await session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.chat_id == chat_id, OutboxMessage.status == OutboxStatus.WAITING)
            .values(
                status=OutboxStatus.WITHDRAWN,
                lease_token=None,
                leased_until=None,
                lease_term=None,
            )
        )


@again_if_stale
async def migrate(db: Database, old: int, new: int) -> None:
    """A group became a supergroup, under another id; the messages it had stay behind."""
    async with db.unit_of_work() as session:
        there = await session.get(GroupChat, new)
        if there is None:
            await session.execute(update(GroupChat).where(GroupChat.id == old).values(id=new))
        else:
            await session.execute(delete(GroupChat).where(GroupChat.id == old))
        await _move_watches(session, old, new)
        await session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.chat_id == old, OutboxMessage.status == OutboxStatus.WAITING)
            .values(chat_id=new)
        )


async def _move_watches(session: AsyncSession, old: int, new: int) -> None:
    twin = aliased(Watch)
    is_double = exists().where(
        twin.chat_id == new,
        twin.tx_hash == Watch.tx_hash,
        twin.chain.is_not_distinct_from(Watch.chain),
    )
    await session.execute(delete(Watch).where(Watch.chat_id == old, is_double))
    # The cards are drawn anew, below.
    await session.execute(
        update(Watch)
        .where(Watch.chat_id == old, Watch.ended_at.is_(None))
        .values(chat_id=new, card_message_id=None, card_due_at=clock.now())
    )
    await session.execute(
        update(Watch).where(Watch.chat_id == old).values(chat_id=new, card_message_id=None)
    )


async def _register(session: AsyncSession, chat_id: int, title: str, language: str) -> str:
    statement = (
        insert(GroupChat)
        .values(id=chat_id, title=title, language=language, created_at=clock.now())
        .on_conflict_do_update(index_elements=[GroupChat.id], set_={"left_at": None})
        .returning(GroupChat.language)
    )
    return (await session.scalars(statement)).one()
