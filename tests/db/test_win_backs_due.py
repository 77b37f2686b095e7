"""A round of offers to come back reads what is due of them."""

from datetime import timedelta

import asyncpg

from app.core import clock
from app.services.promotions.win_backs import send_due_win_backs
from app.services.shop_settings import ShopSettingsCache, change_shop_setting
from tests.support.plans import count_rows_read, record
from tests.support.stall import ANNA, Stall

WAITING = """
WITH ended AS (
    INSERT INTO subscriptions (user_id, access_id, created_at, expires_at, ends_at, is_trial,
        auto_renew, used_before_bytes, traffic_limit_bytes, device_limit, revision,
        activation_status, attempts, due_at)
    SELECT $2, gen_random_uuid(), $3, $3, $3, false, false, 0, 0, 0, 1, 'removed', 0, $3
    FROM generate_series(1, $1::int) RETURNING id
)
INSERT INTO win_backs (user_id, subscription_id, ended_at, is_held_out, step, due_at)
SELECT $2, id, $3, true, 0, $4 FROM ended
"""


async def test_a_round_reads_two_hundred_of_what_is_due(
    stall: Stall, sql: asyncpg.Connection
) -> None:
    """Cost of what is due: those that are not are not read."""
    for name, value in (("win_back_percent", "20"), ("awake_from_hour", "0")):
        await change_shop_setting(stall.db, name, value)
    await change_shop_setting(stall.db, "awake_until_hour", "24")
    shop = ShopSettingsCache(stall.db)
    await shop.settings()
    now = clock.now()
    await sql.execute(WAITING, 3000, ANNA, now, now + timedelta(days=1))
    await sql.execute("ANALYZE")
    statements = record(stall)
    assert await send_due_win_backs(stall.db, shop) == {"offered": 0, "more": 0}
    (look,) = statements
    assert await count_rows_read(sql, look) == 0

    yesterday = now - timedelta(hours=25)
    await sql.execute(WAITING, 230, ANNA, yesterday, now)
    statements.clear()
    assert (await send_due_win_backs(stall.db, shop))["more"] == 1
    assert len(statements) == 3  # the batch, their users, the steps
    assert (await send_due_win_backs(stall.db, shop))["more"] == 0
