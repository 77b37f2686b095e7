"""Migrations go up, down and up again, and end where the models stand."""

import asyncio
import io
import sys
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from alembic import command
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from app.db import migrations
from app.db.engine import connect_engine
from app.db.migrations import downgrade_schema
from app.db.models import Base
from app.db.schema import get_current_revision, get_head_revision, list_known_revisions

BASE = "base"
ROOT = Path(__file__).resolve().parents[2]

# Everything of a schema that the models describe, by name and in PostgreSQL's own words.
SCHEMA = """
SELECT 'column', format('%s.%s', table_name, column_name),
       concat_ws(' ', data_type, character_maximum_length, is_nullable, column_default)
FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
WHERE table_schema = $1 AND table_name <> 'alembic_version' AND table_type = 'BASE TABLE'
UNION ALL
SELECT 'constraint', format('%s.%s', conrelid::regclass, conname), pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = $1::regnamespace AND contype IN ('c', 'f', 'p', 'u')
    AND conrelid::regclass::text NOT LIKE '%alembic_version'
UNION ALL
SELECT 'index', indexname, indexdef FROM pg_indexes
WHERE schemaname = $1 AND tablename <> 'alembic_version'
ORDER BY 1, 2
"""
LEFT_OVERS = """
SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
UNION ALL SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""


async def describe(sql: asyncpg.Connection, schema: str) -> list[tuple[str, ...]]:
    rows = await sql.fetch(SCHEMA, schema)
    return [tuple(str(value).replace(f"{schema}.", "") for value in row) for row in rows]


def climb(connection: Connection) -> None:
    """Each revision up, down and up again, its file read once for all of them."""
    config = migrations._config("unused")
    config.attributes["connection"] = connection
    scripts = ScriptDirectory.from_config(config)

    def go(steps: Callable[[str, str], object], target: str) -> None:
        with EnvironmentContext(config, scripts, fn=lambda now, _: steps(target, now)):
            scripts.run_env()

    for script in reversed(list(scripts.walk_revisions())):
        go(scripts._upgrade_revs, script.revision)
        go(scripts._downgrade_revs, str(script.down_revision or BASE))
        go(scripts._upgrade_revs, script.revision)
        assert MigrationContext.configure(connection).get_current_revision() == script.revision


async def test_each_step_goes_up_down_and_up_again(
    fresh_database_url: str, sql: asyncpg.Connection
) -> None:
    """As a deployment that has to be taken back."""
    before = await describe(sql, "public")
    await asyncio.to_thread(downgrade_schema, fresh_database_url, BASE)
    left = {row[0] for row in await sql.fetch(LEFT_OVERS)}
    assert left == {"alembic_version", "alembic_version_pkc"}

    engine = connect_engine(fresh_database_url)
    async with engine.connect() as connection:
        await connection.run_sync(climb)
    await engine.dispose()

    assert await get_current_revision(fresh_database_url) == get_head_revision()
    assert await describe(sql, "public") == before


def test_the_files_are_numbered_along_alembics_chain() -> None:
    """The service knows its migrations by their names, without loading Alembic."""
    scripts = ScriptDirectory.from_config(migrations._config("postgresql://"))
    chain = [script.revision for script in scripts.walk_revisions()]
    assert list(reversed(list_known_revisions())) == chain
    assert get_head_revision() == scripts.get_current_head()


async def test_the_models_are_what_the_migrations_make(
    fresh_database_url: str, sql: asyncpg.Connection
) -> None:
    """Checks and the conditions of indexes as well, which Alembic does not compare."""
    await sql.execute("CREATE SCHEMA models")
    engine = connect_engine(
        fresh_database_url,
        connect_args={"server_settings": {"search_path": "models"}},
    )
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()

    migrated, made = await describe(sql, "public"), await describe(sql, "models")

    assert len(made) > 100
    assert migrated == made


async def test_alembic_finds_nothing_to_add(fresh_database_url: str) -> None:
    config = migrations._config(fresh_database_url)
    config.stdout = io.StringIO()

    await asyncio.to_thread(command.check, config)

    assert config.stdout.getvalue() == "No new upgrade operations detected.\n"


async def test_two_plans_with_four_terms_are_on_sale_from_the_start(
    sql: asyncpg.Connection,
) -> None:
    rows = await sql.fetch(
        "SELECT code, months, days, price_minor, currency FROM plans"
        " JOIN terms ON terms.plan_id = plans.id ORDER BY position, months"
    )

    assert [tuple(row) for row in rows] == [
        ("standard", 1, 30, 499, "USD"),
        ("standard", 3, 90, 1_299, "USD"),
        ("standard", 6, 180, 2_399, "USD"),
        ("standard", 12, 365, 4_499, "USD"),
        ("pro", 1, 30, 899, "USD"),
        ("pro", 3, 90, 2_399, "USD"),
        ("pro", 6, 180, 4_299, "USD"),
        ("pro", 12, 365, 7_999, "USD"),
    ]


async def test_a_migration_that_waits_for_a_lock_gives_up_and_changes_nothing(
    fresh_database_url: str, sql: asyncpg.Connection
) -> None:
    """Without lock_timeout it would stop every query behind it."""
    before = await describe(sql, "public")
    async with sql.transaction():
        await sql.execute("SELECT 1 FROM audit")
        with pytest.raises(DBAPIError, match="lock timeout"):
            await asyncio.to_thread(downgrade_schema, fresh_database_url, BASE)

    assert await describe(sql, "public") == before
    assert await get_current_revision(fresh_database_url) == get_head_revision()


async def test_instances_that_start_together_migrate_one_after_the_other(
    fresh_database_url: str, sql: asyncpg.Connection
) -> None:
    """P7: in processes of their own, as they are deployed."""
    await asyncio.to_thread(downgrade_schema, fresh_database_url, BASE)
    program = (
        f"from app.db.migrations import upgrade_schema; upgrade_schema({fresh_database_url!r})"
    )
    command_line = [sys.executable, "-c", program]

    instances = await asyncio.gather(
        *(asyncio.create_subprocess_exec(*command_line, cwd=ROOT) for _ in range(3))
    )

    assert [await instance.wait() for instance in instances] == [0, 0, 0]
    assert await sql.fetchval("SELECT count(*) FROM plans") == 2


async def test_before_the_first_migration_there_is_no_revision(fresh_database_url: str) -> None:
    assert await get_current_revision(fresh_database_url) == get_head_revision()
    await asyncio.to_thread(downgrade_schema, fresh_database_url, BASE)
    assert await get_current_revision(fresh_database_url) is None
