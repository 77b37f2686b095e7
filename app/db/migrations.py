"""Alembic as functions, and what the database says of which code may run on it.

Migrations expand: code of the release before runs on what they make. Where one does not, it says so
by its `oldest_code`, and the database keeps that, because older code does not know the migration.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.inspection import inspect

from app.db.engine import connect_engine
from app.db.models import SchemaCompatibility
from app.db.outage import find_driver_error

_INI: Final = Path(__file__).resolve().parents[2] / "alembic.ini"
_TABLE: Final = SchemaCompatibility.__tablename__
_STATEMENT_SECONDS: Final = 60
_AWAY: Final = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CannotConnectNowError,
)


class SchemaError(Exception):
    """The schema is not what this code can run on; the text is one sentence, with what helps."""


@dataclass(frozen=True, slots=True)
class Schema:
    """Both by their newest migration."""

    code: str
    database: str

    @property
    def is_newer(self) -> bool:
        """A newer version has migrated it, and says that this one may run on it."""
        return self.database != self.code


async def prepare_schema(database_url: str) -> Schema:
    """Migrate up to what this code knows, unless a newer version has gone further.

    Raises SchemaError, and everything that the driver can raise.
    """
    engine = connect_engine(
        database_url,
        poolclass=pool.NullPool,
        connect_args={"timeout": 5, "command_timeout": _STATEMENT_SECONDS + 10},
    )
    try:
        async with engine.connect() as connection:
            revision = await connection.run_sync(_read_revision)
            if revision is None or revision in _list_known_revisions():
                await _upgrade(connection, revision)
                return Schema(get_head_revision(), get_head_revision())
            return await _accept_newer(connection, revision)
    finally:
        await engine.dispose()


def upgrade_schema(database_url: str, revision: str = "head") -> None:
    """Blocking, with an event loop of its own: call it in a thread from asynchronous code."""
    command.upgrade(_config(database_url), revision)


def downgrade_schema(database_url: str, revision: str) -> None:
    command.downgrade(_config(database_url), revision)


def get_head_revision() -> str:
    revision = _scripts().get_current_head()
    if revision is None:
        raise RuntimeError("there are no migrations")
    return revision


def get_oldest_code(revision: str = "head") -> str | None:
    """What that migration declares; those before 0005 declare nothing."""
    script = _scripts().get_revision(revision)
    declared: str | None = getattr(script.module, "oldest_code", None) if script else None
    return declared


def record_oldest_code(context: MigrationContext, heads: set[str]) -> None:
    """For Alembic's environment, after each step: the row is true in the same transaction."""
    declared = get_oldest_code(*heads) if heads else None
    is_there = context.as_sql or inspect(context.connection).has_table(_TABLE)
    if declared and is_there:
        context.execute(
            f"INSERT INTO {_TABLE} (id, oldest_code) VALUES (1, '{declared}')"  # noqa: S608 - ours
            " ON CONFLICT (id) DO UPDATE SET oldest_code = excluded.oldest_code"
        )


async def get_current_revision(database_url: str) -> str | None:
    """The database's revision; None before the first migration."""
    engine = connect_engine(database_url, poolclass=pool.NullPool)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_read_revision)
    finally:
        await engine.dispose()


async def _accept_newer(connection: AsyncConnection, revision: str) -> Schema:
    """Its own name says nothing to us; the oldest code that it lets run may be one we know."""
    oldest = await connection.scalar(text(f"SELECT oldest_code FROM {_TABLE}"))  # noqa: S608 - ours
    if oldest not in _list_known_revisions():
        raise SchemaError(
            f"the database's schema ({revision}) is for version {oldest} of the code or newer, "
            f"and this code is {get_head_revision()}: deploy the newer version again, or take "
            "the schema back with that version's own command: alembic downgrade "
            f"{get_head_revision()}"
        )
    return Schema(get_head_revision(), revision)


async def _upgrade(connection: AsyncConnection, revision: str | None) -> None:
    def run(connection: Connection) -> None:
        config = Config(_INI)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    try:
        await connection.run_sync(run)
    except Exception as error:
        cause = find_driver_error(error)
        if isinstance(cause, _AWAY):
            raise
        # Its first line only: what follows may hold values of a row.
        summary = f"{type(cause).__name__}: {cause}".splitlines()[0]
        raise SchemaError(
            f"the migration from {revision} to {get_head_revision()} failed and has changed "
            f"nothing ({summary}): mend its cause, or deploy the version before, which the schema "
            "still suits"
        ) from error


def _config(database_url: str) -> Config:
    config = Config(_INI)
    config.attributes["url"] = database_url
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(Config(_INI))


def _list_known_revisions() -> frozenset[str]:
    return frozenset(script.revision for script in _scripts().walk_revisions())


def _read_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision
