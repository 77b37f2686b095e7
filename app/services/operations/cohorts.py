"""Who is still a customer, by the month of their first purchase."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Date, Select, cast, exists, func, not_, select
from sqlalchemy.orm import aliased

from app.core import clock
from app.db.models import Purchase
from app.db.unit_of_work import COUNTING_PATIENCE, Database
from app.services.purchases.sale_queries import is_sale

COHORT_MONTHS: Final = 8


@dataclass(frozen=True, slots=True)
class Cohort:
    """`percents`: in its month and each one after, up to the present, had paid access."""

    month: date  # its first day, in the shop's time zone
    size: int
    percents: Sequence[int]


async def load_cohorts(db: Database, zone: str) -> Sequence[Cohort]:
    """The oldest first, months without a first purchase left out.

    One statement, which reads all sales of these months.
    """
    now = clock.now()
    months = _list_months(now.astimezone(ZoneInfo(zone)).date())
    begin = datetime.combine(months[0], time(), ZoneInfo(zone))
    async with db.read_only(patience=COUNTING_PATIENCE) as session:
        rows = (await session.execute(_select_customers(begin, now, zone))).all()
    counts: dict[date, dict[date, int]] = {}
    for cohort, month, customers in rows:
        counts.setdefault(cohort, {})[month] = customers
    return [_to_cohort(month, months, counts[month]) for month in months if month in counts]


def _list_months(today: date) -> list[date]:
    number = today.year * 12 + today.month - 1
    back = range(number - COHORT_MONTHS + 1, number + 1)
    return [date(one // 12, one % 12 + 1, 1) for one in back]


def _to_cohort(month: date, months: Sequence[date], customers: dict[date, int]) -> Cohort:
    """All who bought in a month had access in it."""
    size = customers[month]
    after = [one for one in months if one >= month]
    return Cohort(month, size, [customers.get(one, 0) * 100 // size for one in after])


def _select_customers(begin: datetime, now: datetime, zone: str) -> Select[Any]:
    """For each cohort and month, how many had access; a gift is another user's."""
    earlier = aliased(Purchase)
    was_customer = exists().where(
        earlier.user_id == Purchase.user_id,
        is_sale(earlier),
        not_(earlier.is_gift),
        earlier.paid_at < begin,
    )
    bought = (
        is_sale(),
        not_(Purchase.is_gift),
        Purchase.extra_id.is_(None),
        Purchase.paid_at.between(begin, now),
    )
    firsts = (
        select(Purchase.user_id, _to_month(func.min(Purchase.paid_at), zone).label("cohort"))
        .where(*bought, not_(was_customer))
        .group_by(Purchase.user_id)
        .cte("firsts")
    )
    first_month = _to_month(Purchase.paid_at, zone)  # also where its time follows a trial
    last_month = _to_month(func.least(Purchase.covers_until, now), zone)
    months = func.generate_series(first_month, last_month, func.make_interval(0, 1))
    access = (
        select(Purchase.user_id, cast(months, Date).label("month")).where(*bought).cte("access")
    )
    return (
        select(firsts.c.cohort, access.c.month, func.count(access.c.user_id.distinct()))
        .join(firsts, firsts.c.user_id == access.c.user_id)
        .group_by(firsts.c.cohort, access.c.month)
    )


def _to_month(column: Any, zone: str) -> Any:  # noqa: ANN401 - SQLAlchemy's own, untyped
    return cast(func.date_trunc("month", func.timezone(zone, column)), Date)
