"""A person's money and orders as pages: what is there, how it came, what was ordered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.money import Money
from app.db.models import LedgerEntry, Purchase
from app.db.unit_of_work import Database
from app.domain.payments import SOLD
from app.services import shop_settings
from app.services.ledger import list_balances, list_entries

ENTRIES: Final = 8  # a page
PURCHASES: Final = 6


@dataclass(frozen=True, slots=True)
class History:
    """`number` counts from 0, the newest first."""

    entries: Sequence[LedgerEntry]
    number: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class Purchases:
    purchases: Sequence[Purchase]
    number: int
    has_more: bool


async def get_balances(db: Database, user_id: int) -> list[Money]:
    """In the shop's currency first, then in others where there is anything."""
    async with db.unit_of_work() as session:
        return await list_balances(session, user_id, (await shop_settings.load(session)).currency)


async def get_history(db: Database, user_id: int, number: int) -> History:
    async with db.unit_of_work() as session:
        found = await list_entries(session, user_id, limit=ENTRIES + 1, offset=number * ENTRIES)
    return History(found[:ENTRIES], number, len(found) > ENTRIES)


async def get_purchases(db: Database, user_id: int, number: int) -> Purchases:
    async with db.unit_of_work() as session:
        found = await list_purchases(session, user_id, PURCHASES + 1, number * PURCHASES)
    return Purchases(found[:PURCHASES], number, len(found) > PURCHASES)


async def list_purchases(
    session: AsyncSession, user_id: int, limit: int, offset: int
) -> Sequence[Purchase]:
    """Without orders that nobody chose a way to pay for."""
    rows = await session.scalars(
        select(Purchase)
        .where(
            Purchase.user_id == user_id,
            or_(Purchase.provider.is_not(None), Purchase.status.in_(SOLD)),
        )
        .order_by(Purchase.created_at.desc(), Purchase.id)
        .limit(limit)
        .offset(offset)
    )
    return rows.all()
