"""Ending extra devices costs what is due, not what there is."""

from datetime import timedelta

import asyncpg

from app.core import clock
from app.services.access.extras import end_extra_devices
from tests.support.plans import explain, record
from tests.support.stall import Stall

ROWS, DUE = 20_000, 10
USERS = """
INSERT INTO users (id, language, first_name, created_at, referral_code)
SELECT 1000000 + n, 'en', 'x', $2, 'code-' || n FROM generate_series(1, $1::int) n
"""
# All run; every tenth has extra devices, and of these few are over.
SUBSCRIPTIONS = """
INSERT INTO subscriptions (user_id, is_trial, auto_renew, access_id, created_at, expires_at,
    ends_at, traffic_limit_bytes, device_limit, link, used_before_bytes, revision,
    activation_status, attempts, due_at, extra_devices, extra_devices_until)
SELECT 1000000 + n, false, false, gen_random_uuid(), $3::timestamptz, $3 + interval '30 days',
    $3 + interval '30 days', 0, 4, 'x', 0, 1, 'active', 0, $3,
    CASE WHEN n % 10 = 0 THEN 1 ELSE 0 END,
    CASE WHEN n % 10 <> 0 THEN NULL WHEN n <= 10 * $2::int THEN $3 - interval '1 minute'
    ELSE $3 + interval '20 days' END
FROM generate_series(1, $1::int) n
"""
BOUGHT = """
INSERT INTO purchases (id, user_id, kind, status, titles, days, traffic_limit_bytes, device_limit,
    subscription_id, is_change, is_separate, base_used_bytes, price_minor, currency, discount_minor,
    credit_minor, from_balance_minor, created_at, expires_at, paid_at, covers_from, covers_until,
    subscription_revision, delivered_at, extra_id)
SELECT access_id, user_id, 'plan', 'paid', '{}', 0, 0, 1, id, false, false, 0, 100, 'USD', 0, 0, 0,
    $1::timestamptz, $1, $1, $1, extra_devices_until, 1, $1, 1
FROM subscriptions WHERE extra_devices > 0
"""


async def test_of_twenty_thousand_subscriptions_only_those_that_are_due_are_read(
    stall: Stall, sql: asyncpg.Connection
) -> None:
    now = clock.now()
    await sql.execute(USERS, ROWS, now)
    await sql.execute(SUBSCRIPTIONS, ROWS, DUE, now)
    await sql.execute(BOUGHT, now - timedelta(days=10))
    await sql.execute("ANALYZE")
    statements = record(stall)

    assert await end_extra_devices(stall.db) == DUE

    indexes = set()
    selects = [one for one in statements if one[0].startswith("SELECT")]
    for statement in selects:
        for node in await explain(sql, statement, ""):
            indexes.add(node.get("Index Name"))
            is_of_many = node.get("Relation Name") in {"subscriptions", "purchases"}
            assert not (is_of_many and node["Node Type"] == "Seq Scan"), statement[0]
    assert indexes >= {"ix_subscriptions_extra_devices", "ix_purchases_subscription_id"}
    assert len(selects) == 6  # the last one wakes the workers
