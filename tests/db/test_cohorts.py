"""Cohorts: who of a month's first customers had paid access in the months after it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from app.core import clock
from app.services.operations.cohorts import COHORT_MONTHS, load_cohorts
from tests.db.test_charts import ZONE, Books
from tests.support.plans import read_plans, record
from tests.support.stall import Stall


@pytest.fixture
async def books(sql: asyncpg.Connection) -> Books:
    books = Books(sql)
    await books.add_users(1_000_001, 1_000_060)
    return books


def month(back: int, day: int = 10) -> datetime:
    """A day of the month so many before this one, at noon in the shop's zone."""
    today = clock.now().astimezone(ZoneInfo(ZONE)).date()
    number = today.year * 12 + today.month - 1 - back
    return datetime(number // 12, number % 12 + 1, day, 12, tzinfo=ZoneInfo(ZONE))


async def test_who_renews_stays_and_who_bought_for_long_does(stall: Stall, books: Books) -> None:
    await books.sell((1_000_001, 1_000_010), month(3), days=5)
    await books.sell((1_000_001, 1_000_004), month(2), kind="renewal", days=5)
    await books.sell((1_000_001, 1_000_002), month(1), days=5)
    await books.sell((1_000_020, 1_000_023), month(2), days=50)
    oldest, next_ = await load_cohorts(stall.db, ZONE)
    assert (oldest.month, oldest.size) == (month(3, 1).date(), 10)
    assert list(oldest.percents) == [100, 40, 20, 0]
    assert (next_.size, list(next_.percents)[:2]) == (4, [100, 100])


async def test_a_former_customer_a_trial_and_a_gift_begin_none(stall: Stall, books: Books) -> None:
    await books.sell((1_000_001, 1_000_002), month(COHORT_MONTHS), days=5)
    await books.sell((1_000_001, 1_000_004), month(1), days=5)
    await books.sell((1_000_005, 1_000_006), month(1), kind="trial", minor=0)
    await books.sell((1_000_007, 1_000_007), month(1), minor=0)
    (cohort,) = await load_cohorts(stall.db, ZONE)
    assert (cohort.size, cohort.percents[0]) == (2, 100)


async def test_months_are_the_zone_s(stall: Stall, books: Books) -> None:
    begin = month(1, 1).replace(hour=0)
    await books.sell((1_000_001, 1_000_001), begin - timedelta(minutes=1), days=1)
    await books.sell((1_000_002, 1_000_002), begin, days=1)
    assert [one.month for one in await load_cohorts(stall.db, ZONE)] == [
        month(2, 1).date(),
        month(1, 1).date(),
    ]
    assert await load_cohorts(stall.db, "UTC")


async def test_without_sales_there_is_none(stall: Stall) -> None:
    assert await load_cohorts(stall.db, ZONE) == []


async def test_what_was_sold_before_these_months_is_not_read(
    stall: Stall, books: Books, sql: asyncpg.Connection
) -> None:
    await books.add_users(2_000_001, 2_020_000)
    await books.sell((2_000_001, 2_020_000), month(COHORT_MONTHS + 2), days=5)
    await books.sell((1_000_001, 1_000_060), month(1), days=5)
    await sql.execute("ANALYZE")
    statements = record(stall)
    await load_cohorts(stall.db, ZONE)
    (statement,) = statements
    _, scanned = await read_plans(sql, [statement], ())
    assert scanned == []
