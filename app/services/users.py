"""Users: known from their first update on, in the language they want."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, bindparam, delete, false, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import (
    Admission,
    Conversation,
    ErasedUser,
    GroupChat,
    PromoUse,
    StaffMember,
    User,
)
from app.db.retry import retry_if_stale
from app.db.unit_of_work import Database
from app.domain.conversations import ConversationState
from app.domain.operator_roles import OperatorRole

MAX_FIRST_NAME_LENGTH: Final = 256
# How old it may be when a user was last seen with a name: a write a day, not one a message.
_USERNAME_SEEN_INTERVAL: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TelegramProfile:
    """Who wrote, as Telegram says it; `language` is for their first time here."""

    id: int
    first_name: str  # clean, and empty where nothing of it is seen
    username: str | None
    language: str
    fingerprint: bytes | None = None  # by which a user who erased their data is known again


@dataclass(frozen=True, slots=True)
class KnownUser:
    """Of the user's row, what an update needs, and the role that they were appointed to.

    `talks`: what they write is for support, because their conversation with it is not closed.
    `waits`: they came during a soft launch and have no place yet.
    """

    id: int
    language: str
    first_name: str
    username: str | None
    username_seen_at: datetime | None
    referral_code: str
    had_access_at: datetime | None
    unreachable_at: datetime | None
    blocked_at: datetime | None
    role: OperatorRole | None
    talks: bool
    waits: bool


_JOINED: Final = {"role", "talks", "waits"}
# Built once: to build it costs as much as to execute it.
_SELECT_KNOWN: Final = (
    select(
        User.id,
        User.language,
        User.first_name,
        User.username,
        User.username_seen_at,
        User.referral_code,
        User.had_access_at,
        User.unreachable_at,
        User.blocked_at,
        StaffMember.role,
        func.coalesce(Conversation.state != ConversationState.CLOSED, false()).label("talks"),
        and_(Admission.user_id.is_not(None), Admission.admitted_at.is_(None)).label("waits"),
    )
    .outerjoin(StaffMember, StaffMember.user_id == User.id)
    .outerjoin(Conversation, Conversation.user_id == User.id)
    .outerjoin(Admission, Admission.user_id == User.id)
    .where(User.id == bindparam("user_id"))
)


async def upsert_user(
    db: Database, profile: TelegramProfile, *, in_private: bool = True, waits: bool = False
) -> KnownUser:
    """The user's row, made at the first update; a user who writes can be reached again.

    With `waits` a new one waits for a place of a soft launch.

    Not so who writes in a group: as long as they have not started the bot, it may not write.
    One round trip, and more only where something has changed.
    """
    user = await find_known_user(db, profile.id)
    if user is not None and _is_current(user, profile, in_private=in_private):
        return user
    async with db.unit_of_work() as session:
        row = await session.get(User, profile.id)
        if row is None:
            row = await _insert_user(session, profile, in_private=in_private)
            if waits:
                session.add(Admission(user_id=row.id, waiting_since=clock.now()))
        else:
            _update_user(row, profile, in_private=in_private)
        of_row = {name: getattr(row, name) for name in KnownUser.__slots__ if name not in _JOINED}
        talks = user is not None and user.talks
        waits = user.waits if user else waits
        return KnownUser(**of_row, role=user.role if user else None, talks=talks, waits=waits)


async def find_known_user(db: Database, user_id: int) -> KnownUser | None:
    async with db.read_only() as session:
        rows = await session.execute(_SELECT_KNOWN, {"user_id": user_id})
        row: Any = rows.one_or_none()  # of more columns than its type can name
    return KnownUser(*row) if row else None


def _is_current(user: KnownUser, profile: TelegramProfile, *, in_private: bool) -> bool:
    return (
        user.first_name == profile.first_name
        and not _is_username_due(user, profile.username)
        and not (in_private and user.unreachable_at)
    )


def _update_user(user: User, profile: TelegramProfile, *, in_private: bool) -> None:
    user.first_name = profile.first_name
    if _is_username_due(user, profile.username):
        user.username, user.username_seen_at = profile.username, clock.now()
    if in_private:
        user.unreachable_at = None


def _is_username_due(user: KnownUser | User, username: str | None) -> bool:
    """Whether the name, or when the user was seen with it, is to be written."""
    seen_at = user.username_seen_at
    is_old = seen_at is None or clock.now() - seen_at >= _USERNAME_SEEN_INTERVAL
    return username != user.username or (username is not None and is_old)


async def _insert_user(
    session: AsyncSession, profile: TelegramProfile, *, in_private: bool
) -> User:
    now = clock.now()
    statement = (
        insert(User)
        .values(
            id=profile.id,
            first_name=profile.first_name,
            username=profile.username,
            username_seen_at=now,
            language=profile.language,
            created_at=now,
            unreachable_at=None if in_private else now,
        )
        .on_conflict_do_update(index_elements=[User.id], set_={"username": profile.username})
        .returning(User)
    )
    user = (await session.scalars(statement)).one()
    if profile.fingerprint is not None:
        await _restore_erased_user(session, user, profile.fingerprint)
    return user


async def _restore_erased_user(session: AsyncSession, user: User, fingerprint: bytes) -> None:
    """A user who erased their data is new, but for what there is once a user: a trial, a code."""
    known = await session.scalar(
        delete(ErasedUser).where(ErasedUser.fingerprint == fingerprint).returning(ErasedUser)
    )
    if known is None:
        return
    user.had_access_at, user.blocked_at = known.had_access_at, known.blocked_at
    await session.execute(
        update(PromoUse).where(PromoUse.id.in_(known.promo_use_ids)).values(user_id=user.id)
    )


async def set_user_language(db: Database, user_id: int, language: str) -> None:
    async with db.unit_of_work() as session:
        await session.execute(update(User).where(User.id == user_id).values(language=language))


async def set_broadcasts_wanted(db: Database, user_id: int, *, wanted: bool) -> None:
    """Also for those that are on their way."""
    async with db.unit_of_work() as session:
        off_at = None if wanted else clock.now()
        await session.execute(
            update(User).where(User.id == user_id).values(broadcasts_off_at=off_at)
        )


async def wants_broadcasts(db: Database, user_id: int) -> bool:
    async with db.read_only() as session:
        off_at = await session.scalar(select(User.broadcasts_off_at).where(User.id == user_id))
    return off_at is None


@retry_if_stale
async def mark_bot_blocked(db: Database, user_id: int) -> None:
    """They blocked the bot: nothing is sent any more until they write again."""
    async with db.unit_of_work() as session:
        await mark_user_unreachable(session, user_id)


@retry_if_stale
async def mark_bot_unblocked(db: Database, user_id: int) -> None:
    async with db.unit_of_work() as session:
        await session.execute(update(User).where(User.id == user_id).values(unreachable_at=None))


async def lock_user(session: AsyncSession, user_id: int) -> User | None:
    """Until the end of the unit of work; foreign keys to the user's row go on meanwhile.

    The session remembers the row as it is locked, as long as the caller keeps it.
    """
    user: User | None = await session.scalar(
        select(User)
        .where(User.id == user_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return user


async def mark_user_unreachable(session: AsyncSession, user_id: int) -> None:
    await session.execute(
        update(User)
        .where(User.id == user_id, User.unreachable_at.is_(None))
        .values(unreachable_at=clock.now())
    )


async def get_chat_languages(session: AsyncSession, chat_ids: set[int]) -> dict[int, str]:
    """Of users and of groups."""
    users = select(User.id, User.language).where(User.id.in_(chat_ids))
    groups = select(GroupChat.id, GroupChat.language).where(GroupChat.id.in_(chat_ids))
    rows = await session.execute(users.union_all(groups))
    return dict(rows.all())
