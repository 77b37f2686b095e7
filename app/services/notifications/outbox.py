"""Sending what the outbox holds: each message once, in order for its chat (P3, P4)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core import clock
from app.core.metrics import OUTBOX_AGE, OUTBOX_DEPTH, OUTBOX_SENT
from app.db.leases import current_term, is_free
from app.db.models import OutboxMessage, OutboxStatus
from app.db.unit_of_work import Database
from app.domain.messages import Doubt, Lane
from app.domain.ports import (
    ChatMigratedError,
    ChatRestrictedError,
    ClaimState,
    DeliveryClaims,
    MessageRenderer,
    MessageSender,
    PortError,
    RetryLaterError,
    UnavailableError,
    UndecidedError,
    UnreachableError,
)
from app.services import group_chats
from app.services.notifications.bundling import bundle_questions
from app.services.notifications.key_messages import REPLACED, SHOWS_KEY, note_key_message
from app.services.notifications.notify import tell_operators
from app.services.users import get_languages, mark_unreachable

log = structlog.get_logger()

BATCH = 50
# Longer than the limiter's patience and the sender's time-outs together.
LEASE = timedelta(seconds=90)
LONGEST_DELAY = timedelta(minutes=1)
# A doubted message waits twice for a store that does not answer; longer than its breaker rests.
ASK_AGAIN_AFTER = timedelta(seconds=6)
ASKED_AGAIN = 3
DEFAULT_LANGUAGE = "en"
_Other = aliased(OutboxMessage)


@dataclass(frozen=True, slots=True)
class Letter:
    """A claimed row. `doubted`: an earlier claim ended without telling what became of it."""

    id: int
    key: str
    chat_id: int
    thread_id: int | None
    template: str
    values: dict[str, Any]
    lane: Lane
    doubt: Doubt
    edit_message_id: int | None
    attempt: int
    language: str
    lease_token: UUID
    doubted: bool


@dataclass(frozen=True, slots=True)
class Post:
    """What delivery needs of the outside."""

    sender: MessageSender
    renderer: MessageRenderer
    claims: DeliveryClaims
    operators: Sequence[int]


async def deliver_due(db: Database, post: Post, lane: Lane) -> dict[str, int]:
    """One batch of a lane, side by side: the limiter paces it."""
    async with db.unit_of_work() as session:
        letters = await _claim(session, lane)
        await _measure(session)
    results = await asyncio.gather(
        *(_deliver(db, post, letter) for letter in letters), return_exceptions=True
    )
    errors = [result for result in results if isinstance(result, BaseException)]
    if errors:
        # These keep their leases and come again as doubted ones.
        raise errors[0]
    ended = [result for result in results if result is not None]
    # A chat's next message waits behind the one that just ended.
    more = int(bool(ended))
    return {"claimed": len(letters), "sent": ended.count(OutboxStatus.SENT), "more": more}


async def _claim(session: AsyncSession, lane: Lane) -> list[Letter]:
    now = clock.now()
    token = uuid4()
    priority = OutboxMessage.priority
    due = (
        select(OutboxMessage.id, OutboxMessage.lease_token.is_not(None).label("doubted"))
        .where(
            OutboxMessage.status == OutboxStatus.WAITING,
            OutboxMessage.lane == lane,
            OutboxMessage.due_at <= now,
            is_free(OutboxMessage.leased_until, OutboxMessage.lease_term),
            ~_is_waiting_before(_Other.priority > priority),
            ~_is_waiting_before(_Other.priority == priority, _Other.id < OutboxMessage.id),
        )
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    rows = await session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == due.c.id)
        .values(
            lease_token=token,
            leased_until=now + LEASE,
            lease_term=current_term(),
            attempts=OutboxMessage.attempts + 1,
        )
        .returning(OutboxMessage, due.c.doubted)
    )
    claimed: Sequence[tuple[OutboxMessage, bool]] = rows.all()
    await bundle_questions(session, [row for row, doubted in claimed if not doubted])
    languages = await get_languages(session, {row.chat_id for row, _ in claimed})
    letters = [_to_letter(row, languages, token, doubted=doubted) for row, doubted in claimed]
    return sorted(letters, key=lambda letter: letter.id)


def _is_waiting_before(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    """In the chat and the lane."""
    return (
        select(_Other.id)
        .where(
            _Other.chat_id == OutboxMessage.chat_id,
            _Other.status == OutboxStatus.WAITING,
            _Other.lane == OutboxMessage.lane,
            *where,
        )
        .exists()
    )


async def _deliver(db: Database, post: Post, letter: Letter) -> OutboxStatus | None:
    """How it ended; None when it is tried again later."""
    try:
        state = await post.claims.claim(letter.key)
    except UnavailableError as error:
        if letter.doubted and letter.attempt <= ASKED_AGAIN:
            # Whether Telegram has it is known where nobody answers now.
            await _later(db, letter, ASK_AGAIN_AFTER, UndecidedError(str(error)))
            return None
        state = ClaimState.TRIED  # nobody knows
    if state is not ClaimState.FREE and not await _is_ours(db, letter):
        return None  # while we waited, a new term has taken it
    if letter.doubted:  # otherwise nobody can have sent it, whatever the store remembers
        known = _judge(state, letter.doubt)
        if known is not None:
            return await _end(db, post.operators, letter, known)
    return await _send_claimed(db, post, letter)


async def _send_claimed(db: Database, post: Post, letter: Letter) -> OutboxStatus | None:
    try:
        message_id = await _send(post, letter)
    except (UndecidedError, RetryLaterError, UnavailableError) as error:
        return await _put_off(db, post, letter, error)
    except UnreachableError as error:
        return await _end(db, post.operators, letter, OutboxStatus.UNREACHABLE, error=error)
    except ChatMigratedError as error:
        await group_chats.migrate(db, letter.chat_id, error.new_chat_id)
        return await _put_off(db, post, letter, error)
    except ChatRestrictedError as error:
        await _wait_for_rights(db, post, letter, error)
        return None
    except Exception as error:
        # One poison message must not block the others (P6).
        log.exception("message_failed", key=letter.key, template=letter.template)
        return await _end(db, post.operators, letter, OutboxStatus.FAILED, error=error)
    await post.claims.mark_sent(letter.key)
    return await _end(db, post.operators, letter, OutboxStatus.SENT, message_id=message_id)


async def _put_off(
    db: Database, post: Post, letter: Letter, error: PortError
) -> OutboxStatus | None:
    if isinstance(error, UndecidedError) and letter.doubt is Doubt.LEAVE:
        return await _end(db, post.operators, letter, OutboxStatus.DOUBTFUL, error=error)
    wait = error.retry_after if isinstance(error, RetryLaterError) else _delay(letter.attempt)
    is_ours = await _later(db, letter, wait, error)
    if is_ours and not isinstance(error, UndecidedError):
        await post.claims.release(letter.key)
    return None


async def _wait_for_rights(db: Database, post: Post, letter: Letter, error: PortError) -> None:
    """Together with all that waits for the group."""
    log.info("chat_restricted", chat_id=letter.chat_id, reason=str(error))
    async with db.unit_of_work() as session:
        is_ours = await _update(
            session, letter, last_error=str(error)[:500], lease_token=None, leased_until=None
        )
        await group_chats.restrict(session, letter.chat_id)
    if is_ours:
        await post.claims.release(letter.key)


def _judge(state: ClaimState, doubt: Doubt) -> OutboxStatus | None:
    """Close the window between Telegram's answer and our commit; None: send it (again)."""
    if state is ClaimState.SENT:
        return OutboxStatus.SENT
    if state is ClaimState.TRIED and doubt is Doubt.LEAVE:
        return OutboxStatus.DOUBTFUL
    return None


async def _send(post: Post, letter: Letter) -> int:
    screen = post.renderer.render(letter.template, letter.values, letter.language)
    chat_id, thread_id, lane = letter.chat_id, letter.thread_id, letter.lane
    if letter.edit_message_id is None:
        return await post.sender.send(chat_id, screen, lane=lane, thread_id=thread_id)
    if letter.template == REPLACED:  # the new key comes in a message of its own anyway
        await post.sender.update(chat_id, letter.edit_message_id, screen, lane=lane)
        return letter.edit_message_id
    return await post.sender.edit(
        chat_id, letter.edit_message_id, screen, lane=lane, thread_id=thread_id
    )


async def _is_ours(db: Database, letter: Letter) -> bool:
    async with db.unit_of_work() as session:
        token = await session.scalar(
            select(OutboxMessage.lease_token).where(OutboxMessage.id == letter.id)
        )
    return token == letter.lease_token


async def _later(db: Database, letter: Letter, wait: timedelta, error: PortError) -> bool:
    """False when the lease was lost."""
    now = clock.now()
    # An undecided one keeps its token: it is doubted when it is claimed again.
    undecided = isinstance(error, UndecidedError)
    async with db.unit_of_work() as session:
        return await _update(
            session,
            letter,
            due_at=now + wait,
            last_error=str(error)[:500],
            lease_token=letter.lease_token if undecided else None,
            leased_until=now if undecided else None,
        )


async def _end(
    db: Database,
    operators: Sequence[int],
    letter: Letter,
    status: OutboxStatus,
    *,
    message_id: int | None = None,
    error: Exception | None = None,
) -> OutboxStatus:
    OUTBOX_SENT.labels(status).inc()
    async with db.unit_of_work() as session:
        held = await _update(
            session,
            letter,
            status=status,
            lease_token=None,
            leased_until=None,
            lease_term=None,
            message_id=message_id,
            sent_at=clock.now() if status is OutboxStatus.SENT else None,
            last_error=str(error)[:500] if error else None,
        )
        if letter.chat_id < 0:
            await _note_group(session, letter, status)
        elif message_id is not None and letter.template in SHOWS_KEY:
            link = str(letter.values.get("link"))
            await note_key_message(session, letter.chat_id, link, message_id)
        elif status is OutboxStatus.UNREACHABLE:
            await mark_unreachable(session, letter.chat_id)
        if status is OutboxStatus.FAILED and held:
            await _report(session, operators, letter)
    return status


async def _note_group(session: AsyncSession, letter: Letter, status: OutboxStatus) -> None:
    if status is OutboxStatus.UNREACHABLE:
        await group_chats.mark_left(session, letter.chat_id)
        await group_chats.withdraw_waiting(session, letter.chat_id)
    elif status is OutboxStatus.SENT and letter.edit_message_id is None:
        await group_chats.lift_restriction(session, letter.chat_id)


async def _update(session: AsyncSession, letter: Letter, **values: object) -> bool:
    """False when the lease was lost: whoever has it decides."""
    updated = await session.scalar(
        update(OutboxMessage)
        .where(OutboxMessage.id == letter.id, OutboxMessage.lease_token == letter.lease_token)
        .values(**values)
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    )
    return updated is not None


async def _report(session: AsyncSession, operators: Sequence[int], letter: Letter) -> None:
    """A person did not hear what they must; a failed report is only logged, or it would recur."""
    if letter.template.startswith("operator-"):
        return
    await tell_operators(
        session,
        operators,
        f"unsent:{letter.id}",
        "operator-unsent",
        message=letter.template,
        person=letter.chat_id,
    )


async def _measure(session: AsyncSession) -> None:
    depth, oldest = (
        await session.execute(
            select(func.count(), func.min(OutboxMessage.due_at)).where(
                OutboxMessage.status == OutboxStatus.WAITING
            )
        )
    ).one()
    OUTBOX_DEPTH.set(depth)
    OUTBOX_AGE.set(max((clock.now() - oldest).total_seconds(), 0) if oldest else 0)


def _delay(attempt: int) -> timedelta:
    """1, 2, 4 … seconds, at most a minute."""
    return min(timedelta(seconds=1 << min(attempt - 1, 6)), LONGEST_DELAY)


def _to_letter(
    row: OutboxMessage, languages: dict[int, str], token: UUID, *, doubted: bool
) -> Letter:
    return Letter(
        id=row.id,
        key=row.key,
        chat_id=row.chat_id,
        thread_id=row.thread_id,
        template=row.template,
        values=row.values,
        lane=row.lane,
        doubt=row.doubt,
        edit_message_id=row.edit_message_id,
        attempt=row.attempts,
        language=languages.get(row.chat_id, DEFAULT_LANGUAGE),
        lease_token=token,
        doubted=doubted,
    )
