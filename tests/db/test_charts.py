"""Charts cost what their weeks brought, and count in days of the shop's time zone."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from app.core import clock
from app.core.money import Money
from app.domain.charts import ChartKind, ChartPeriod
from app.services.operations.charts import load_chart
from tests.support.plans import count_rows_read, read_plans, record
from tests.support.stall import Stall

ZONE = "Asia/Yekaterinburg"  # five hours before UTC, all year
USERS = """
INSERT INTO users (id, language, first_name, created_at, referral_code)
SELECT n, 'en', 'x', $3, 'code-' || n FROM generate_series($1::int, $2::int) n
"""
SUBSCRIPTIONS = """
INSERT INTO subscriptions (id, user_id, is_trial, auto_renew, access_id, created_at, expires_at,
    ends_at, traffic_limit_bytes, device_limit, link, used_before_bytes, revision,
    activation_status, attempts, due_at)
SELECT id, id, false, false, gen_random_uuid(), $3, $3, $3, 0, 0, 'x', 0, 1, 'removed', 0, $3
FROM users WHERE id BETWEEN $1::int AND $2::int
"""
# One for each subscription: of which kind, for how much, and for how many days from then on.
PURCHASES = """
INSERT INTO purchases (id, user_id, kind, status, titles, days, traffic_limit_bytes, device_limit,
    subscription_id, is_change, is_separate, base_used_bytes, price_minor, currency, discount_minor,
    credit_minor, from_balance_minor, created_at, expires_at, paid_at, covers_from, covers_until,
    subscription_revision)
SELECT gen_random_uuid(), user_id, $4::varchar, 'paid', '{}', 3, 0, 0, id, false, false, 0,
    $5::int, $6::varchar, 0, 0, 0, $3::timestamptz, $3, $3, $3,
    $3 + make_interval(days => $7::int), 1
FROM subscriptions WHERE id BETWEEN $1::int AND $2::int
"""
# What was sold at that moment was more traffic.
EXTRAS = """
WITH extra AS (
    INSERT INTO extras (kind, amount, price_minor, currency)
    VALUES ('traffic', 10, 499, 'USD') RETURNING id
)
UPDATE purchases SET extra_id = extra.id FROM extra WHERE paid_at = $1
"""
DAY = timedelta(days=1)


class Books:
    """Purchases written by whole ranges of users."""

    def __init__(self, sql: asyncpg.Connection) -> None:
        self._sql = sql

    async def add_users(self, first: int, last: int) -> None:
        now = clock.now()
        await self._sql.execute(USERS, first, last, now)
        await self._sql.execute(SUBSCRIPTIONS, first, last, now)

    async def sell(
        self,
        users: tuple[int, int],
        at: datetime,
        *,
        kind: str = "plan",
        minor: int = 499,
        currency: str = "USD",
        days: int = 30,
    ) -> None:
        await self._sql.execute(PURCHASES, *users, at, kind, minor, currency, days)


@pytest.fixture
async def books(sql: asyncpg.Connection) -> Books:
    books = Books(sql)
    await books.add_users(1_000_001, 1_000_060)
    return books


def noon(days_ago: int) -> datetime:
    local = clock.now().astimezone(ZoneInfo(ZONE)) - DAY * days_ago
    return local.replace(hour=12, minute=0)


async def test_revenue_is_of_the_zone_s_days_and_of_one_currency(
    stall: Stall, books: Books
) -> None:
    midnight = noon(3).replace(hour=0)
    await books.sell((1_000_001, 1_000_002), midnight)
    await books.sell((1_000_003, 1_000_003), midnight - timedelta(minutes=1))
    await books.sell((1_000_004, 1_000_005), noon(3), currency="RUB", minor=30_000)
    await books.sell((1_000_006, 1_000_009), noon(3), minor=0)
    await books.sell((1_000_006, 1_000_009), noon(3), kind="top_up")
    await books.sell((1_000_010, 1_000_010), noon(40))

    chart = await load_chart(stall.db, ChartKind.REVENUE, ChartPeriod.DAY, ZONE)
    assert (len(chart.buckets), chart.buckets[-1]) == (30, noon(0).date())
    assert (chart.lines[0][-5:], chart.lines[1][-5:]) == ([499, 998, 0, 0, 0], [1, 2, 0, 0, 0])
    assert (sum(chart.lines[0]), chart.currency) == (1497, "USD")
    assert chart.others == [Money(60_000, "RUB")]

    weekly = await load_chart(stall.db, ChartKind.REVENUE, ChartPeriod.WEEK, ZONE)
    assert {bucket.weekday() for bucket in weekly.buckets} == {0}
    assert sum(weekly.lines[0]) == 4 * 499


async def test_who_tries_and_who_buys_is_counted_by_the_trial_s_day(
    stall: Stall, books: Books
) -> None:
    await books.sell((1_000_001, 1_000_010), noon(5), kind="trial", minor=0, days=3)
    await books.sell((1_000_011, 1_000_012), noon(4), kind="trial", minor=0, days=3)
    await books.sell((1_000_001, 1_000_003), noon(2))
    await books.sell((1_000_004, 1_000_004), noon(9))  # before the trial
    chart = await load_chart(stall.db, ChartKind.TRIALS, ChartPeriod.DAY, ZONE)
    assert (chart.lines[0][-6:], chart.lines[1][-6:]) == ([10, 2, 0, 0, 0, 0], [3, 0, 0, 0, 0, 0])


async def test_a_second_purchase_is_a_renewal_unless_it_is_an_extra(
    stall: Stall, books: Books, sql: asyncpg.Connection
) -> None:
    await books.sell((1_000_001, 1_000_010), noon(60))
    await books.sell((1_000_001, 1_000_004), noon(30 - 1), kind="renewal")
    await books.sell((1_000_004, 1_000_006), noon(1))
    await books.sell((1_000_001, 1_000_009), noon(2))
    await sql.execute(EXTRAS, noon(2))
    await books.sell((1_000_020, 1_000_021), noon(1))
    chart = await load_chart(stall.db, ChartKind.RENEWALS, ChartPeriod.DAY, ZONE)
    assert (chart.lines[0][0], chart.lines[1][0]) == (4, 0)
    assert (chart.lines[0][-2:], chart.lines[1][-2:]) == ([3, 0], [2, 0])


async def test_a_renewed_subscription_is_one_and_a_gap_is_seen(stall: Stall, books: Books) -> None:
    await books.sell((1_000_001, 1_000_010), noon(50), days=40)
    await books.sell((1_000_001, 1_000_004), noon(10), days=30)  # without a gap
    await books.sell((1_000_005, 1_000_005), noon(5), days=30)  # late
    await books.sell((1_000_020, 1_000_021), noon(3), kind="trial", minor=0, days=2)
    chart = await load_chart(stall.db, ChartKind.ACTIVE, ChartPeriod.DAY, ZONE)
    paid, trials = chart.lines
    assert paid[:19] == [10] * 19
    assert paid[19:] == [4] * 5 + [5] * 6
    assert trials[-5:] == [0, 2, 2, 0, 0]


async def test_of_twenty_thousand_users_only_the_weeks_purchases_are_read(
    stall: Stall, books: Books, sql: asyncpg.Connection
) -> None:
    await books.add_users(2_000_001, 2_020_000)
    await books.sell((2_000_001, 2_020_000), noon(300))
    await books.sell((1_000_001, 1_000_060), noon(20), kind="trial", minor=0)
    await books.sell((1_000_001, 1_000_060), noon(10))
    await sql.execute("ANALYZE")
    statements = record(stall)
    for kind in set(ChartKind) - {ChartKind.COHORTS}:
        await load_chart(stall.db, kind, ChartPeriod.DAY, ZONE)
    assert len(statements) == 4
    indexes, scanned = await read_plans(sql, statements, ())
    assert scanned == []
    assert indexes >= {"ix_purchases_paid_at_id", "ix_purchases_covering", "ix_purchases_user_id"}
    assert [await count_rows_read(sql, one) <= 400 for one in statements] == [True] * 4
