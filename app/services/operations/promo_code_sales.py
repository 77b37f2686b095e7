"""Promo codes with what came of them: how often each was used, and what it brought."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.core.money import Money
from app.db.models import Plan, PromoCode, PromoUse, Purchase
from app.db.unit_of_work import COUNTING_PATIENCE, Database
from app.domain.payments import PurchaseStatus
from app.services.purchases.promo_codes import is_use_counted

_PAGE: Final = 8


class NoPromoCodeError(ExpectedError):
    text_key = "error-promo-code-gone"


@dataclass(frozen=True, slots=True)
class PromoCodeSales:
    """`brought` is what was paid for purchases with it and not given back, by currency."""

    code: PromoCode
    plan: Plan | None
    used: int
    brought: Sequence[Money]


@dataclass(frozen=True, slots=True)
class PromoCodePageOfSales:
    codes: Sequence[PromoCodeSales]
    number: int
    has_more: bool


async def list_promo_code_sales(db: Database, number: int) -> PromoCodePageOfSales:
    """The newest first, without those that are one user's own; costs what is on the page."""
    async with db.read_only(patience=COUNTING_PATIENCE) as session:
        rows = await session.execute(
            select(PromoCode, Plan)
            .outerjoin(Plan, Plan.id == PromoCode.plan_id)
            .where(PromoCode.user_id.is_(None))
            .order_by(PromoCode.id.desc())
            .offset(number * _PAGE)
            .limit(_PAGE + 1)
        )
        found = [(code, plan) for code, plan in rows]
        shown = await _add_sales(session, found[:_PAGE])
    return PromoCodePageOfSales(shown, number, len(found) > _PAGE)


async def get_promo_code_sales(db: Database, code_id: int) -> PromoCodeSales:
    """Raises NoPromoCodeError, of one that is a user's own as well."""
    async with db.read_only(patience=COUNTING_PATIENCE) as session:
        code = await session.get(PromoCode, code_id)
        if code is None or code.user_id is not None:
            raise NoPromoCodeError
        plan = await session.get(Plan, code.plan_id) if code.plan_id else None
        (one,) = await _add_sales(session, [(code, plan)])
    return one


async def _add_sales(
    session: AsyncSession, codes: Sequence[tuple[PromoCode, Plan | None]]
) -> list[PromoCodeSales]:
    ids = [code.id for code, _ in codes]
    used = await _count_uses(session, ids)
    brought = await _sum_sales(session, ids)
    return [
        PromoCodeSales(code, plan, used.get(code.id, 0), brought.get(code.id, []))
        for code, plan in codes
    ]


async def _count_uses(session: AsyncSession, ids: Sequence[int]) -> Mapping[int, int]:
    rows = await session.execute(
        select(PromoUse.promo_code_id, func.count())
        .outerjoin(Purchase, Purchase.id == PromoUse.purchase_id)
        .where(PromoUse.promo_code_id.in_(ids), is_use_counted(clock.now()))
        .group_by(PromoUse.promo_code_id)
    )
    return {row[0]: row[1] for row in rows}


async def _sum_sales(session: AsyncSession, ids: Sequence[int]) -> dict[int, list[Money]]:
    cost = func.sum(Purchase.price_minor - Purchase.discount_minor)
    rows = await session.execute(
        select(PromoUse.promo_code_id, Purchase.currency, cost)
        .join(Purchase, Purchase.id == PromoUse.purchase_id)
        .where(PromoUse.promo_code_id.in_(ids), Purchase.status == PurchaseStatus.PAID)
        .group_by(PromoUse.promo_code_id, Purchase.currency)
        .order_by(Purchase.currency)
    )
    brought: dict[int, list[Money]] = {}
    for code_id, currency, minor in rows:
        brought.setdefault(code_id, []).append(Money(int(minor), currency))
    return brought
