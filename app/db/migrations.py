"""Alembic as functions, for the start of the service, the tests and the doctor."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.inspection import inspect

_INI = Path(__file__).resolve().parents[2] / "alembic.ini"


def upgrade(database_url: str, revision: str = "head") -> None:
    """Blocking, with an event loop of its own: call it in a thread from asynchronous code."""
    command.upgrade(_config(database_url), revision)


def downgrade(database_url: str, revision: str) -> None:
    command.downgrade(_config(database_url), revision)


def head() -> str:
    revision = ScriptDirectory.from_config(Config(_INI)).get_current_head()
    if revision is None:
        raise RuntimeError("there are no migrations")
    return revision


async def current(database_url: str) -> str | None:
    """The database's revision; None before the first migration."""
    engine = create_async_engine(asyncpg_url(database_url), poolclass=pool.NullPool)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_read_revision)
    finally:
        await engine.dispose()


def asyncpg_url(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"postgresql+asyncpg://{rest}" if scheme in {"postgres", "postgresql"} else url


def _config(database_url: str) -> Config:
    config = Config(_INI)
    config.attributes["url"] = asyncpg_url(database_url)
    return config


def _read_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision
