"""What will become of subscriptions that renew themselves, by the prices and the money of now."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.money import Money
from app.db.models import LedgerEntry, Plan, Purchase, Subscription, Term
from app.domain.payments import PurchaseKind, PurchaseStatus
from app.domain.renewals import RenewalOutlook, RenewalTerms, forecast_renewal
from app.domain.shop_settings import ShopSettings


@dataclass(frozen=True, slots=True)
class RenewalForecast:
    outlook: RenewalOutlook
    plan: Plan
    term: Term
    balance: Money

    @property
    def missing(self) -> Money:
        return Money(max(self.term.price_minor - self.balance.minor, 0), self.term.currency)

    def get_top_up(self, shop: ShopSettings) -> Money | None:
        """What is missing, or the least that is taken; None where that cannot be ordered."""
        minor = max(self.missing.minor, shop.top_up_least_minor)
        if self.term.currency != shop.currency or minor > shop.top_up_most_minor:
            return None
        return Money(minor, shop.currency)

    def to_values(self, shop: ShopSettings) -> dict[str, str | int | None]:
        """For a template; `top_up_minor` is what to top up, None where that cannot be ordered."""
        top_up = self.get_top_up(shop)
        return {
            "outlook": self.outlook,
            "price": str(self.term.price),
            "days": self.term.days,
            "balance": str(self.balance),
            "missing": str(self.missing),
            "top_up_minor": top_up.minor if top_up else None,
            "currency": self.term.currency,
        }


async def list_renewal_forecasts(
    session: AsyncSession, subscriptions: Collection[Subscription]
) -> dict[int, RenewalForecast]:
    """By subscription's id; only those that were bought have one. A step, three queries."""
    ids = {subscription.id for subscription in subscriptions}
    rows = await session.execute(
        select(Subscription.id, Subscription.user_id, Plan, Term)
        .join(Term, Term.id == Subscription.term_id)
        .join(Plan, Plan.id == Term.plan_id)
        .where(Subscription.id.in_(ids))
    )
    agreed = await _list_agreed(session, ids)
    owners = {subscription.user_id for subscription in subscriptions}
    balances = await _list_balances(session, owners)
    forecasts = {}
    for id_, user_id, plan, term in rows:
        balance = Money(balances.get((user_id, term.currency), 0), term.currency)
        outlook = forecast_renewal(to_renewal_terms(term), agreed.get(id_), balance)
        forecasts[id_] = RenewalForecast(outlook, plan, term, balance)
    return forecasts


async def _list_agreed(session: AsyncSession, ids: Collection[int]) -> dict[int, RenewalTerms]:
    """What was last paid for each, on the term that it has."""
    rows = await session.scalars(
        select(Purchase)
        .join(
            Subscription,
            and_(
                Subscription.id == Purchase.subscription_id,
                Subscription.term_id == Purchase.term_id,
            ),
        )
        .where(
            Purchase.subscription_id.in_(ids),
            Purchase.kind.in_((PurchaseKind.PLAN, PurchaseKind.RENEWAL)),
            Purchase.status.in_((PurchaseStatus.PAID, PurchaseStatus.REFUNDED)),
        )
        .ext(distinct_on(Purchase.subscription_id))
        .order_by(Purchase.subscription_id, Purchase.paid_at.desc())
    )
    return {
        row.subscription_id: to_renewal_terms(row)
        for row in rows
        if row.subscription_id is not None
    }


async def _list_balances(
    session: AsyncSession, user_ids: Collection[int]
) -> dict[tuple[int, str], int]:
    rows = await session.execute(
        select(LedgerEntry.user_id, LedgerEntry.currency, func.sum(LedgerEntry.amount_minor))
        .where(LedgerEntry.user_id.in_(user_ids))
        .group_by(LedgerEntry.user_id, LedgerEntry.currency)
    )
    return {(user_id, currency): int(total) for user_id, currency, total in rows}


def to_renewal_terms(row: Term | Purchase) -> RenewalTerms:
    return RenewalTerms(row.price, row.days, row.traffic_limit_bytes, row.device_limit)
