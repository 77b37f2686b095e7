"""What the service costs while nobody uses it: everything on, three chains that grow.

Processor time, and what crosses the wire to PostgreSQL and to Redis, counted on proxies between.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence

from benchmarks.measures import print_table
from benchmarks.stage import Stage
from benchmarks.street import Street, open_street
from tests.support.wire import PostgresWire, RedisWire

SETTLING_SECONDS = 20  # until the workers have done what there is to do at a start
COUNTED_SECONDS = 120
WANTED_CORE_PERCENT = 1.5
WANTED_ROUND_TRIPS = 8.0
_MOST_FREQUENT = 15
_WORDS = 70  # characters of a statement


async def run(stage: Stage) -> None:
    databases = await stage.create_database()
    async with (
        PostgresWire.to(databases["DATABASE_URL"]) as postgres,
        RedisWire.to(databases["REDIS_URL"]) as redis,
    ):
        proxied = {
            "DATABASE_URL": postgres.replace(databases["DATABASE_URL"]),
            "REDIS_URL": redis.replace(databases["REDIS_URL"]),
        }
        async with open_street(stage, databases=proxied, follows_chains=True) as street:
            await asyncio.sleep(SETTLING_SECONDS)
            used = await _count(street, postgres, redis)
            statements, commands = list(postgres.statements), list(redis.commands)
            round_trips = postgres.round_trips
    _print(used, round_trips, statements, commands)


async def _count(street: Street, postgres: PostgresWire, redis: RedisWire) -> float:
    """Seconds of the processor."""
    before = street.server.cpu_seconds
    postgres.forget()
    redis.forget()
    await asyncio.sleep(COUNTED_SECONDS)
    return street.server.cpu_seconds - before


def _print(
    used: float, round_trips: int, statements: Sequence[str], commands: Sequence[str]
) -> None:
    percent, trips = used / COUNTED_SECONDS * 100, round_trips / COUNTED_SECONDS
    print_table(
        f"At rest, everything on, three chains, {COUNTED_SECONDS} s",
        ["", "measured", "wanted", "ratio"],
        [
            _ratio("percent of a core", percent, WANTED_CORE_PERCENT),
            _ratio("PostgreSQL round trips a second", trips, WANTED_ROUND_TRIPS),
            ["statements a second", f"{len(statements) / COUNTED_SECONDS:.2f}", "", ""],
            ["Redis commands a second", f"{len(commands) / COUNTED_SECONDS:.2f}", "", ""],
        ],
    )
    begun = Counter(" ".join(statement.split())[:_WORDS] for statement in statements)
    rows = [
        [f"`{words}`", f"{count / COUNTED_SECONDS:.2f}"]
        for words, count in begun.most_common(_MOST_FREQUENT)
    ]
    print_table("The most frequent statements, by how they begin", ["", "a second"], rows)


def _ratio(name: str, measured: float, wanted: float) -> list[str]:
    return [name, f"{measured:.2f}", f"at most {wanted:g}", f"{measured / wanted:.2f}"]
