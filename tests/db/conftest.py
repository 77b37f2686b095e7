"""Sessions outside the pool, and a stall with a database of its own."""

from collections.abc import AsyncIterator
from secrets import randbits

import asyncpg
import pytest

from tests.support.stall import Stall, open_stall


@pytest.fixture
def dsn(database_url: str) -> str:
    return database_url


@pytest.fixture
def bot_id() -> int:
    """An id, and so a lock, that no other test on this server uses."""
    return randbits(48)


@pytest.fixture
async def admin(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(dsn)
    yield connection
    await connection.close()


@pytest.fixture
async def stall(fresh_database_url: str) -> AsyncIterator[Stall]:
    async with open_stall(fresh_database_url) as stall:
        yield stall


@pytest.fixture
async def sql(fresh_database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Beside the stall, on its database."""
    connection = await asyncpg.connect(fresh_database_url)
    yield connection
    await connection.close()
