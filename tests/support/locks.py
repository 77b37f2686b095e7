"""Who waits for a lock and who holds one, so that a test can tell orders of transactions apart."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from tests.support.eventually import eventually

# Inside a transaction PostgreSQL shows the activity of its first look until it is told otherwise.
_LOOK_ANEW = "SELECT pg_stat_clear_snapshot()"
_WAITING = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


async def until_waiting(connection: asyncpg.Connection, count: int = 1) -> list[int]:
    """The processes of `count` sessions (or more) once they wait; `connection` is a third one."""

    async def look() -> list[int] | None:
        await connection.execute(_LOOK_ANEW)
        pids = [row["pid"] for row in await connection.fetch(_WAITING)]
        return pids if len(pids) >= count else None

    return await eventually(look)


@asynccontextmanager
async def held(database_url: str, query: str) -> AsyncIterator[None]:
    """Hold the rows of a `SELECT ... FOR UPDATE`, as a round at the same moment would."""
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction():
            assert await connection.fetch(query), "nothing to hold"
            yield
    finally:
        await connection.close()
