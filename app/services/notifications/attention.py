"""What an operator must decide: an item of a list, and a notification with a button to it."""

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.any_of import any_of
from app.db.models import AttentionItem, OutboxMessage, OutboxStatus
from app.domain.attention import Settlement
from app.services.notifications.notify import (
    Notification,
    notify,
    notify_operators,
    to_outbox_key,
    to_storable_values,
)

SETTLED_TEMPLATE: Final = "operator-settled"


async def request_attention(
    session: AsyncSession, key: str, template: str, **values: str | int | None
) -> None:
    """Once for a key. `person` is the user it is about. Step."""
    person = values.get("person")
    item = insert(AttentionItem).values(
        key=to_outbox_key(key),
        template=template,
        user_id=person,
        values=to_storable_values({name: values[name] for name in values if name != "person"}),
        opened_at=clock.now(),
    )
    item_id = await session.scalar(
        item.on_conflict_do_nothing(index_elements=["key"]).returning(AttentionItem.id),
        execution_options={"autoflush": False},
    )
    if item_id is not None:
        await notify_operators(session, key, template, **values, item=item_id)


async def settle_items(
    session: AsyncSession,
    which: ColumnElement[bool],
    settlement: str,
    operator: int | None = None,
) -> Sequence[int]:
    """Those that are open, and their messages lose their buttons; their ids. Step."""
    result = await session.execute(
        update(AttentionItem)
        .where(AttentionItem.settled_at.is_(None), which)
        .values(settled_at=clock.now(), settled_by=operator, settlement=settlement)
        .returning(
            AttentionItem.id, AttentionItem.template, AttentionItem.values, AttentionItem.user_id
        )
        .execution_options(synchronize_session=False)
    )
    told = {"settlement": settlement, "by": operator}
    settled = {
        id_: {**values, "of": template, "person": user_id, **told}
        for id_, template, values, user_id in result
    }
    if settled:
        await _withdraw_unsent(session, settled)
        messages = await _list_messages(session, settled)
        await notify(
            session,
            *(
                Notification(
                    f"settled:{item_id}:{chat_id}",
                    chat_id,
                    SETTLED_TEMPLATE,
                    settled[item_id],
                    edit_message_id=message_id,
                )
                for item_id, chat_id, message_id in messages
            ),
        )
    return list(settled)


async def settle_by_itself(session: AsyncSession, key: str) -> None:
    """What the item was about is over. Step."""
    await settle_items(session, AttentionItem.key == to_outbox_key(key), Settlement.RECOVERED)


async def _withdraw_unsent(session: AsyncSession, item_ids: Collection[int]) -> None:
    """There is nothing left to decide; one on its way leads to the settled item."""
    await session.execute(
        update(OutboxMessage)
        .where(
            any_of(OutboxMessage.values["item"].astext, [str(id_) for id_ in item_ids]),
            OutboxMessage.status.in_((OutboxStatus.UNRESOLVED, OutboxStatus.WAITING)),
            OutboxMessage.lease_token.is_(None),
        )
        .values(status=OutboxStatus.WITHDRAWN)
        .execution_options(synchronize_session=False)
    )


async def _list_messages(
    session: AsyncSession, items: dict[int, dict[str, str | int | None]]
) -> Sequence[tuple[int, int, int]]:
    """Item, chat and message of each notification that shows one of them."""
    item = OutboxMessage.values["item"].astext
    rows = await session.execute(
        select(item, OutboxMessage.chat_id, func.max(OutboxMessage.message_id))
        .where(
            any_of(item, [str(id_) for id_ in items]),
            OutboxMessage.status == OutboxStatus.SENT,
            OutboxMessage.message_id.is_not(None),
        )
        .group_by(item, OutboxMessage.chat_id)
    )
    return [(int(id_), chat_id, message_id) for id_, chat_id, message_id in rows]
