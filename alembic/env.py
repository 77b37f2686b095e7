"""Runs migrations on one connection with the guards that a live database needs.

Called by the service (with its connection), by tests (with an address), and by hand: then the
address comes from the environment, as the service reads it.
"""

import asyncio
import os
from typing import Any

from alembic import context
from alembic.operations import MigrationScript
from alembic.runtime.migration import MigrationContext, MigrationInfo
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, pool, text

from app.core.settings import SettingsError, load_database_settings
from app.db.engine import connect_engine
from app.db.explanation import DATABASE_ERRORS, explain_database_failure
from app.db.migrations import record_oldest_code
from app.db.models import Base

LOCK_KEY = 0x746F6C6C67617465  # "tollgate": two starting instances migrate one after the other
# Without lock_timeout a waiting ALTER TABLE would stop every query behind it; with 2 s nobody
# who taps meanwhile waits so long as to be put off.
GUARDS = ("SET lock_timeout = '2s'", "SET statement_timeout = '60s'")


def note(
    *,
    ctx: MigrationContext,
    step: MigrationInfo,
    heads: set[str],
    **_: Any,  # noqa: ANN401 - Alembic's
) -> None:
    record_oldest_code(ctx, step.revision_map.get_revision(*heads) if heads else None)


def number(_context: object, _revision: object, directives: list[MigrationScript]) -> None:
    """Files are numbered along the chain, unless --rev-id says otherwise."""
    head = ScriptDirectory.from_config(context.config).get_current_head()
    if directives and not getattr(context.config.cmd_opts, "rev_id", None):
        directives[0].rev_id = f"{int(head or 0) + 1:04}"


OPTIONS: dict[str, Any] = {
    "target_metadata": Base.metadata,
    "compare_type": True,
    "on_version_apply": note,
    "process_revision_directives": number,
}


def run(connection: Connection) -> None:
    for guard in GUARDS:
        connection.execute(text(guard))
    connection.commit()
    context.configure(connection=connection, **OPTIONS)
    with context.begin_transaction():
        connection.execute(text("SET LOCAL lock_timeout = '60s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
        connection.execute(text("SET LOCAL lock_timeout = '2s'"))
        context.run_migrations()


def write() -> None:
    """For --sql: what `run` does, to be carried out with psql."""
    context.configure(dialect_name="postgresql", literal_binds=True, **OPTIONS)
    with context.begin_transaction():
        for guard in (*GUARDS, f"SELECT pg_advisory_xact_lock({LOCK_KEY})"):
            context.execute(guard)
        context.run_migrations()


async def require_reachable(url: str) -> None:
    """By hand, a database that is away is one sentence; the service says that itself."""
    engine = connect_engine(url, poolclass=pool.NullPool, connect_args={"timeout": 5})
    try:
        async with engine.connect():
            pass
    except DATABASE_ERRORS as error:
        raise CommandError(explain_database_failure(error)) from error
    finally:
        await engine.dispose()


async def connect_and_run(url: str) -> None:
    engine = connect_engine(url, poolclass=pool.NullPool, connect_args={"timeout": 5})
    try:
        async with engine.connect() as connection:
            await connection.run_sync(run)
    finally:
        await engine.dispose()


def read_url() -> str:
    try:
        settings = load_database_settings(os.environ)
    except SettingsError as error:
        raise CommandError(str(error)) from error
    return settings.lock_database_url.get_secret_value()


attributes = context.config.attributes
if context.is_offline_mode():
    write()
elif "connection" in attributes:
    run(attributes["connection"])
elif "url" in attributes:
    asyncio.run(connect_and_run(attributes["url"]))
else:
    asyncio.run(require_reachable(address := read_url()))
    asyncio.run(connect_and_run(address))
