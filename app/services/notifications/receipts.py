"""The receipt of a paid order: it waits a moment, so that a key which is quicker brings it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import OutboxMessage, OutboxStatus

RECEIPT_DELAY: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class WithdrawnReceipt:
    """What it would have said, and the order's message that it would have taken the place of."""

    price: str | None
    message_id: int | None


def build_receipt_key(purchase_id: UUID) -> str:
    return f"paid:{purchase_id}"


async def withdraw_receipt(session: AsyncSession, purchase_id: UUID) -> WithdrawnReceipt | None:
    """None where there is none, or where a sending of it may have begun. Step."""
    withdrawn = await session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.key == build_receipt_key(purchase_id),
            OutboxMessage.status == OutboxStatus.WAITING,
            OutboxMessage.lease_token.is_(None),
        )
        .values(status=OutboxStatus.WITHDRAWN)
        .returning(OutboxMessage.values, OutboxMessage.edit_message_id)
        .execution_options(synchronize_session=False)
    )
    row = withdrawn.first()
    return WithdrawnReceipt(row[0].get("price"), row[1]) if row else None
