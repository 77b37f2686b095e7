"""Putting messages into the outbox, in the transaction that makes them true (P3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from operator import itemgetter
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.external_values import to_storable_text
from app.core.tracing import get_trace_parent
from app.core.worker_names import WorkerName
from app.db.models import OutboxMessage, OutboxStatus
from app.db.unit_of_work import wake_after_commit
from app.domain import anonymous_users
from app.domain.conversations import TOPIC_QUESTION_TEMPLATES
from app.domain.messages import DeliveryGuarantee, Lane
from app.domain.operator_roles import is_notified_of
from app.services.staff import list_operator_roles

_MAX_KEY_LENGTH = 128
_OPERATORS: Final = 0  # the role, in place of a chat's id: Telegram gives none this one
ROLE_SUFFIX: Final = ":operators"
# What any user, or a bug, can cause for operators: it comes after all about money.
_LOW_PRIORITY_TEMPLATES = frozenset(
    {
        "operator-question",
        "operator-question-copy",
        "operator-answered",
        *TOPIC_QUESTION_TEMPLATES,
        "operator-update-kept",
    }
)


@dataclass(frozen=True, slots=True)
class Notification:
    """`key` names the fact, so that it is reported once; `values` are JSON for the template."""

    key: str
    chat_id: int
    template: str
    values: Mapping[str, str | int | None] = field(default_factory=dict)
    guarantee: DeliveryGuarantee = DeliveryGuarantee.AT_MOST_ONCE
    edit_message_id: int | None = None
    thread_id: int | None = None  # the topic of a forum
    delay: timedelta = timedelta()

    @property
    def is_urgent(self) -> bool:
        """What is better sent twice than never also goes before the chat's other messages."""
        return (
            self.guarantee is DeliveryGuarantee.AT_LEAST_ONCE
            and self.template not in _LOW_PRIORITY_TEMPLATES
        )


async def notify(session: AsyncSession, *notifications: Notification) -> None:
    notifications = tuple(
        one for one in notifications if not anonymous_users.is_anonymous(one.chat_id)
    )
    if not notifications:
        return
    now = clock.now()
    rows = [
        {
            "key": to_outbox_key(notification.key),
            "chat_id": notification.chat_id,
            "thread_id": notification.thread_id,
            "template": notification.template,
            "values": to_storable_values(notification.values),
            "lane": Lane.NOTIFICATION,
            "guarantee": notification.guarantee,
            "priority": int(notification.is_urgent),
            "edit_message_id": notification.edit_message_id,
            "status": _get_first_status(notification),
            "attempts": 0,
            "created_at": now,
            "due_at": now + notification.delay,
            "trace_parent": get_trace_parent(),
        }
        for notification in notifications
    ]
    # As many executions of one statement: thousands of transactions may be reported at once. What
    # else waits to be written is not written first, or a purchase would be written more than once.
    await session.execute(
        insert(OutboxMessage).on_conflict_do_nothing(),
        rows,
        execution_options={"autoflush": False},
    )
    wake_after_commit(session, WorkerName.OUTBOX)


async def was_notified(session: AsyncSession, key: str) -> bool:
    """Whether that fact was reported before, as long as the outbox keeps it."""
    query = select(OutboxMessage.id).where(OutboxMessage.key == to_outbox_key(key))
    return await session.scalar(query) is not None


def _get_first_status(notification: Notification) -> OutboxStatus:
    is_for_role = notification.chat_id == _OPERATORS
    return OutboxStatus.UNRESOLVED if is_for_role else OutboxStatus.WAITING


def to_outbox_key(key: str) -> str:
    """A long one, which ids from outside can make it, as its first word and its digest."""
    if len(key) <= _MAX_KEY_LENGTH:
        return to_storable_text(key)
    return f"{key.partition(':')[0]}:{sha256(key.encode(errors='surrogatepass')).hexdigest()}"


def to_storable_values(values: Mapping[str, str | int | None]) -> dict[str, str | int | None]:
    return {
        name: to_storable_text(value) if isinstance(value, str) else value
        for name, value in values.items()
    }


async def notify_operators(
    session: AsyncSession,
    key: str,
    template: str,
    **values: str | int | None,
) -> None:
    """One row for all: who they are, and whom of them it is for, is decided when it is sent.

    Not for the operator `by` whom it is, where the values say so: they know it.
    """
    await notify(session, _to_operator(_OPERATORS, f"{key}{ROLE_SUFFIX}", template, values))


async def notify_operators_later(
    session: AsyncSession,
    delay: timedelta,
    key: str,
    template: str,
    values: Mapping[str, str | int | None],
) -> None:
    """What `to_role_key` finds and is withdrawn meanwhile is not sent."""
    one = _to_operator(_OPERATORS, f"{key}{ROLE_SUFFIX}", template, values)
    await notify(session, replace(one, delay=delay))


def to_role_key(key: str) -> str:
    """Of the row for all operators that `notify_operators` writes with this key."""
    return to_outbox_key(f"{key}{ROLE_SUFFIX}")


async def resolve_operators(session: AsyncSession, owners: Sequence[int]) -> None:
    """Of what waits for operators, make one notification to each whom it is for. Step.

    The role's own row stays, withdrawn: its key says that the fact was reported.
    """
    unresolved = (
        select(OutboxMessage.id)
        .where(OutboxMessage.status == OutboxStatus.UNRESOLVED, OutboxMessage.due_at <= clock.now())
        .with_for_update(skip_locked=True)
    )
    result = await session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(unresolved))
        .values(status=OutboxStatus.WITHDRAWN)
        .returning(
            OutboxMessage.id, OutboxMessage.key, OutboxMessage.template, OutboxMessage.values
        )
        .execution_options(synchronize_session=False)
    )
    rows = sorted(result.all(), key=itemgetter(0))
    if not rows:
        return
    roles = await list_operator_roles(session, owners)
    await notify(
        session,
        *(
            _to_operator(operator, f"{key.removesuffix(ROLE_SUFFIX)}:{operator}", template, values)
            for _, key, template, values in rows
            for operator, role in roles.items()
            if is_notified_of(role, template) and values.get("by") != operator
        ),
    )


def _to_operator(
    chat_id: int, key: str, template: str, values: Mapping[str, str | int | None]
) -> Notification:
    """Better twice than never: an operator has to act."""
    return Notification(key, chat_id, template, values, guarantee=DeliveryGuarantee.AT_LEAST_ONCE)
