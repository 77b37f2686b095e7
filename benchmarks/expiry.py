"""Ending 1,000 due subscriptions must cost the same whether 10,000 or 1,000,000 exist."""

import itertools
import time
from statistics import median

import asyncpg

from app.core.settings import load_settings
from app.db.engine import create_engine
from app.db.unit_of_work import Database
from app.services.access.expiry import end_expired_subscriptions
from benchmarks.measures import milliseconds, print_table, spread
from benchmarks.stage import Stage, environment

DUE = 1000
FEW, MANY = 10_000, 1_000_000
# More than the five executions after which PostgreSQL may choose a plan for all values.
ROUNDS = 9

_PEOPLE = """
INSERT INTO users (id, language, first_name, created_at, referral_code)
SELECT number, 'en', 'Ben', now(), 'code-' || number FROM generate_series(0, 9999) AS number
"""
_SUBSCRIPTIONS = """
INSERT INTO subscriptions (id, user_id, access_id, created_at, expires_at, ends_at, is_trial,
                           auto_renew, used_before_bytes, traffic_limit_bytes, device_limit, link,
                           revision, activation_status, attempts, due_at)
SELECT number, number % 10000, gen_random_uuid(), now(),
       now() + interval '1 day' + number % 360 * interval '1 day',
       now() + interval '1 day' + number % 360 * interval '1 day', false, false, 0, 0, 3,
       'https://vpn.example/key', 1, 'active', 0, now()
FROM generate_series(0, $1::bigint - 1) AS number
"""
# Every so manieth one, so that they lie as far apart as in life.
_MAKE_DUE = """
UPDATE subscriptions SET expires_at = now() - interval '1 minute',
    ends_at = now() - interval '1 minute' WHERE id % $1::bigint = $2::bigint
"""


async def run(stage: Stage) -> None:
    seconds: dict[int, list[float]] = {FEW: [], MANY: []}
    towns = {total: await _settle(stage, total) for total in seconds}
    for number, (total, (db, connection)) in itertools.product(range(ROUNDS), towns.items()):
        await connection.execute(_MAKE_DUE, total // DUE, number)
        started = time.perf_counter()
        ended = 0
        while count := await end_expired_subscriptions(db):
            ended += count
        seconds[total].append(time.perf_counter() - started)
        if ended != DUE:
            raise RuntimeError(f"{ended} ended instead of {DUE}")
    for db, connection in towns.values():
        await connection.close()
        await db.engine.dispose()
    ratios = [many / few for few, many in zip(seconds[FEW], seconds[MANY], strict=True)]
    print_table(
        f"Ending {DUE} due subscriptions ({ROUNDS} rounds in turn; medians)",
        ["subscriptions", "ms", "ratio"],
        [
            [f"{FEW:,}", milliseconds(median(seconds[FEW])), ""],
            [f"{MANY:,}", milliseconds(median(seconds[MANY])), spread(ratios)],
        ],
    )


async def _settle(stage: Stage, total: int) -> tuple[Database, asyncpg.Connection]:
    databases = await stage.create_database()
    connection = await asyncpg.connect(databases["DATABASE_URL"])
    await connection.execute(_PEOPLE)
    await connection.execute(_SUBSCRIPTIONS, total)
    await connection.execute("VACUUM ANALYZE")
    settings = load_settings(environment(databases, "http://127.0.0.1:1", 8080))
    return Database(create_engine(settings), lambda _: None), connection
