"""A round of traffic warnings costs what is due of them, and asks the panel about no more."""

from datetime import timedelta

import asyncpg

from app.core import clock
from app.services.access.traffic_warnings import warn_of_used_traffic
from tests.support.plans import count_rows_read, record
from tests.support.stall import ANNA, BEN, Stall

HOUR = timedelta(hours=1)

RUNNING = """
INSERT INTO subscriptions (user_id, access_id, created_at, expires_at, ends_at, is_trial,
    auto_renew, used_before_bytes, traffic_limit_bytes, device_limit, link, revision,
    activation_status, attempts, due_at, traffic_due_at)
SELECT $2, gen_random_uuid(), $3, $3, $3, false, false, 0, 1000, 0, 'x', 1, 'active', 0, $3, $3
FROM generate_series(1, $1::int)
"""


async def test_a_round_asks_about_two_hundred_and_reads_no_others(
    stall: Stall, sql: asyncpg.Connection
) -> None:
    """Cost of what is due: those that are not are not read."""
    later, past = clock.now() + 5 * HOUR, clock.now() - HOUR
    await sql.execute(RUNNING, 3000, ANNA, later)
    await sql.execute("ANALYZE")
    statements = record(stall)
    assert (await warn_of_used_traffic(stall.db, stall.panel))["asked"] == 0
    (look,) = statements
    assert await count_rows_read(sql, look) == 0

    await sql.execute(RUNNING, 230, BEN, past)
    assert (await warn_of_used_traffic(stall.db, stall.panel))["asked"] == 200
    assert (await warn_of_used_traffic(stall.db, stall.panel))["asked"] == 30
    assert len(stall.panel.asked_usage) == 230
