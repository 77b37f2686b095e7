"""Whose a watch is, and which one a message of a chat is about."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.db.models import OutboxMessage, Watch
from app.db.unit_of_work import Database


@dataclass(frozen=True, slots=True)
class WatchOwner:
    user_id: int
    chat_id: int
    thread_id: int | None


async def get_watch_owner(db: Database, watch_id: int) -> WatchOwner | None:
    return (await get_watch_owners(db, [watch_id])).get(watch_id)


async def get_watch_owners(db: Database, watch_ids: Collection[int]) -> dict[int, WatchOwner]:
    columns = select(Watch.id, Watch.user_id, Watch.chat_id, Watch.thread_id)
    async with db.read_only() as session:
        rows = (await session.execute(columns.where(Watch.id.in_(watch_ids)))).all()
    return {id_: WatchOwner(user_id, chat_id, thread) for id_, user_id, chat_id, thread in rows}


@dataclass(frozen=True, slots=True)
class ChatWatch:
    """A watch of a chat. `chain` is None while it is awaited on all of them."""

    watch_id: int
    user_id: int
    chain: str | None
    is_open: bool
    awaited_until: datetime | None


async def find_chat_watches(db: Database, chat_id: int, tx_hash: str) -> list[ChatWatch]:
    """What a chat watches of a hash, or did until it came to its end; not what was stopped."""
    async with db.read_only() as session:
        watches = await session.scalars(
            select(Watch).where(
                Watch.chat_id == chat_id, Watch.tx_hash == tx_hash, Watch.stopped_at.is_(None)
            )
        )
    return [
        ChatWatch(one.id, one.user_id, one.chain, one.ended_at is None, one.awaited_until)
        for one in watches
    ]


async def find_message_tx_hash(db: Database, chat_id: int, message_id: int) -> str | None:
    """Of the card or the notification that this message is."""
    async with db.read_only() as session:
        card: str | None = await session.scalar(
            select(Watch.tx_hash).where(
                Watch.chat_id == chat_id, Watch.card_message_id == message_id
            )
        )
        if card is not None:
            return card
        values = await session.scalar(
            select(OutboxMessage.values).where(
                OutboxMessage.chat_id == chat_id,
                OutboxMessage.message_id == message_id,
                OutboxMessage.template.startswith("watch-"),
            )
        )
    return values.get("hash") if values else None
