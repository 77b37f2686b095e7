"""Runs migrations on one connection with the guards that a live database needs."""

import asyncio
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from app.db.migrations import note_oldest_code
from app.db.models import Base

LOCK_KEY = 0x746F6C6C67617465  # "tollgate": two starting instances migrate one after the other


def run(connection: Connection) -> None:
    # Without lock_timeout a waiting ALTER TABLE would stop every query behind it; with 2 s nobody
    # who taps meanwhile waits so long as to be put off.
    connection.execute(text("SET lock_timeout = '2s'"))
    connection.execute(text("SET statement_timeout = '60s'"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        on_version_apply=note,
    )
    with context.begin_transaction():
        connection.execute(text("SET LOCAL lock_timeout = '60s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
        connection.execute(text("SET LOCAL lock_timeout = '2s'"))
        context.run_migrations()


def note(*, ctx: MigrationContext, heads: set[str], **_: Any) -> None:  # noqa: ANN401 - Alembic's
    note_oldest_code(ctx, heads)


async def main(url: str) -> None:
    engine = create_async_engine(url, poolclass=pool.NullPool)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(run)
    finally:
        await engine.dispose()


if "connection" in context.config.attributes:  # of the service, in its own event loop
    run(context.config.attributes["connection"])
else:
    asyncio.run(main(context.config.attributes["url"]))
