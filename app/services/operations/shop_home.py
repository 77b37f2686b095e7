"""What operators see first: the day so far, what needs a decision, and what is down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.money import Money
from app.db.models import Purchase, Subscription, User
from app.db.unit_of_work import Database
from app.domain.anonymous_users import FIRST_ANONYMOUS_ID
from app.domain.incidents import IncidentFinding
from app.domain.operator_roles import OperatorRole
from app.domain.payments import PurchaseKind
from app.domain.subscriptions import RUNNING_STATUSES
from app.services.operations.attention import count_open_items
from app.services.operations.questions import count_open_questions
from app.services.purchases.sale_queries import SALE_COST, is_sale


@dataclass(frozen=True, slots=True)
class RunningSubscriptions:
    paid: int
    trials: int
    counted_at: datetime
    by_plan: Mapping[int, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return self.paid + self.trials


@dataclass(slots=True)
class ShopStatus:
    """What workers of this process found out last: to ask anew would cost too much for a page."""

    findings: Sequence[IncidentFinding] = ()
    running: RunningSubscriptions | None = None


@dataclass(frozen=True, slots=True)
class DaySales:
    count: int
    total: Money


@dataclass(frozen=True, slots=True)
class DayInNumbers:
    sales: Sequence[DaySales]  # by currency
    new_users: int
    new_trials: int


@dataclass(frozen=True, slots=True)
class ShopHome:
    """Today, as the shop's time zone has it; what needs a decision, whenever it began."""

    today: DayInNumbers
    open_questions: int  # of users who wait for an answer
    open_items: Mapping[str, int]  # by template


async def load_shop_home(db: Database, zone: str, role: OperatorRole) -> ShopHome:
    """Costs what the day brought, however many users there are."""
    midnight, now = clock.get_midnight(ZoneInfo(zone)), clock.now()
    async with db.read_only() as session:
        today = await _read_day(session, midnight, now)
        questions = await count_open_questions(session)
        return ShopHome(today, questions, await count_open_items(session, role))


async def load_day(db: Database, begin: datetime, end: datetime) -> DayInNumbers:
    async with db.read_only() as session:
        return await _read_day(session, begin, end)


async def count_running_subscriptions(session: AsyncSession) -> RunningSubscriptions:
    """All of them: for a worker that rests in proportion."""
    trials = func.count().filter(Subscription.is_trial)
    rows = await session.execute(
        select(Subscription.plan_id, func.count(), trials)
        .where(Subscription.activation_status.in_(RUNNING_STATUSES))
        .group_by(Subscription.plan_id)
    )
    counts = {plan_id: (total, on_trial) for plan_id, total, on_trial in rows}
    total, on_trial = (sum(column) for column in zip((0, 0), *counts.values(), strict=True))
    by_plan = {plan_id: count for plan_id, (count, _) in counts.items() if plan_id is not None}
    return RunningSubscriptions(total - on_trial, on_trial, clock.now(), by_plan)


async def _read_day(session: AsyncSession, begin: datetime, end: datetime) -> DayInNumbers:
    sales = (await session.execute(_select_sales(begin, end))).all()
    users, trials = (await session.execute(_select_counts(begin, end))).one()
    by_currency = [DaySales(count, Money(int(minor), currency)) for currency, count, minor in sales]
    return DayInNumbers(by_currency, users, trials)


def _select_sales(begin: datetime, end: datetime) -> Select[str, int, int]:
    return (
        select(Purchase.currency, func.count(), func.sum(SALE_COST))
        .where(Purchase.paid_at.between(begin, end), is_sale())
        .group_by(Purchase.currency)
        .order_by(Purchase.currency)
    )


def _select_counts(begin: datetime, end: datetime) -> Select[int, int]:
    trials = select(func.count()).where(
        Purchase.paid_at.between(begin, end), Purchase.kind == PurchaseKind.TRIAL
    )
    new_users = select(func.count()).where(
        User.created_at.between(begin, end), User.id < FIRST_ANONYMOUS_ID
    )
    return select(new_users.scalar_subquery(), trials.scalar_subquery())
