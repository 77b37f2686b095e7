"""People: known from their first update on, in the language they want."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import ErasedPerson, GroupChat, PromoUse, User
from app.db.stale import again_if_stale
from app.db.unit_of_work import Database

LONGEST_FIRST_NAME: Final = 256
# How old it may be when somebody was last seen with a name: a write a day, not one a message.
_SEEN_AGAIN: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Person:
    """Who wrote, as Telegram says it; `language` is for their first time here."""

    id: int
    first_name: str  # clean, and empty where nothing of it is seen
    username: str | None
    language: str
    fingerprint: bytes | None = None  # by which somebody who erased their data is known again


async def greet(db: Database, person: Person, *, in_private: bool = True) -> User:
    """The person's row, made at the first update; whoever writes can be reached again.

    Not so who writes in a group: as long as they have not started the bot, it may not write.
    """
    async with db.unit_of_work() as session:
        user = await session.get(User, person.id)
        if user is None:
            return await _register(session, person, in_private=in_private)
        user.first_name = person.first_name
        _note_username(user, person.username)
        if in_private:
            user.unreachable_at = None
        return user


def _note_username(user: User, username: str | None) -> None:
    now, seen_at = clock.now(), user.username_seen_at
    is_old = seen_at is None or now - seen_at >= _SEEN_AGAIN
    if username != user.username or (username is not None and is_old):
        user.username, user.username_seen_at = username, now


async def _register(session: AsyncSession, person: Person, *, in_private: bool) -> User:
    now = clock.now()
    statement = (
        insert(User)
        .values(
            id=person.id,
            first_name=person.first_name,
            username=person.username,
            username_seen_at=now,
            language=person.language,
            created_at=now,
            unreachable_at=None if in_private else now,
        )
        .on_conflict_do_update(index_elements=[User.id], set_={"username": person.username})
        .returning(User)
    )
    user = (await session.scalars(statement)).one()
    if person.fingerprint is not None:
        await _recall(session, user, person.fingerprint)
    return user


async def _recall(session: AsyncSession, user: User, fingerprint: bytes) -> None:
    """Who erased their data is new, but for what there is once a person: a trial, a code."""
    known = await session.scalar(
        delete(ErasedPerson).where(ErasedPerson.fingerprint == fingerprint).returning(ErasedPerson)
    )
    if known is None:
        return
    user.had_access_at = known.had_access_at
    await session.execute(
        update(PromoUse).where(PromoUse.id.in_(known.promo_use_ids)).values(user_id=user.id)
    )


async def set_language(db: Database, user_id: int, language: str) -> None:
    async with db.unit_of_work() as session:
        await session.execute(update(User).where(User.id == user_id).values(language=language))


@again_if_stale
async def note_blocked(db: Database, user_id: int) -> None:
    """They blocked the bot: nothing is sent any more until they write again."""
    async with db.unit_of_work() as session:
        await mark_unreachable(session, user_id)


@again_if_stale
async def note_unblocked(db: Database, user_id: int) -> None:
    async with db.unit_of_work() as session:
        await session.execute(update(User).where(User.id == user_id).values(unreachable_at=None))


async def lock_person(session: AsyncSession, user_id: int) -> None:
    """Until the end of the unit of work; foreign keys to the person's row go on meanwhile."""
    await session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))


async def mark_unreachable(session: AsyncSession, user_id: int) -> None:
    await session.execute(
        update(User)
        .where(User.id == user_id, User.unreachable_at.is_(None))
        .values(unreachable_at=clock.now())
    )


async def get_languages(session: AsyncSession, chat_ids: set[int]) -> dict[int, str]:
    """Of people and of groups."""
    people = select(User.id, User.language).where(User.id.in_(chat_ids))
    groups = select(GroupChat.id, GroupChat.language).where(GroupChat.id.in_(chat_ids))
    rows = await session.execute(people.union_all(groups))
    return dict(rows.all())
