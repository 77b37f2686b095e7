"""An incident is one message to each operator, edited as long as it lasts."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.any_of import any_of
from app.db.models import OutboxMessage, OutboxStatus
from app.domain.messages import DeliveryGuarantee
from app.services.notifications.notify import (
    ROLE_SUFFIX,
    Notification,
    notify,
    notify_operators,
)

INCIDENT_TEMPLATE: Final = "operator-incident"
_EDITS_LOOKED_AT: Final = 10  # an edit has its message's id as well

_Values = Mapping[str, str | int | None]


async def send_incident_message(session: AsyncSession, incident_id: int, values: _Values) -> None:
    await notify_operators(session, _build_key(incident_id), INCIDENT_TEMPLATE, **values)


async def edit_incident_messages(
    session: AsyncSession,
    incident_id: int,
    edit: int,
    operators: Sequence[int],
    values: _Values,
) -> bool:
    """What was sent is edited, what still waits is changed before it is sent. Step.

    `edit` counts them. False: one is just on its way, and the same has to be asked for again. Where
    a crash has lost the id of what was sent, another one is sent: better twice than never the end.
    """
    if await _change_unresolved(session, incident_id, values):
        return True
    changed = await _change_waiting(session, incident_id, operators, values)
    others = [operator for operator in operators if operator not in changed]
    if await _is_any_on_its_way(session, incident_id, others):
        return False
    sent = await _list_sent(session, incident_id, edit, others)
    await notify(
        session,
        *(
            Notification(
                f"{_build_key(incident_id, chat_id)}:{edit}",
                chat_id,
                INCIDENT_TEMPLATE,
                values,
                guarantee=DeliveryGuarantee.AT_LEAST_ONCE,
                edit_message_id=message_id,
            )
            for chat_id, message_id in sent.items()
        ),
    )
    return True


def _build_key(incident_id: int, operator: int | None = None) -> str:
    """Of the first message; an operator's is what the role's becomes when it is sent."""
    key = f"incident:{incident_id}"
    return key if operator is None else f"{key}:{operator}"


async def _list_sent(
    session: AsyncSession, incident_id: int, edit: int, operators: Collection[int]
) -> dict[int, int | None]:
    """By operator the message that shows it, as far as its id is known."""
    latest = range(max(1, edit - _EDITS_LOOKED_AT), edit)
    first = [_build_key(incident_id, operator) for operator in operators]
    keys = [*first, *(f"{key}:{number}" for key in first for number in latest)]
    rows = await session.execute(
        select(OutboxMessage.chat_id, func.max(OutboxMessage.message_id))
        .where(any_of(OutboxMessage.key, keys), OutboxMessage.status == OutboxStatus.SENT)
        .group_by(OutboxMessage.chat_id)
    )
    return {chat_id: newest for chat_id, newest in rows.all()}  # noqa: C416 - typed


async def _change_unresolved(session: AsyncSession, incident_id: int, values: _Values) -> bool:
    changed = await session.scalars(
        update(OutboxMessage)
        .where(
            OutboxMessage.key == f"{_build_key(incident_id)}{ROLE_SUFFIX}",
            OutboxMessage.status == OutboxStatus.UNRESOLVED,
        )
        .values(values=dict(values))
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    )
    return changed.first() is not None


async def _change_waiting(
    session: AsyncSession, incident_id: int, operators: Collection[int], values: _Values
) -> set[int]:
    """The operators whose message, or whose edit, it was."""
    changed = await session.scalars(
        update(OutboxMessage)
        .where(_waits_for(incident_id, operators), OutboxMessage.lease_token.is_(None))
        .values(values=dict(values))
        .returning(OutboxMessage.chat_id)
        .execution_options(synchronize_session=False)
    )
    return set(changed)


async def _is_any_on_its_way(
    session: AsyncSession, incident_id: int, operators: Collection[int]
) -> bool:
    waiting = select(OutboxMessage.id).where(_waits_for(incident_id, operators)).limit(1)
    return await session.scalar(waiting) is not None


def _waits_for(incident_id: int, operators: Collection[int]) -> ColumnElement[bool]:
    return and_(
        OutboxMessage.chat_id.in_(operators),
        OutboxMessage.status == OutboxStatus.WAITING,
        OutboxMessage.template == INCIDENT_TEMPLATE,
        OutboxMessage.values["incident"].as_integer() == incident_id,
    )
