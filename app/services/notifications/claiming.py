"""Which notifications are sent next: the first of each chat, and the chats in turn.

Chats are walked by an index that has each one's first message in front of its others: a step costs
the same whether one waits behind it or thousands do. Urgent ones are looked for before, in all
chats, so that a key waits for no reminders.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.claims import claim_due, is_lease_free
from app.db.models import OutboxMessage, OutboxStatus
from app.domain.messages import DeliveryGuarantee, Lane
from app.services.notifications.bundling import bundle_questions
from app.services.users import get_chat_languages

# What the limiter lets through in a second: what becomes urgent waits no longer for a batch.
_BATCH: Final = 25
_MAX_STEPS: Final = 200
# Longer than the limiter's patience and the sender's time-outs together.
_LEASE: Final = timedelta(seconds=90)
_BEFORE_ALL_CHATS: Final = -(2**63)
_URGENT, _OTHERS = "urgent", "others"
FALLBACK_LANGUAGE: Final = "en"


@dataclass(slots=True)
class ChatRotation:
    """Where a lane's next claim goes on: behind the chat where the last one stopped."""

    stopped_at: int = _BEFORE_ALL_CHATS

    @property
    def is_under_way(self) -> bool:
        """Whether there may be chats that were not walked yet."""
        return self.stopped_at != _BEFORE_ALL_CHATS

    def start_over(self) -> None:
        self.stopped_at = _BEFORE_ALL_CHATS


@dataclass(frozen=True, slots=True)
class ClaimedNotification:
    """A claimed row. `doubted`: an earlier claim ended without recording what became of it."""

    id: int
    key: str
    chat_id: int
    thread_id: int | None
    template: str
    values: dict[str, Any]
    lane: Lane
    guarantee: DeliveryGuarantee
    edit_message_id: int | None
    attempt: int
    language: str
    lease_token: UUID
    doubted: bool
    trace_parent: str | None = None


def select_first_due_at(lane: Lane) -> Select[datetime | None]:
    """Without what is addressed to a role."""
    return select(func.min(OutboxMessage.due_at)).where(
        OutboxMessage.status == OutboxStatus.WAITING, OutboxMessage.lane == lane
    )


async def get_first_due_at(session: AsyncSession, lane: Lane) -> datetime | None:
    """When the first notification of a lane is due or was, claimed ones included. Step."""
    query = select_first_due_at(lane)
    if lane is Lane.NOTIFICATION:  # the lane of all that is addressed to a role
        of_roles = select(func.min(OutboxMessage.due_at)).where(
            OutboxMessage.status == OutboxStatus.UNRESOLVED
        )
        query = select(func.least(query.scalar_subquery(), of_roles.scalar_subquery()))
    return await session.scalar(query)


async def claim_notifications(
    session: AsyncSession, lane: Lane, rotation: ChatRotation
) -> list[ClaimedNotification]:
    """At most one of each chat. Step."""
    ids = await _find_first_of_chats(session, lane, rotation)
    if not ids:
        return []
    token = uuid4()
    waiting = select(OutboxMessage.id).where(
        OutboxMessage.id.in_(ids), OutboxMessage.status == OutboxStatus.WAITING
    )
    rows = await session.execute(
        claim_due(OutboxMessage, waiting, token, limit=_BATCH, lease=_LEASE)
    )
    claimed: Sequence[tuple[OutboxMessage, bool]] = rows.all()
    await bundle_questions(session, [row for row, doubted in claimed if not doubted])
    languages = await get_chat_languages(session, {row.chat_id for row, _ in claimed})
    notifications = [
        _to_claimed_notification(row, languages, token, doubted=doubted) for row, doubted in claimed
    ]
    return sorted(notifications, key=lambda notification: notification.id)


async def _find_first_of_chats(
    session: AsyncSession, lane: Lane, rotation: ChatRotation
) -> list[int]:
    """Ids of what may be sent now, urgent ones before others; moves the rotation on."""
    urgent = _walk_chats(_URGENT, lane, _BEFORE_ALL_CHATS, OutboxMessage.priority > 0)
    others = _walk_chats(_OTHERS, lane, rotation.stopped_at)
    steps = (await session.execute(urgent.union_all(others))).all()
    ids = [step.id for step in steps if step.walk == _URGENT and step.is_free]
    walked = sorted((step for step in steps if step.walk == _OTHERS), key=attrgetter("place"))
    taken = walked[: _BATCH - len(ids)]
    ids += [step.id for step in taken if step.is_free and step.id not in ids]
    are_all_taken = len(taken) == len(walked) < _BATCH
    if are_all_taken and all(step.place < _MAX_STEPS for step in taken):
        rotation.start_over()
    elif taken:
        rotation.stopped_at = taken[-1].chat_id
    return ids


def _walk_chats(
    walk: str, lane: Lane, after: int, *where: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    """From a chat to the next ones: the first message of each, where it may be sent now.

    The last step of a walk that is broken off is there in any case.
    """
    before = select(
        literal(0).label("place"),
        literal(after, BigInteger).label("chat_id"),
        cast(null(), BigInteger).label("id"),
        false().label("is_free"),
    ).cte(walk, recursive=True)
    is_free = and_(
        OutboxMessage.due_at <= clock.now(),
        is_lease_free(OutboxMessage.leased_until, OutboxMessage.lease_term),
    )
    first = (
        select(OutboxMessage.chat_id, OutboxMessage.id, is_free.label("is_free"))
        .where(
            OutboxMessage.status == OutboxStatus.WAITING,
            OutboxMessage.lane == lane,
            OutboxMessage.chat_id > before.c.chat_id,
            *where,
        )
        .order_by(OutboxMessage.chat_id, OutboxMessage.priority.desc(), OutboxMessage.id)
        .limit(1)
        .lateral()
    )
    steps = before.union_all(
        select(before.c.place + 1, first.c.chat_id, first.c.id, first.c.is_free)
        .join_from(before, first, true())
        .where(before.c.place < _MAX_STEPS)
    )
    return (
        select(literal(walk).label("walk"), steps)
        .where(or_(steps.c.is_free, steps.c.place == _MAX_STEPS))
        .limit(_BATCH)
    )


def _to_claimed_notification(
    row: OutboxMessage, languages: dict[int, str], token: UUID, *, doubted: bool
) -> ClaimedNotification:
    return ClaimedNotification(
        id=row.id,
        key=row.key,
        chat_id=row.chat_id,
        thread_id=row.thread_id,
        template=row.template,
        values=row.values,
        lane=row.lane,
        guarantee=row.guarantee,
        edit_message_id=row.edit_message_id,
        attempt=row.attempts,
        language=languages.get(row.chat_id, FALLBACK_LANGUAGE),
        lease_token=token,
        doubted=doubted,
        trace_parent=row.trace_parent,
    )
