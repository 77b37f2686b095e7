"""Groups: known from the first message to the bot on, in the language of its sender.

What Telegram refuses there for the group's sake is a state of it, kept here: left, restricted
(nothing is sent for a while), migrated (everything goes on under the new id).
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import case, delete, exists, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core import clock
from app.core.worker_names import WorkerName
from app.db.claims import is_lease_free
from app.db.models import Feed, GroupChat, OutboxMessage, OutboxStatus, Watch
from app.db.retry import retry_if_stale
from app.db.unit_of_work import Database, wake_after_commit
from app.domain.conversations import TOPIC_QUESTION_TEMPLATES
from app.domain.names import clean_name

_MAX_TITLE_LENGTH = 256
_MIN_RETRY_DELAY: Final = timedelta(minutes=10)
_MAX_RETRY_DELAY: Final = timedelta(hours=1)
_MAX_MESSAGE_AGE: Final = timedelta(days=3)


async def upsert_group(db: Database, chat_id: int, title: str, language: str) -> str:
    """The group's language: that of the first user there, which `language` becomes if new."""
    async with db.read_only() as session:
        group = await session.get(GroupChat, chat_id)
    if group and not group.left_at and group.title == clean_name(title, _MAX_TITLE_LENGTH):
        return group.language
    async with db.unit_of_work() as session:
        group = await session.get(GroupChat, chat_id)
        if group is None:
            return await _register(session, chat_id, title, language)
        group.title, group.left_at = clean_name(title, _MAX_TITLE_LENGTH), None
        return group.language


@retry_if_stale
async def add_group(db: Database, chat_id: int, title: str, language: str) -> str | None:
    """The language to say hello in; None where the bot was there already."""
    async with db.unit_of_work() as session:
        group = await session.get(GroupChat, chat_id, with_for_update=True)
        if group is None:
            return await _register(session, chat_id, title, language)
        is_back = group.left_at is not None
        group.title, group.left_at = clean_name(title, _MAX_TITLE_LENGTH), None
        return group.language if is_back else None


async def mark_group_left(session: AsyncSession, chat_id: int) -> None:
    """The bot is not in the group any more. Step."""
    await session.execute(
        update(GroupChat)
        .where(GroupChat.id == chat_id, GroupChat.left_at.is_(None))
        .values(left_at=clock.now())
    )


async def withdraw_group_messages(session: AsyncSession, chat_id: int) -> None:
    """Notifications that the group was still to get; operators get users' questions. Step."""
    await session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.chat_id == chat_id,
            OutboxMessage.status == OutboxStatus.WAITING,
            OutboxMessage.template.not_in(TOPIC_QUESTION_TEMPLATES),
        )
        .values(
            status=OutboxStatus.WITHDRAWN,
            lease_token=None,
            leased_until=None,
            lease_term=None,
        )
    )


@retry_if_stale
async def set_group_rights(db: Database, chat_id: int, *, may_write: bool) -> None:
    """As Telegram notifies the bot; of rights that all members gain or lose, it says nothing."""
    async with db.unit_of_work() as session:
        if may_write:
            await lift_group_restriction(session, chat_id)
        else:
            await restrict_group(session, chat_id)


async def restrict_group(session: AsyncSession, chat_id: int) -> datetime:
    """The bot may not write there: when it is tried again. Step.

    After as long as it has been so, at most an hour: rights come back without a word. Cards that
    stand may still be edited, so these are left alone.
    """
    now = clock.now()
    since = await session.scalar(
        update(GroupChat)
        .where(GroupChat.id == chat_id)
        .values(restricted_at=func.coalesce(GroupChat.restricted_at, now))
        .returning(GroupChat.restricted_at)
    )
    retry_at = now + min(max(now - (since or now), _MIN_RETRY_DELAY), _MAX_RETRY_DELAY)
    await session.execute(
        update(Watch)
        .where(
            Watch.chat_id == chat_id,
            Watch.card_message_id.is_(None),
            Watch.card_due_at < retry_at,
            is_lease_free(Watch.card_lease_until, Watch.card_lease_term),
        )
        .values(card_due_at=retry_at)
        .execution_options(synchronize_session=False)
    )
    is_old = OutboxMessage.created_at <= now - _MAX_MESSAGE_AGE
    await session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.chat_id == chat_id,
            OutboxMessage.status == OutboxStatus.WAITING,
            OutboxMessage.lease_token.is_(None),
            OutboxMessage.template.not_in(TOPIC_QUESTION_TEMPLATES),
        )
        .values(
            due_at=func.greatest(OutboxMessage.due_at, retry_at),
            status=case((is_old, OutboxStatus.UNREACHABLE), else_=OutboxMessage.status),
        )
        .execution_options(synchronize_session=False)
    )
    return retry_at


async def lift_group_restriction(session: AsyncSession, chat_id: int) -> None:
    """It may write there, and what waited for that is due. Step."""
    now = clock.now()
    lifted = await session.scalar(
        update(GroupChat)
        .where(GroupChat.id == chat_id, GroupChat.restricted_at.is_not(None))
        .values(restricted_at=None)
        .returning(GroupChat.id)
    )
    if lifted is None:
        return
    await session.execute(
        update(Watch)
        .where(Watch.chat_id == chat_id, Watch.card_due_at > now)
        .values(card_due_at=now)
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.chat_id == chat_id,
            OutboxMessage.status == OutboxStatus.WAITING,
            OutboxMessage.due_at > now,
        )
        .values(due_at=now)
        .execution_options(synchronize_session=False)
    )
    _wake_senders(session)


def _wake_senders(session: AsyncSession) -> None:
    for worker in (WorkerName.OUTBOX, WorkerName.WATCH_CARDS):
        wake_after_commit(session, worker)


@retry_if_stale
async def migrate_group(db: Database, old: int, new: int) -> None:
    """A group became a supergroup, under another id; the messages it had stay behind."""
    async with db.unit_of_work() as session:
        there = await session.get(GroupChat, new)
        if there is None:
            await session.execute(update(GroupChat).where(GroupChat.id == old).values(id=new))
        else:
            await session.execute(delete(GroupChat).where(GroupChat.id == old))
        await _move_watches(session, old, new)
        await session.execute(
            update(Feed).where(Feed.chat_id == old).values(chat_id=new, thread_id=None)
        )
        await session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.chat_id == old, OutboxMessage.status == OutboxStatus.WAITING)
            .values(chat_id=new, edit_message_id=None)
        )
        _wake_senders(session)


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
