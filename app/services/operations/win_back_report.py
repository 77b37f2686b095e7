"""What offers to come back bring, beside those who got none."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.money import Money
from app.db.models import Purchase, WinBack
from app.db.unit_of_work import Database
from app.domain.win_backs import RETURN_WINDOW
from app.services.purchases.sale_queries import SALE_COST, is_sale

REPORT_DAYS: Final = 90


@dataclass(frozen=True, slots=True)
class WinBackGroup:
    """Ends whose first offer was due, and how many of their users bought within 14 days of it."""

    ended: int
    returned: int
    revenue: tuple[Money, ...]

    @property
    def percent(self) -> int:
        return self.returned * 100 // self.ended if self.ended else 0


@dataclass(frozen=True, slots=True)
class WinBackReport:
    offered: WinBackGroup
    held_out: WinBackGroup


async def load_win_back_report(db: Database) -> WinBackReport:
    """Of the last 90 days' ends; two statements."""
    async with db.read_only() as session:
        counts = await _count_returns(session)
        revenue = await _sum_revenue(session)
    groups = (
        WinBackGroup(*counts.get(is_held_out, (0, 0)), tuple(revenue.get(is_held_out, ())))
        for is_held_out in (False, True)
    )
    return WinBackReport(*groups)


async def _count_returns(session: AsyncSession) -> dict[bool, tuple[int, int]]:
    returned = func.count().filter(exists().where(_is_return()))
    rows = await session.execute(
        select(WinBack.is_held_out, func.count(), returned)
        .where(_is_counted())
        .group_by(WinBack.is_held_out)
    )
    return {is_held_out: (ended, count) for is_held_out, ended, count in rows}


async def _sum_revenue(session: AsyncSession) -> dict[bool, list[Money]]:
    rows = await session.execute(
        select(WinBack.is_held_out, Purchase.currency, func.sum(SALE_COST))
        .join(Purchase, _is_return())
        .where(_is_counted())
        .group_by(WinBack.is_held_out, Purchase.currency)
        .order_by(Purchase.currency)
    )
    sums = dict[bool, list[Money]]()
    for is_held_out, currency, minor in rows:
        sums.setdefault(is_held_out, []).append(Money(int(minor), currency))
    return sums


def _is_counted() -> ColumnElement[bool]:
    """Who came back before the first offer was due is in neither group."""
    return and_(WinBack.ended_at > clock.now() - timedelta(days=REPORT_DAYS), WinBack.step > 0)


def _is_return() -> ColumnElement[bool]:
    return and_(
        Purchase.user_id == WinBack.user_id,
        Purchase.paid_at.between(WinBack.ended_at, WinBack.ended_at + RETURN_WINDOW),
        is_sale(),
    )
