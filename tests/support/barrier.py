"""A place inside PostgreSQL where the next statement, or the next commit, waits for a test.

The service knows nothing of it: a trigger asks for an advisory lock that the test holds. A process
that is killed while it waits has sent the statement (or the commit) and never learns what became of
it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from tests.support.eventually import PATIENCE_SECONDS, eventually

_KEY = 815  # advisory locks belong to a database, and each test has one of its own

_FUNCTION = f"""
    CREATE OR REPLACE FUNCTION wait_for_test() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_advisory_xact_lock({_KEY}); RETURN NEW; END $$
"""
_BEFORE = "CREATE TRIGGER barrier BEFORE {event} FOR EACH ROW WHEN ({when})"
_AT_COMMIT = (
    "CREATE CONSTRAINT TRIGGER barrier AFTER {event} DEFERRABLE INITIALLY DEFERRED "
    "FOR EACH ROW WHEN ({when})"
)
_IS_REACHED = f"""
    SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = {_KEY}
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@dataclass(frozen=True)
class Barrier:
    connection: asyncpg.Connection

    async def wait_reached(self) -> None:
        await eventually(self._is_reached)

    async def _is_reached(self) -> bool:
        return bool(await self.connection.fetchval(_IS_REACHED))


@asynccontextmanager
async def barrier(
    database_url: str, event: str, when: str, *, at_commit: bool = False
) -> AsyncIterator[Barrier]:
    """`event` as in `UPDATE ON outbox`, `when` a condition on OLD and NEW.

    At the end of the block whatever waits goes on: a statement whose sender is dead is rolled
    back, a commit that was sent is a commit.
    """
    table = event.rpartition(" ")[2]
    trigger = (_AT_COMMIT if at_commit else _BEFORE).format(event=event, when=when)
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(f"SELECT pg_advisory_lock({_KEY})")
        await connection.execute(_FUNCTION)
        await connection.execute(f"{trigger} EXECUTE FUNCTION wait_for_test()")
        yield Barrier(connection)
    finally:
        await connection.execute("SELECT pg_advisory_unlock_all()")
        await connection.execute(f"DROP TRIGGER IF EXISTS barrier ON {table}")
        await connection.close()


async def nobody_connected(database_url: str) -> None:
    """Until the sessions of a killed process are gone, with what they had not committed."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        connection = await asyncpg.connect(database_url)
    try:

        async def is_alone() -> bool:
            others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            return bool(await connection.fetchval(f"{others} AND pid <> pg_backend_pid()") == 0)

        await eventually(is_alone)
    finally:
        await connection.close()
