"""Alembic as functions. A service loads it only where it has something to migrate."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import Revision
from sqlalchemy import Connection
from sqlalchemy.inspection import inspect

from app.db.models import SchemaCompatibility

_INI: Final = Path(__file__).resolve().parents[2] / "alembic.ini"
_TABLE: Final = SchemaCompatibility.__tablename__


def upgrade_schema(database_url: str, revision: str = "head") -> None:
    """Blocking, with an event loop of its own: call it in a thread from asynchronous code."""
    command.upgrade(_config(database_url), revision)


def upgrade_connection(connection: Connection) -> None:
    """To the newest revision, through a connection that is open."""
    config = Config(_INI)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def downgrade_schema(database_url: str, revision: str) -> None:
    command.downgrade(_config(database_url), revision)


def get_oldest_code(revision: str = "head") -> str | None:
    """What that migration declares, for the template of a new one."""
    script = ScriptDirectory.from_config(Config(_INI)).get_revision(revision)
    declared: str | None = getattr(script.module, "oldest_code", None) if script else None
    return declared


def record_oldest_code(context: MigrationContext, script: Revision | None) -> None:
    """For Alembic's environment, after each step: the row is true in the same transaction.

    `script` is where the schema stands now; those before 0005 declare nothing.
    """
    declared: str | None = getattr(getattr(script, "module", None), "oldest_code", None)
    is_there = context.as_sql or inspect(context.connection).has_table(_TABLE)
    if declared and is_there:
        context.execute(
            f"INSERT INTO {_TABLE} (id, oldest_code) VALUES (1, '{declared}')"  # noqa: S608 - ours
            " ON CONFLICT (id) DO UPDATE SET oldest_code = excluded.oldest_code"
        )


def _config(database_url: str) -> Config:
    config = Config(_INI)
    config.attributes["url"] = database_url
    return config
