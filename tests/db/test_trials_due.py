"""The round over the trials costs what runs as a trial, not what there is."""

from collections.abc import Mapping
from datetime import timedelta

import asyncpg
import pytest

from app.core import clock
from app.domain.shop_settings import ShopSettings
from app.services.promotions.trials import notify_trial_steps
from tests.support.plans import count_rows_read, explain, record
from tests.support.stall import ANNA, Stall

ROWS = 20_000
ALWAYS = ShopSettings(awake_from_hour=0, awake_until_hour=24, time_zone="UTC")

PEOPLE = """
INSERT INTO users (id, language, first_name, created_at, referral_code)
SELECT 1000000 + n, 'en', 'x', $2, 'code-' || n FROM generate_series(1, $1::int) n
"""
# Half have tried and ended; of the others, which run, few are trials.
RUNNING = """
INSERT INTO subscriptions (user_id, is_trial, auto_renew, access_id, created_at, expires_at,
    ends_at, traffic_limit_bytes, device_limit, link, used_before_bytes, revision,
    activation_status, attempts, due_at)
SELECT id, id % 1000 = 0 OR id % 2 = 1, false, gen_random_uuid(), $1::timestamptz,
    $1 + interval '3 days', $1 + interval '3 days', 0, 0, 'x', 0, 1,
    CASE id % 2 WHEN 0 THEN 'active' ELSE 'removed' END, 0, $1
FROM users WHERE id > 1000000
"""
TAKEN = """
INSERT INTO purchases (id, user_id, kind, status, titles, days, traffic_limit_bytes, device_limit,
    subscription_id, is_change, is_separate, base_used_bytes, price_minor, currency, discount_minor,
    credit_minor, from_balance_minor, created_at, expires_at, paid_at, covers_until,
    subscription_revision, delivered_at)
SELECT access_id, user_id, CASE WHEN is_trial THEN 'trial' ELSE 'plan' END, 'paid', '{}', 3, 0, 0,
    id, false, false, 0, 0, 'USD', 0, 0, 0, $1::timestamptz, $1, $1, expires_at, 1, $1
FROM subscriptions
"""


async def test_among_twenty_thousand_subscriptions_only_the_trials_are_read(
    stall: Stall, sql: asyncpg.Connection
) -> None:
    long_ago = clock.now() - timedelta(hours=40)
    await sql.execute(PEOPLE, ROWS, long_ago)
    await sql.execute(RUNNING, long_ago)
    await sql.execute(TAKEN, long_ago)
    await sql.execute("ANALYZE")
    statements = record(stall)

    assert await notify_trial_steps(stall.db, stall.panel, ALWAYS) == {"notified": 20, "left": 0}

    indexes = set()
    for text, values in statements:
        one = values[0] if isinstance(values[0], tuple) else values  # the same for many rows
        analyze = ", ANALYZE" if text.startswith("SELECT") else ""
        for node in await explain(sql, (text, one), analyze):
            indexes.add(node.get("Index Name"))
            assert node["Node Type"] != "Seq Scan", text
            read = node.get("Actual Rows", 0) + node.get("Rows Removed by Filter", 0)
            assert read <= 20, text
    assert indexes >= {"ix_subscriptions_trials_created", "uq_purchases_trial"}


# Of three days. By the step that was sent last: hours since it began, when the next is not due yet.
WAITING = {None: 0.5, "unused_hour": 20, "unused_day": 30, "halfway": 60, "ending": 70}
DUE = {None: 2, "unused_hour": 25, "unused_day": 37, "halfway": 70}
TRIALS = """
INSERT INTO subscriptions (user_id, is_trial, auto_renew, access_id, created_at, expires_at,
    ends_at, traffic_limit_bytes, device_limit, link, used_before_bytes, revision,
    activation_status, attempts, due_at, trial_told)
SELECT $2, true, false, gen_random_uuid(), $3::timestamptz, $3 + interval '3 days',
    $3 + interval '3 days', 0, 0, 'x', 0, 1, 'active', 0, $3, $4
FROM generate_series(1, $1::int)
"""


async def add(sql: asyncpg.Connection, hours_ago: Mapping[str | None, float], rows: int) -> None:
    for notified, hours in hours_ago.items():
        began = clock.now() - timedelta(hours=hours)
        await sql.execute(TRIALS, rows, ANNA, began, notified)


@pytest.mark.parametrize("waiting", [10, 2000])
async def test_a_round_sends_as_many_statements_however_many_trials_wait(
    stall: Stall, sql: asyncpg.Connection, waiting: int
) -> None:
    await add(sql, WAITING, waiting)
    statements = record(stall)

    assert await notify_trial_steps(stall.db, stall.panel, ALWAYS) == {"notified": 0, "left": 0}
    assert len(statements) == 1
    statements.clear()
    await add(sql, DUE, 1)
    await notify_trial_steps(stall.db, stall.panel, ALWAYS)
    # Which are due, their rows, the same locked, the steps, the notifications, NOTIFY.
    assert len(statements) == 6


async def test_among_twenty_thousand_trials_a_round_reads_the_due_ones_and_nothing_else(
    stall: Stall, sql: asyncpg.Connection
) -> None:
    await add(sql, WAITING, 4000)
    await sql.execute("ANALYZE")
    statements = record(stall)
    assert await notify_trial_steps(stall.db, stall.panel, ALWAYS) == {"notified": 0, "left": 0}
    (look,) = statements

    assert await count_rows_read(sql, look) == 0
    await add(sql, DUE, 2)
    assert await count_rows_read(sql, look) == 2 * len(DUE)

    plan = await explain(sql, look)
    assert "Seq Scan" not in {node["Node Type"] for node in plan}
    assert {node.get("Index Name") for node in plan} >= {
        "ix_subscriptions_trials_created",
        "ix_subscriptions_trials_halfway",
        "ix_subscriptions_trials_ending",
    }
