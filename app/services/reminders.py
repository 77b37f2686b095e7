"""Telling people in time that their subscription ends: each step once, never after a renewal."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import OutboxMessage, OutboxStatus, Subscription
from app.db.unit_of_work import Database
from app.domain.reminders import horizon, step_to_tell
from app.domain.shop import ShopSettings
from app.domain.subscriptions import ActivationStatus
from app.services.notices import Notice, tell

BATCH = 500
TEMPLATE = "reminder"


async def remind(db: Database, shop: ShopSettings) -> dict[str, int]:
    """One round over all whose end is near, a batch a transaction, in the order of their ends."""
    now = clock.now()
    reminded, after = 0, now
    seen_id = 0
    while True:
        async with db.unit_of_work() as session:
            batch = await _list_ending(session, now, after, seen_id, shop)
            reminded += await _tell_batch(session, batch, now, shop)
        if len(batch) < BATCH:
            return {"reminded": reminded}
        after, seen_id = batch[-1].expires_at, batch[-1].id


async def withdraw(session: AsyncSession, subscription: Subscription) -> None:
    """A renewal makes reminders untrue that are not sent yet."""
    subscription.reminded_hours = None
    await session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.chat_id == subscription.user_id,
            OutboxMessage.template == TEMPLATE,
            OutboxMessage.status == OutboxStatus.WAITING,
            OutboxMessage.values["subscription"].as_integer() == subscription.id,
            OutboxMessage.lease_token.is_(None),
        )
        .values(status=OutboxStatus.WITHDRAWN)
    )


async def _list_ending(
    session: AsyncSession, now: datetime, after: datetime, seen_id: int, shop: ShopSettings
) -> list[Subscription]:
    rows = await session.scalars(
        select(Subscription)
        .where(
            Subscription.activation_status == ActivationStatus.ACTIVE,
            Subscription.expires_at < now + horizon(shop.reminder_hours),
            (Subscription.expires_at > after)
            | ((Subscription.expires_at == after) & (Subscription.id > seen_id)),
        )
        .order_by(Subscription.expires_at, Subscription.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    return list(rows)


async def _tell_batch(
    session: AsyncSession, batch: list[Subscription], now: datetime, shop: ShopSettings
) -> int:
    notices = []
    for subscription in batch:
        step = step_to_tell(subscription.expires_at, subscription.reminded_hours, now, shop)
        if step is None:
            continue
        subscription.reminded_hours = step
        notices.append(
            Notice(
                f"reminder:{subscription.id}:{step}:{subscription.expires_at:%Y%m%dT%H%M%S}",
                subscription.user_id,
                TEMPLATE,
                {
                    "subscription": subscription.id,
                    "expires_at": subscription.expires_at.isoformat(),
                },
            )
        )
    await tell(session, *notices)
    return len(notices)
