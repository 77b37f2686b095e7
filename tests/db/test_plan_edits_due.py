"""A plan's page counts what runs on it by an index, whatever runs on the others."""

import asyncpg

from app.services.operations.plan_edits import get_edited_plan
from tests.support.plans import read_plans, record
from tests.support.stall import Stall


async def test_what_runs_on_a_plan_is_counted_by_its_index(
    stall: Stall, sql: asyncpg.Connection
) -> None:
    assert (await stall.buy_and_pay()).plan_id
    statements = record(stall)
    page = await get_edited_plan(stall.db, "standard", None)
    assert page.running == 1
    await sql.execute("SET enable_seqscan = off")  # few rows would be read whole
    indexes, scanned = await read_plans(sql, statements, ("plans", "terms"))
    assert scanned == []
    assert "ix_subscriptions_plan_id" in indexes
