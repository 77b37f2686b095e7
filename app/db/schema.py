"""Whether this code may run on the database, and its migration up to what this code knows.

Migrations expand: code of the release before runs on what they make. Where one does not, it says so
by its `oldest_code`, and the database keeps that, because older code does not know the migration.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import asyncpg
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.inspection import inspect

from app.db.engine import connect_engine
from app.db.models import SchemaCompatibility
from app.db.outage import find_driver_error

_MIGRATIONS: Final = Path(__file__).resolve().parents[2] / "alembic" / "versions"
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
    head = get_head_revision()
    try:
        async with engine.connect() as connection:
            revision = await connection.run_sync(_read_revision)
            if revision is not None and revision not in list_known_revisions():
                return await _accept_newer(connection, revision)
            if revision != head:
                await _upgrade(connection, revision)
            return Schema(head, head)
    finally:
        await engine.dispose()


@cache
def list_known_revisions() -> tuple[str, ...]:
    """By the migrations' file names, which Alembic numbers along the chain: the newest is last."""
    names = (path.name for path in _MIGRATIONS.glob("[0-9]*.py"))
    return tuple(sorted(name.partition("_")[0] for name in names))


def get_head_revision() -> str:
    return list_known_revisions()[-1]


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
    if oldest not in list_known_revisions():
        raise SchemaError(
            f"the database's schema ({revision}) is for version {oldest} of the code or newer, "
            f"and this code is {get_head_revision()}: deploy the newer version again, or take "
            "the schema back with that version's own command: alembic downgrade "
            f"{get_head_revision()}"
        )
    return Schema(get_head_revision(), revision)


async def _upgrade(connection: AsyncConnection, revision: str | None) -> None:
    # Most starts have nothing to migrate, and do without the 10 MB that stay loaded of Alembic.
    from app.db.migrations import upgrade_connection  # noqa: PLC0415

    try:
        await connection.run_sync(upgrade_connection)
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


def _read_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision
