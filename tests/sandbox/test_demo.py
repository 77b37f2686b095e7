"""The sandbox's demo population is a shop as the product itself would have made it."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.domain.charts import ChartKind, ChartPeriod
from app.services.operations.charts import load_chart
from sandbox.demo import USERS, fill_shop
from tests.support.stall import stall_on

# What never holds, each as the rows that break it.
BROKEN = {
    "a balance below zero": """
        SELECT user_id FROM ledger_entries GROUP BY user_id, currency HAVING sum(amount_minor) < 0
    """,
    "a sale without its money": """
        SELECT p.id FROM purchases p LEFT JOIN ledger_entries e ON e.purchase_id = p.id
            AND e.kind = 'sale' AND e.amount_minor = p.discount_minor - p.price_minor
        WHERE p.kind <> 'top_up' AND p.paid_at IS NOT NULL AND e.id IS NULL
    """,
    "money without its order": """
        SELECT e.id FROM ledger_entries e LEFT JOIN purchases p ON p.id = e.purchase_id
        WHERE e.kind = 'payment' AND (p.id IS NULL
            OR p.price_minor - p.discount_minor <> e.amount_minor)
    """,
    "a refund that the books do not have": """
        SELECT p.id FROM purchases p LEFT JOIN ledger_entries e ON e.purchase_id = p.id
            AND e.kind = 'refund' AND e.amount_minor = p.price_minor - p.discount_minor
        WHERE (p.status = 'refunded') <> (e.id IS NOT NULL)
    """,
    "a subscription with another end than was bought": """
        SELECT s.id FROM subscriptions s WHERE s.expires_at IS DISTINCT FROM
            (SELECT max(covers_until) FROM purchases WHERE subscription_id = s.id)
    """,
    "access after the end, or none before it": """
        SELECT id FROM subscriptions
        WHERE (activation_status = 'active') <> (ends_at > now())
            OR (link IS NOT NULL) <> (ends_at > now())
    """,
    "something that has not happened yet": """
        SELECT id FROM purchases WHERE paid_at > now()
        UNION ALL SELECT NULL FROM ledger_entries WHERE created_at > now()
    """,
    "a circle of those who invited each other": """
        SELECT u.id FROM users u JOIN users r ON r.id = u.referrer_id
        WHERE r.referrer_id IS NOT NULL OR r.id = u.id
    """,
    "a discount without its code": """
        SELECT p.id FROM purchases p LEFT JOIN promo_uses u ON u.purchase_id = p.id
        WHERE (p.discount_minor > 0) <> (u.id IS NOT NULL)
    """,
}


@pytest.fixture
async def filled(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    assert await fill_shop(database_url)
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def test_its_books_agree(filled: asyncpg.Connection) -> None:
    """P9."""
    found = {what: await filled.fetch(query) for what, query in BROKEN.items()}
    assert {what: rows for what, rows in found.items() if rows} == {}


async def test_twice_is_once(filled: asyncpg.Connection, database_url: str) -> None:
    counted = "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM ledger_entries)"
    before = await filled.fetchrow(counted)
    assert not await fill_shop(database_url)
    after = await filled.fetchrow(counted)
    assert (before[0], before[1]) == (after[0], after[1])
    assert after[0] == USERS


async def test_charts_and_lists_have_something_to_show(
    filled: asyncpg.Connection, engine: AsyncEngine
) -> None:
    assert filled
    async with stall_on(engine) as stall:
        charts = {
            kind: await load_chart(stall.db, kind, ChartPeriod.DAY, "UTC")
            for kind in ChartKind
            if kind is not ChartKind.COHORTS  # a table of its own
        }
    # Every full day of the last month has sales, trials and running subscriptions.
    for kind, chart in charts.items():
        assert min(chart.lines[0][:-1]) >= (0 if kind is ChartKind.RENEWALS else 1), kind
        assert sum(chart.lines[1]) > 0, kind
