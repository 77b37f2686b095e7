"""A broadcast's recipients: claimed in batches, and each one's end counted beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, and_, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.claims import RELEASED, claim_due, get_time_to_next_claim, update_claimed
from app.db.models import Broadcast, BroadcastRecipient, User
from app.domain.broadcasts import BroadcastState, RecipientState

# Longer than the limiter's patience and the requests' time-outs together.
_LEASE: Final = timedelta(seconds=90)


@dataclass(frozen=True, slots=True)
class ClaimedRecipient:
    """`doubted`: an earlier claim ended without recording what became of it."""

    id: int
    broadcast_id: int
    user_id: int
    language: str
    attempt: int
    lease_token: UUID
    doubted: bool

    @property
    def key(self) -> str:
        """Names its message, for what remembers whether Telegram took it."""
        return f"broadcast:{self.broadcast_id}:{self.user_id}"


async def claim_recipients(
    session: AsyncSession, broadcast_id: int, limit: int
) -> list[ClaimedRecipient]:
    """Of a broadcast that runs; those who can't be reached or want none end here. Step."""
    token = uuid4()
    is_running = exists().where(
        Broadcast.id == broadcast_id, Broadcast.state == BroadcastState.RUNNING
    )
    waiting = (
        select(BroadcastRecipient.id)
        .where(_is_waiting(broadcast_id), is_running)
        .order_by(BroadcastRecipient.due_at, BroadcastRecipient.id)
    )
    claim = claim_due(BroadcastRecipient, waiting, token, limit=limit, lease=_LEASE)
    claimed: Sequence[tuple[BroadcastRecipient, bool]] = (await session.execute(claim)).all()
    if not claimed:
        return []
    users = await _load_users(session, [row.user_id for row, _ in claimed])
    recipients, ended = [], dict[RecipientState, list[int]]()
    for row, doubted in claimed:
        user = users.get(row.user_id)
        state = RecipientState.SKIPPED if user is None else user.state
        # What may have been sent already is not said to be unsent.
        if user is None or (state is not RecipientState.WAITING and not doubted):
            ended.setdefault(state, []).append(row.id)
            continue
        recipients.append(
            ClaimedRecipient(
                id=row.id,
                broadcast_id=broadcast_id,
                user_id=row.user_id,
                language=user.language,
                attempt=row.attempts,
                lease_token=token,
                doubted=doubted,
            )
        )
    for state, ids in ended.items():
        await _end_unsent(session, broadcast_id, ids, state)
    return sorted(recipients, key=lambda recipient: recipient.id)


@dataclass(frozen=True, slots=True)
class _Reader:
    language: str
    unreachable_at: datetime | None
    left_out_at: datetime | None  # blocked by an operator, or wants none

    @property
    def state(self) -> RecipientState:
        if self.unreachable_at is not None:
            return RecipientState.UNREACHABLE
        return RecipientState.SKIPPED if self.left_out_at else RecipientState.WAITING


async def _load_users(session: AsyncSession, ids: Sequence[int]) -> dict[int, _Reader]:
    rows = await session.execute(
        select(
            User.id,
            User.language,
            User.unreachable_at,
            func.coalesce(User.blocked_at, User.broadcasts_off_at),
        ).where(User.id.in_(ids))
    )
    return {id_: _Reader(language, *since) for id_, language, *since in rows}


async def _end_unsent(
    session: AsyncSession, broadcast_id: int, ids: Sequence[int], state: RecipientState
) -> None:
    await session.execute(
        update(BroadcastRecipient)
        .where(BroadcastRecipient.id.in_(ids))
        .values(state=state, ended_at=clock.now(), **RELEASED)
        .execution_options(synchronize_session=False)
    )
    await _count(session, broadcast_id, state, len(ids))


async def end_recipient(
    session: AsyncSession, recipient: ClaimedRecipient, state: RecipientState, **values: object
) -> bool:
    """False when the lease was lost: its new owner decides. Step."""
    ended = await _update(
        session, recipient, state=state, ended_at=clock.now(), **RELEASED, **values
    )
    if ended:
        await _count(session, recipient.broadcast_id, state, 1)
    return ended


async def postpone_recipient(
    session: AsyncSession,
    recipient: ClaimedRecipient,
    wait: timedelta,
    error: str,
    *,
    keeps_doubt: bool,
) -> bool:
    """False when the lease was lost. With `keeps_doubt` the next claim is a doubtful one. Step."""
    now = clock.now()
    lease = {"leased_until": now} if keeps_doubt else RELEASED
    return await _update(session, recipient, due_at=now + wait, last_error=error[:500], **lease)


async def is_claimed(session: AsyncSession, recipient: ClaimedRecipient) -> bool:
    """Whether the lease is still that one's. Step."""
    token = await session.scalar(
        select(BroadcastRecipient.lease_token).where(BroadcastRecipient.id == recipient.id)
    )
    return token == recipient.lease_token


async def get_time_to_next_recipient(session: AsyncSession, broadcast_id: int) -> timedelta | None:
    """None when all have ended. Step."""
    return await get_time_to_next_claim(session, BroadcastRecipient, _is_waiting(broadcast_id))


def _is_waiting(broadcast_id: int) -> ColumnElement[bool]:
    return and_(
        BroadcastRecipient.broadcast_id == broadcast_id,
        BroadcastRecipient.state == RecipientState.WAITING,
    )


async def _update(session: AsyncSession, recipient: ClaimedRecipient, **values: object) -> bool:
    updated = await session.scalar(
        update_claimed(BroadcastRecipient, recipient.id, recipient.lease_token)
        .values(**values)
        .returning(BroadcastRecipient.id)
    )
    return updated is not None


async def _count(
    session: AsyncSession, broadcast_id: int, state: RecipientState, number: int
) -> None:
    """Last of all: its row is the one that others wait for."""
    count = getattr(Broadcast, state.value)
    await session.execute(
        update(Broadcast)
        .where(Broadcast.id == broadcast_id)
        .values({count: count + number})
        .execution_options(synchronize_session=False)
    )
