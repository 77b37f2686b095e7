"""Under their old names, renamed tables serve the version before, which is at work meanwhile.

The statements are those that SQLAlchemy writes for it.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from app.db.migrations import downgrade_schema, upgrade_schema

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SAVE_UPDATE = """
INSERT INTO kept_updates (update_id, body, error, created_at) VALUES ($1, $2::JSONB, $3, $4)
ON CONFLICT DO NOTHING
"""
LOCK_DUE_UPDATES = """
SELECT kept_updates.update_id FROM kept_updates
WHERE kept_updates.created_at <= $1
    AND (kept_updates.body ? 'pre_checkout_query'
         OR ((kept_updates.body -> 'message') ? 'successful_payment')) IS NOT true
ORDER BY kept_updates.created_at LIMIT 1000 FOR UPDATE SKIP LOCKED
"""
DELETE_UPDATES = "DELETE FROM kept_updates WHERE kept_updates.update_id IN ($1, $2)"
DELETE_UPDATES_OF = (
    "DELETE FROM kept_updates WHERE (((kept_updates.body -> 'message') -> 'from') ->> 'id') = $1"
)
SAVE_FINGERPRINT = """
INSERT INTO erased_people (fingerprint, erased_at, had_access_at, promo_use_ids)
VALUES ($1, $2, $3, $4::BIGINT[])
ON CONFLICT (fingerprint) DO UPDATE SET erased_at = $5, had_access_at = $6, promo_use_ids = $7
"""
TAKE_FINGERPRINT = """
DELETE FROM erased_people WHERE erased_people.fingerprint = $1
RETURNING erased_people.fingerprint, erased_people.had_access_at, erased_people.promo_use_ids
"""


@pytest.fixture
async def other(fresh_database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(fresh_database_url)
    yield connection
    await connection.close()


async def test_the_version_before_keeps_and_removes_failed_updates(
    sql: asyncpg.Connection, other: asyncpg.Connection
) -> None:
    for update_id, body in ((7, "{}"), (7, "{}"), (8, '{"message": {"from": {"id": 1}}}')):
        await sql.execute(SAVE_UPDATE, update_id, body, "KeyError: x", NOW)
    assert await sql.fetch("SELECT update_id FROM failed_updates") == [(7,), (8,)]

    async with sql.transaction():
        assert await sql.fetch(LOCK_DUE_UPDATES, NOW) == [(7,), (8,)]
        assert await other.fetch(LOCK_DUE_UPDATES, NOW) == []  # the rows themselves are locked
        assert await sql.execute(DELETE_UPDATES_OF, "1") == "DELETE 1"
        assert await sql.execute(DELETE_UPDATES, 7, 8) == "DELETE 1"

    assert await sql.fetch("SELECT update_id FROM failed_updates") == []


async def test_the_version_before_remembers_who_erased_their_data(sql: asyncpg.Connection) -> None:
    later = NOW + timedelta(days=1)
    await sql.execute(SAVE_FINGERPRINT, b"x", NOW, None, [1], NOW, None, [1])
    await sql.execute(SAVE_FINGERPRINT, b"x", later, NOW, [2], later, NOW, [2])

    columns = "fingerprint, erased_at, had_access_at, promo_use_ids"
    rows = await sql.fetch(f"SELECT {columns} FROM erased_users")
    assert rows == [(b"x", later, NOW, [2])]
    assert await sql.fetch(TAKE_FINGERPRINT, b"x") == [(b"x", NOW, [2])]
    assert await sql.fetch("SELECT * FROM erased_users") == []


async def test_rows_and_prepared_statements_outlive_the_renaming_and_its_way_back(
    fresh_database_url: str, sql: asyncpg.Connection
) -> None:
    """Of a connection that is open all the while, as the active instance's are."""
    await asyncio.to_thread(downgrade_schema, fresh_database_url, "0019")
    save = await sql.prepare(SAVE_UPDATE)
    await save.fetch(1, "{}", "", NOW)
    await asyncio.to_thread(upgrade_schema, fresh_database_url, "0020")
    await save.fetch(2, "{}", "", NOW)
    await asyncio.to_thread(downgrade_schema, fresh_database_url, "0019")
    await save.fetch(3, "{}", "", NOW)

    assert await sql.fetch("SELECT update_id FROM kept_updates") == [(1,), (2,), (3,)]
