"""The counters that other tests believe."""

import asyncio
from urllib.parse import urlsplit

import asyncpg
from redis.asyncio import Redis

from tests.support.wire import PostgresWire, RedisWire


async def test_postgres_is_counted_by_statements_and_by_waits(database_url: str) -> None:
    async with PostgresWire.to(database_url) as wire:
        connection = await asyncpg.connect(wire.replace(database_url))
        assert (wire.round_trips, wire.statements) == (0, [])

        await connection.execute("SELECT 1; SELECT 2")
        assert (wire.round_trips, wire.statements) == (1, ["SELECT 1; SELECT 2"])

        wire.forget()
        statement = await connection.prepare("SELECT $1::int")
        assert (wire.round_trips, wire.statements) == (1, [])
        for number in (1, 2):
            assert await statement.fetchval(number) == number
        assert (wire.round_trips, wire.statements) == (3, ["SELECT $1::int"] * 2)

        wire.forget()
        await connection.executemany("SELECT $1::int", [(1,), (2,), (3,)])
        # Prepared once more, then all at once.
        assert (wire.round_trips, wire.statements) == (2, ["SELECT $1::int"] * 3)
        await connection.close()


async def test_redis_is_counted_by_commands_and_by_waits(redis_url: str) -> None:
    async with RedisWire.to(redis_url) as wire, Redis.from_url(wire.replace(redis_url)) as redis:
        await redis.set("a", "x\r\n" * 50_000)
        wire.forget()

        assert await redis.get("a") == b"x\r\n" * 50_000
        assert await redis.get("b") is None
        assert (wire.round_trips, wire.commands) == (2, ["GET a", "GET b"])

        wire.forget()
        async with redis.pipeline(transaction=False) as pipeline:
            pipeline.get("b")
            pipeline.mget("b", "c")
            pipeline.set("d", 1, ex=60)
            await pipeline.execute()
        assert (wire.round_trips, wire.commands) == (1, ["GET b", "MGET b c", "SET d 1 EX 60"])


async def test_answers_that_cross_are_one_round_trip(redis_url: str) -> None:
    """With nothing but the wire: a client that sends on while it waits."""
    async with RedisWire.to(redis_url) as wire:
        reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
        password = urlsplit(redis_url).password or ""
        writer.write(b"*2\r\n$4\r\nAUTH\r\n$%d\r\n%s\r\n" % (len(password), password.encode()))
        assert await reader.readexactly(5) == b"+OK\r\n"
        wire.forget()

        writer.write(b"*1\r\n$4\r\nPING\r\n" * 2)
        assert await reader.readexactly(14) == b"+PONG\r\n" * 2
        assert (wire.round_trips, wire.commands) == (1, ["PING", "PING"])
        writer.close()


async def test_what_is_delayed_arrives_whole_and_in_order(database_url: str) -> None:
    async with PostgresWire.to(database_url) as wire:
        wire.seconds_to_server = wire.seconds_to_client = 0.002
        connection = await asyncpg.connect(wire.replace(database_url))
        rows = await connection.fetch("SELECT n, repeat('x', 1000) FROM generate_series(1, 500) n")
        assert [row["n"] for row in rows] == list(range(1, 501))
        assert wire.round_trips == 2  # to prepare it, and to execute it
        await connection.close()
