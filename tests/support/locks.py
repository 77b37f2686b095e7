"""Who waits for a lock and who holds one, so that a test can distinguish orders of transactions."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

import asyncpg

from tests.support.eventually import eventually

# Inside a transaction PostgreSQL shows the activity of its first look until asked to look anew.
_LOOK_ANEW = "SELECT pg_stat_clear_snapshot()"
_WAITING = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
# What an instance has asked last when the lock of the active one was refused to it.
_REFUSED = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND state = 'idle' AND query LIKE '%pg_try_advisory_lock%'
"""


async def until_refused(connection: asyncpg.Connection, count: int = 1) -> None:
    """Until `count` instances have asked for the lock of the active one, and were refused it."""

    async def look() -> bool:
        return bool(await connection.fetchval(_REFUSED) >= count)

    await eventually(look)


async def until_waiting(connection: asyncpg.Connection, count: int = 1) -> list[int]:
    """The processes of `count` sessions (or more) once they wait; `connection` is a third one."""

    async def look() -> list[int] | None:
        await connection.execute(_LOOK_ANEW)
        pids = [row["pid"] for row in await connection.fetch(_WAITING)]
        return pids if len(pids) >= count else None

    return await eventually(look)


@asynccontextmanager
async def held(database_url: str, query: str) -> AsyncIterator[asyncpg.Connection]:
    """Hold the rows of a `SELECT ... FOR UPDATE`, as a round at the same moment would."""
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction():
            assert await connection.fetch(query), "nothing to hold"
            yield connection
    finally:
        await connection.close()


async def overlap(database_url: str, query: str, *calls: Awaitable[object]) -> list[object]:
    """What the calls return or raise when all of them are under way at the same moment.

    They begin in their order, and each must come to wait behind the rows that `query` locks: one
    that ends without it does not take the lock that the test is about.
    """
    async with held(database_url, query) as connection:
        tasks: list[asyncio.Future[object]] = []
        for call in calls:
            tasks.append(asyncio.ensure_future(call))
            await _until_held_up(connection, tasks)
    return await asyncio.gather(*tasks, return_exceptions=True)


async def _until_held_up(
    connection: asyncpg.Connection, tasks: list[asyncio.Future[object]]
) -> None:
    async def look() -> bool:
        assert not any(task.done() for task in tasks), "a call has waited for nobody"
        await connection.execute(_LOOK_ANEW)
        return len(await connection.fetch(_WAITING)) >= len(tasks)

    await eventually(look)
