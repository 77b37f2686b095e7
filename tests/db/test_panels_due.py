"""Moves of panels, and those that wait for one with room, are asked by indexes."""

import asyncpg
import pytest

from app.domain.panels import PanelState
from app.services.operations.panel_admin import set_panel_state
from app.services.operations.panel_moves import (
    continue_panel_moves,
    move_subscription,
    request_panel_move,
)
from tests.db.test_models_due import SMALL, fill
from tests.support.plans import Statement, count_rows_read, read_plans, record
from tests.support.several_panels import SeveralPanels
from tests.support.stall import Stall

ROWS = 20_000
MOVED_AT_ONCE = 20
ON_NL1 = "UPDATE subscriptions SET panel_id = $1 WHERE id % 2 = 0"
FEW = SMALL | {"incidents", "panel_moves", "bulk_jobs"}
# Half of those that run are on nl1 by now, all but 15 from before the row and 10 of its own.
LEFT_FEW = """
WITH running AS (
    SELECT id, row_number() OVER (ORDER BY id) n FROM subscriptions
    WHERE activation_status = 'active'
)
UPDATE subscriptions s SET panel_id = CASE WHEN n <= 15 THEN NULL WHEN n <= 25 THEN $1::bigint
    ELSE (SELECT id FROM panels WHERE name = 'nl1') END
FROM running WHERE running.id = s.id
"""
ARRIVED = """
UPDATE subscriptions SET panel_id = next_panel_id, next_panel_id = NULL
WHERE next_panel_id IS NOT NULL
"""


@pytest.fixture
async def statements(stall: Stall, sql: asyncpg.Connection) -> list[Statement]:
    """Of what follows, in a shop of two panels, one of which has half of all subscriptions."""
    shop = SeveralPanels(stall)
    await shop.add("default")
    nl1 = await shop.add("nl1")
    await fill(sql, ROWS)
    await sql.execute(ON_NL1, nl1)
    await sql.execute("VACUUM ANALYZE subscriptions")
    return record(stall)


async def test_a_panel_s_move_reads_those_that_it_moves(
    stall: Stall, sql: asyncpg.Connection, statements: list[Statement]
) -> None:
    await request_panel_move(stall.db, "nl1", "default")
    assert await continue_panel_moves(stall.db) == {"begun": MOVED_AT_ONCE}
    assert await continue_panel_moves(stall.db) == {"begun": 0}

    selects = [statement for statement in statements if statement[0].startswith("SELECT")]
    indexes, scanned = await read_plans(sql, selects, FEW)

    assert scanned == []
    assert indexes >= {"ix_subscriptions_on_panel", "ix_subscriptions_moving"}
    assert max([await count_rows_read(sql, select) for select in selects]) <= 3 * MOVED_AT_ONCE


async def test_all_leave_the_default_panel_also_from_before_it_had_a_row(
    stall: Stall, sql: asyncpg.Connection, statements: list[Statement]
) -> None:
    """Of 10,000, each with no panel's id, 25 are left; later ones have the row's."""
    default = await sql.fetchval("SELECT id FROM panels WHERE name = 'default'")
    await sql.execute(LEFT_FEW, default)
    await request_panel_move(stall.db, "default", "nl1")
    for begun in (20, 5, 0):
        statements.clear()
        assert await continue_panel_moves(stall.db) == {"begun": begun}
        await sql.execute(ARRIVED)

        selects = [statement for statement in statements if statement[0].startswith("SELECT")]
        indexes, scanned = await read_plans(sql, selects, FEW)
        assert scanned == []
        assert indexes >= {"ix_subscriptions_on_no_row", "ix_subscriptions_on_panel"}
        assert max([await count_rows_read(sql, one) for one in selects]) <= 3 * MOVED_AT_ONCE
    (ended_at,) = await sql.fetchrow("SELECT ended_at FROM panel_moves")
    assert ended_at is not None


async def test_one_that_moves_and_those_that_wait_for_room_are_found_by_indexes(
    stall: Stall, sql: asyncpg.Connection, statements: list[Statement]
) -> None:
    running = await sql.fetchval(
        "SELECT id FROM subscriptions WHERE panel_id IS NOT NULL AND activation_status = 'active'"
    )
    await move_subscription(stall.db, "user:1003", running)
    await set_panel_state(stall.db, "nl1", PanelState.CLOSED)
    await set_panel_state(stall.db, "nl1", PanelState.OPEN)

    indexes, scanned = await read_plans(sql, statements, FEW)

    assert scanned == []
    # Of those that wait for room, as of those that wait for a panel's answer, some dozen are there.
    assert indexes & {"ix_subscriptions_awaits_panel", "ix_subscriptions_to_provision"}
    assert max([await count_rows_read(sql, statement) for statement in statements]) <= 3
