"""A user's money and orders as pages: what is there, how it came, what was ordered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.money import Money
from app.db.models import LedgerEntry, Purchase
from app.db.unit_of_work import Database
from app.domain.payments import SOLD_STATUSES
from app.services import shop_settings
from app.services.ledger import list_balances, list_ledger_entries

_ENTRIES_PER_PAGE: Final = 8  # a page
_PURCHASES_PER_PAGE: Final = 6


@dataclass(frozen=True, slots=True)
class BalanceHistory:
    """`number` counts from 0, the newest first."""

    entries: Sequence[LedgerEntry]
    number: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class PurchaseHistory:
    purchases: Sequence[Purchase]
    number: int
    has_more: bool


async def get_balances(db: Database, user_id: int) -> list[Money]:
    """In the shop's currency first, then in others where there is anything."""
    async with db.read_only() as session:
        return await list_balances(
            session, user_id, (await shop_settings.load_shop_settings(session)).currency
        )


async def get_balance_history(db: Database, user_id: int, number: int) -> BalanceHistory:
    async with db.read_only() as session:
        found = await list_ledger_entries(
            session, user_id, limit=_ENTRIES_PER_PAGE + 1, offset=number * _ENTRIES_PER_PAGE
        )
    return BalanceHistory(found[:_ENTRIES_PER_PAGE], number, len(found) > _ENTRIES_PER_PAGE)


async def get_purchase_history(db: Database, user_id: int, number: int) -> PurchaseHistory:
    async with db.read_only() as session:
        found = await list_purchases(
            session, user_id, _PURCHASES_PER_PAGE + 1, number * _PURCHASES_PER_PAGE
        )
    return PurchaseHistory(found[:_PURCHASES_PER_PAGE], number, len(found) > _PURCHASES_PER_PAGE)


async def list_purchases(
    session: AsyncSession, user_id: int, limit: int, offset: int
) -> Sequence[Purchase]:
    """Without orders that have no payment method yet."""
    rows = await session.scalars(
        select(Purchase)
        .where(
            Purchase.user_id == user_id,
            or_(Purchase.provider.is_not(None), Purchase.status.in_(SOLD_STATUSES)),
        )
        .order_by(Purchase.created_at.desc(), Purchase.id)
        .limit(limit)
        .offset(offset)
    )
    return rows.all()
