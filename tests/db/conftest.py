"""What the tests of sessions outside the pool share."""

from collections.abc import AsyncIterator
from secrets import randbits

import asyncpg
import pytest


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
