"""A round of reminders costs what is due of them: who has time left is not read."""

from datetime import timedelta

import asyncpg
import pytest

from app.core import clock
from app.domain.shop_settings import ShopSettings
from app.services.access.reminders import remind_users
from tests.support.plans import count_rows_read, explain, record
from tests.support.stall import ANNA, Stall

ALWAYS = ShopSettings(awake_from_hour=0, awake_until_hour=24, time_zone="UTC")
HOUR = timedelta(hours=1)

RUNNING = """
INSERT INTO subscriptions (user_id, access_id, created_at, expires_at, ends_at, is_trial,
    auto_renew, used_before_bytes, traffic_limit_bytes, device_limit, link, revision,
    activation_status, attempts, due_at, reminded_hours)
SELECT $2, gen_random_uuid(), now(), $3, $3, false, false, 0, 0, 0, 'x', 1, 'active', 0, now(), $4
FROM generate_series(1, $1::int)
"""
# By the step that was sent last, one that the settings had once among them: hours left when the
# next one is not due yet, and when it is.
WAITING = {None: 80, 72: 30, 48: 30, 24: 5, 3: 1}
DUE = {None: 71, 96: 71, 72: 20, 48: 20, 24: 2}


async def add(sql: asyncpg.Connection, hours_left: dict[int | None, int], rows: int) -> None:
    for reminded, hours in hours_left.items():
        await sql.execute(RUNNING, rows, ANNA, clock.now() + hours * HOUR, reminded)


@pytest.mark.parametrize("waiting", [10, 2000])
async def test_a_round_sends_as_many_statements_however_many_wait(
    stall: Stall, sql: asyncpg.Connection, waiting: int
) -> None:
    await add(sql, WAITING, waiting)
    statements = record(stall)

    assert await remind_users(stall.db, ALWAYS) == {"reminded": 0}
    assert len(statements) == 1
    statements.clear()
    await add(sql, DUE, 2)
    assert await remind_users(stall.db, ALWAYS) == {"reminded": 2 * len(DUE)}
    # The due ones, which users have others, the steps, the notifications, NOTIFY; nothing is left.
    assert len(statements) == 6


async def test_among_twenty_thousand_a_round_reads_what_is_due_and_nothing_else(
    stall: Stall, sql: asyncpg.Connection
) -> None:
    await add(sql, WAITING, 4000)
    await sql.execute("ANALYZE")
    statements = record(stall)
    assert await remind_users(stall.db, ALWAYS) == {"reminded": 0}
    (look,) = statements

    assert await count_rows_read(sql, look) == 0
    await add(sql, DUE, 2)
    # Each once in its branch, and once to lock it.
    assert await count_rows_read(sql, look) == 2 * 2 * len(DUE)

    plan = await explain(sql, look)
    assert "Seq Scan" not in {node["Node Type"] for node in plan}
    assert "ix_subscriptions_reminded" in {node.get("Index Name") for node in plan}
