"""Code of the release before runs on a schema that is newer, unless a migration says otherwise."""

import asyncio
from typing import TypeAlias

import asyncpg
import pytest
from alembic.config import Config
from alembic.script import Script, ScriptDirectory

from app.db.migrations import downgrade_schema, upgrade_schema
from tests.architecture.source import ROOT

FIRST = "0005"  # the first that declares anything

# By table and column: type, length, nullable, default (or how it is generated).
Columns: TypeAlias = dict[tuple[str, str], tuple[str, int | None, bool, str | None]]
COLUMNS = """
SELECT table_name, column_name, data_type, character_maximum_length, is_nullable = 'YES',
       coalesce(column_default, identity_generation, generation_expression)
FROM information_schema.columns WHERE table_schema = 'public'
"""
CONSTRAINTS = """
SELECT conrelid::regclass::text, conname FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 AND contype <> 'n'
UNION SELECT indrelid::regclass::text, indexrelid::regclass::text FROM pg_index
WHERE indisunique AND indrelid::regclass::text !~ '\\.'
"""
UNIQUE_COLUMNS = """
SELECT indrelid::regclass::text, indexrelid::regclass::text, array_agg(attname::text)
FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
WHERE indisunique AND indrelid::regclass::text !~ '\\.' GROUP BY 1, 2
"""
READ_ONLY = """
SELECT table_name FROM information_schema.tables
WHERE table_schema = 'public' AND is_insertable_into = 'NO'
"""
WIDER = {
    ("smallint", "integer"),
    ("smallint", "bigint"),
    ("integer", "bigint"),
    ("character varying", "text"),
}


def migrations() -> list[Script]:
    """From the first one on."""
    scripts = ScriptDirectory.from_config(Config(ROOT / "alembic.ini"))
    return list(reversed(list(scripts.walk_revisions())))


def declaring() -> list[Script]:
    return [script for script in migrations() if script.revision >= FIRST]


async def read_columns(sql: asyncpg.Connection) -> Columns:
    return {(row[0], row[1]): tuple(row)[2:] for row in await sql.fetch(COLUMNS)}


async def read_rules(sql: asyncpg.Connection) -> set[tuple[str, str]]:
    return {(row[0], row[1]) for row in await sql.fetch(CONSTRAINTS)}


class Before:
    """A schema, to be compared with what becomes of it."""

    def __init__(self, columns: Columns, rules: set[tuple[str, str]]) -> None:
        self._columns = columns
        self._rules = rules
        self._tables = {table for table, _ in columns}

    @classmethod
    async def read(cls, sql: asyncpg.Connection) -> "Before":
        return cls(await read_columns(sql), await read_rules(sql))

    async def find_harm(self, sql: asyncpg.Connection) -> list[str]:
        """What code that was written for the schema before would stumble over."""
        now = await read_columns(sql)
        harm = [f"{table}.{column} is gone" for table, column in self._columns.keys() - now.keys()]
        for (table, column), (type_, length, is_nullable, default) in now.items():
            if (table, column) in self._columns:
                old = self._columns[table, column]
                if type_ != old[0] and (old[0], type_) not in WIDER:
                    harm.append(f"{table}.{column} is {type_}")
                if length is not None and (old[1] is None or length < old[1]):
                    harm.append(f"{table}.{column} is shorter")
                if old[2] and not is_nullable:
                    harm.append(f"{table}.{column} must be given")
                if old[3] and not default:
                    harm.append(f"{table}.{column} lost its default")
            elif table in self._tables and not is_nullable and not default:
                harm.append(f"{table}.{column} must be given")
        new_rules = await read_rules(sql) - self._rules - await self._find_unwritten(sql)
        harm += [f"{table} has {rule}" for table, rule in new_rules if table in self._tables]
        read_only = {row[0] for row in await sql.fetch(READ_ONLY)}
        harm += [f"{table} can be read only" for table in read_only & self._tables]
        return sorted(harm)

    async def _find_unwritten(self, sql: asyncpg.Connection) -> set[tuple[str, str]]:
        """Unique indexes of new columns alone: code that knows none of them writes nulls."""
        return {
            (table, name)
            for table, name, columns in await sql.fetch(UNIQUE_COLUMNS)
            if not any((table, column) in self._columns for column in columns)
        }


@pytest.mark.parametrize("script", declaring(), ids=lambda script: script.revision)
def test_each_migration_declares_the_oldest_code_that_runs_on_it(script: Script) -> None:
    """Itself where it does more than expand, else what stood before: it never becomes older."""
    known = [each.revision for each in migrations()]
    before = getattr(script.module, "down_revision", None)
    earlier = [each for each in declaring() if each.revision == before]
    allowed = {script.revision, *(each.module.oldest_code for each in earlier)}

    assert script.module.oldest_code in allowed
    assert script.module.oldest_code in known


async def test_migrations_only_expand_unless_they_declare_it(
    fresh_database_url: str, sql: asyncpg.Connection
) -> None:
    """Judged by what they make of a real database."""
    await asyncio.to_thread(downgrade_schema, fresh_database_url, FIRST)
    for script in declaring()[1:]:
        before = await Before.read(sql)
        await asyncio.to_thread(upgrade_schema, fresh_database_url, script.revision)
        if script.module.oldest_code != script.revision:
            assert await before.find_harm(sql) == [], script.revision


@pytest.mark.parametrize(
    ("change", "harm"),
    [
        ("ALTER TABLE audit DROP COLUMN action", ["audit.action is gone"]),
        (
            "ALTER TABLE failed_updates RENAME COLUMN error TO fault",
            ["failed_updates.error is gone", "failed_updates.fault must be given"],
        ),
        ("ALTER TABLE users ALTER language TYPE varchar(1)", ["users.language is shorter"]),
        ("ALTER TABLE plans ALTER position TYPE text", ["plans.position is text"]),
        ("ALTER TABLE users ALTER username SET NOT NULL", ["users.username must be given"]),
        ("ALTER TABLE users ADD shoe_size int NOT NULL", ["users.shoe_size must be given"]),
        (
            "ALTER TABLE users ADD CONSTRAINT tall CHECK (id > 0)",
            ["users has tall"],
        ),
        ("CREATE UNIQUE INDEX one_name ON users (first_name)", ["users has one_name"]),
        (
            "ALTER TABLE erased_users RENAME TO e; CREATE VIEW erased_users AS TABLE e LIMIT 1",
            ["erased_users can be read only"],
        ),
    ],
)
async def test_the_comparison_finds(sql: asyncpg.Connection, change: str, harm: list[str]) -> None:
    before = await Before.read(sql)
    await sql.execute(change)
    assert await before.find_harm(sql) == harm


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE shoes (id int PRIMARY KEY, size int NOT NULL)",
        "ALTER TABLE users ADD shoe_size int",
        "ALTER TABLE users ADD shoe_size int NOT NULL DEFAULT 42",
        "ALTER TABLE users ALTER first_name TYPE text",
        "ALTER TABLE shop_settings ALTER name TYPE varchar(128)",
        "CREATE INDEX some_name ON users (first_name)",
        "ALTER TABLE erased_users RENAME TO e; CREATE VIEW erased_users AS SELECT * FROM e",
        (
            "ALTER TABLE outbox DROP CONSTRAINT ck_outbox_status;"
            "ALTER TABLE outbox ADD CONSTRAINT ck_outbox_status CHECK (status <> 'x')"
        ),
    ],
)
async def test_the_comparison_allows(sql: asyncpg.Connection, change: str) -> None:
    before = await Before.read(sql)
    await sql.execute(change)
    assert await before.find_harm(sql) == []


async def test_the_database_keeps_the_oldest_code_of_where_it_stands(
    fresh_database_url: str, sql: asyncpg.Connection
) -> None:
    newest = declaring()[-1]
    kept = "SELECT oldest_code FROM schema_compatibility"
    assert await sql.fetchval(kept) == newest.module.oldest_code

    await asyncio.to_thread(downgrade_schema, fresh_database_url, FIRST)
    assert await sql.fetchval(kept) == FIRST

    await asyncio.to_thread(downgrade_schema, fresh_database_url, "0004")
    assert await sql.fetchval("SELECT to_regclass('schema_compatibility')") is None
