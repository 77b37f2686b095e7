"""The figures of the operators' charts: sums by day or week of the shop's time zone.

One statement for each chart, which reads what falls into its weeks, however much there was before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Date,
    Select,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    not_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSTZRANGE
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core import clock
from app.core.money import Money
from app.db.models import Purchase
from app.db.unit_of_work import COUNTING_PATIENCE, Database
from app.domain.charts import ChartKind, ChartPeriod
from app.domain.payments import PurchaseKind, PurchaseStatus
from app.services.purchases.sale_queries import SALE_COST, is_sale

# How many there are in one picture, the present one included.
BUCKETS: Final = {ChartPeriod.DAY: 30, ChartPeriod.WEEK: 13}


@dataclass(frozen=True, slots=True)
class ChartFigures:
    """`lines` holds, for each bucket, what the chart's two series are made of.

    Revenue: minor units of `currency`, and sales. Active: paid subscriptions, and trials. Trials:
    begun, and those whose users have bought since. Renewals: renewals, and first purchases.
    """

    buckets: Sequence[date]  # their first days
    lines: tuple[Sequence[int], Sequence[int]]
    currency: str | None = None  # where several were taken, the one of most sales
    others: Sequence[Money] = ()  # what was taken in other currencies


@dataclass(frozen=True, slots=True)
class _Window:
    buckets: Sequence[date]
    period: ChartPeriod
    zone: str
    begin: datetime
    now: datetime


async def load_chart(db: Database, kind: ChartKind, period: ChartPeriod, zone: str) -> ChartFigures:
    """Of all but the cohorts, which are no sums by day or week (`cohorts.py`)."""
    window = _open_window(period, zone)
    async with db.read_only(patience=COUNTING_PATIENCE) as session:
        if kind is ChartKind.REVENUE:
            return await _read_revenue(session, window)
        if kind is ChartKind.ACTIVE:
            return await _read_active(session, window)
        rows = (await session.execute(_SELECTS[kind](window))).all()
    return ChartFigures(window.buckets, _to_lines(window, rows))


def _open_window(period: ChartPeriod, zone: str) -> _Window:
    now = clock.now()
    today = now.astimezone(ZoneInfo(zone)).date()
    step = timedelta(days=1 if period is ChartPeriod.DAY else 7)
    newest = today if period is ChartPeriod.DAY else today - timedelta(days=today.weekday())
    buckets = [newest - step * back for back in reversed(range(BUCKETS[period]))]
    begin = datetime.combine(buckets[0], time(), ZoneInfo(zone))
    return _Window(buckets, period, zone, begin, now)


def _to_bucket(window: _Window, column: Any) -> Any:  # noqa: ANN401 - SQLAlchemy's own, untyped
    return cast(func.date_trunc(window.period, func.timezone(window.zone, column)), Date)


def _to_lines(window: _Window, rows: Sequence[Any]) -> tuple[list[int], list[int]]:
    """Of rows (bucket, one, other); a bucket without a row is zero."""
    by_bucket = {bucket: (int(one), int(other)) for bucket, one, other in rows}
    pairs = [by_bucket.get(bucket, (0, 0)) for bucket in window.buckets]
    return [one for one, _ in pairs], [other for _, other in pairs]


async def _read_revenue(session: AsyncSession, window: _Window) -> ChartFigures:
    statement = (
        select(
            Purchase.currency,
            _to_bucket(window, Purchase.paid_at).label("bucket"),
            func.sum(SALE_COST),
            func.count(),
        )
        .where(is_sale(), Purchase.paid_at.between(window.begin, window.now))
        .group_by("currency", "bucket")
    )
    totals: dict[str, list[int]] = {}
    rows: dict[str, list[Any]] = {}
    for currency, bucket, minor, count in (await session.execute(statement)).all():
        total = totals.setdefault(currency, [0, 0])
        total[0], total[1] = total[0] + count, total[1] + int(minor)
        rows.setdefault(currency, []).append((bucket, minor, count))
    if not totals:
        return ChartFigures(window.buckets, _to_lines(window, ()))
    main = max(totals, key=lambda currency: totals[currency])
    others = [Money(total[1], currency) for currency, total in totals.items() if currency != main]
    return ChartFigures(window.buckets, _to_lines(window, rows[main]), main, others)


def _select_trials(window: _Window) -> Select[Any]:
    sale = aliased(Purchase)
    has_bought = exists().where(
        sale.user_id == Purchase.user_id, is_sale(sale), sale.paid_at >= Purchase.paid_at
    )
    return (
        select(
            _to_bucket(window, Purchase.paid_at).label("bucket"),
            func.count(),
            func.count().filter(has_bought),
        )
        .where(
            Purchase.kind == PurchaseKind.TRIAL,
            Purchase.paid_at.between(window.begin, window.now),
        )
        .group_by("bucket")
    )


def _select_renewals(window: _Window) -> Select[Any]:
    """One's second purchase renews, whichever subscription it was for.

    A gift is another user's, and extra traffic or devices renew nothing.
    """
    earlier = aliased(Purchase)
    has_bought = exists().where(
        earlier.user_id == Purchase.user_id,
        is_sale(earlier),
        not_(earlier.is_gift),
        earlier.extra_id.is_(None),
        earlier.paid_at < Purchase.paid_at,
    )
    return (
        select(
            _to_bucket(window, Purchase.paid_at).label("bucket"),
            func.count().filter(has_bought),
            func.count().filter(not_(has_bought)),
        )
        .where(
            is_sale(),
            not_(Purchase.is_gift),
            Purchase.extra_id.is_(None),
            Purchase.paid_at.between(window.begin, window.now),
        )
        .group_by("bucket")
    )


_SELECTS: Final = {ChartKind.TRIALS: _select_trials, ChartKind.RENEWALS: _select_renewals}


async def _read_active(session: AsyncSession, window: _Window) -> ChartFigures:
    """At the end of each bucket: those whose bought or trial time it falls into."""
    rows = (await session.execute(_select_changes(window))).all()
    lines = _to_lines(window, rows)
    return ChartFigures(window.buckets, (_add_up(lines[0]), _add_up(lines[1])))


def _add_up(changes: Sequence[int]) -> list[int]:
    total = 0
    return [total := total + change for change in changes]


def _select_changes(window: _Window) -> Select[Any]:
    """How many begin less how many end, by bucket; what ran at the start begins in the first.

    Times that follow one another without a gap are one: a renewal is no end.
    """
    span = func.tstzrange(Purchase.covers_from, Purchase.covers_until, type_=TSTZRANGE)
    spans = (
        select(
            (Purchase.kind == PurchaseKind.TRIAL).label("is_trial"),
            func.unnest(func.range_agg(span), type_=TSTZRANGE).label("span"),
        )
        .where(
            Purchase.status == PurchaseStatus.PAID,
            Purchase.covers_until > window.begin,
            Purchase.covers_from < Purchase.covers_until,
            Purchase.covers_from <= window.now,
        )
        .group_by(Purchase.subscription_id, "is_trial")
        .cte("spans")
    )
    first, last = func.lower(spans.c.span), func.upper(spans.c.span)
    begins = select(
        spans.c.is_trial,
        _to_bucket(window, func.greatest(first, bindparam("begin", window.begin))).label("bucket"),
        literal(1).label("change"),
    )
    ends = select(spans.c.is_trial, _to_bucket(window, last), literal(-1)).where(last <= window.now)
    changes = union_all(begins, ends).subquery()
    return select(
        changes.c.bucket,
        func.sum(case((changes.c.is_trial, 0), else_=changes.c.change)),
        func.sum(case((changes.c.is_trial, changes.c.change), else_=0)),
    ).group_by(changes.c.bucket)
