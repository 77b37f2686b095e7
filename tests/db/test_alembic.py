"""Alembic's own command, as an operator or a developer calls it, with DATABASE_URL alone."""

import asyncio
import re
import shutil
import sys
from pathlib import Path

import asyncpg
import pytest

from app.db.migrations import downgrade_schema
from app.db.schema import get_current_revision, get_head_revision
from tests.architecture.source import ROOT


async def alembic(*words: str, folder: Path = ROOT, **environment: str) -> tuple[int, str]:
    """Its exit code and what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "alembic",
        *words,
        cwd=folder,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    assert b"Traceback" not in errors, errors.decode()
    return process.returncode or 0, output.decode()


def spelled(url: str, scheme: str) -> str:
    return f"{scheme}://{url.partition('://')[2]}?sslmode=disable"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
async def test_down_up_and_where_it_stands(fresh_database_url: str, scheme: str) -> None:
    url = spelled(fresh_database_url, scheme)

    assert (await alembic("downgrade", "-1", DATABASE_URL=url))[0] == 0
    assert await get_current_revision(fresh_database_url) != get_head_revision()
    assert (await alembic("upgrade", "head", DATABASE_URL=url))[0] == 0
    assert await get_current_revision(fresh_database_url) == get_head_revision()
    assert (await alembic("current", DATABASE_URL=url)) == (0, f"{get_head_revision()} (head)\n")
    code, said = await alembic("check", DATABASE_URL=url)
    assert (code, said) == (0, "No new upgrade operations detected.\n")


async def test_stamp_changes_where_it_stands_and_which_code_runs_on_it(
    fresh_database_url: str, sql: asyncpg.Connection
) -> None:
    await sql.execute("UPDATE schema_compatibility SET oldest_code = 'x'")

    for revision in ("0004", "0005"):
        assert (await alembic("stamp", revision, DATABASE_URL=fresh_database_url))[0] == 0

    assert await get_current_revision(fresh_database_url) == "0005"
    assert await sql.fetchval("SELECT oldest_code FROM schema_compatibility") == "0005"


async def test_stamp_takes_an_empty_database(
    fresh_database_url: str, sql: asyncpg.Connection
) -> None:
    await asyncio.to_thread(downgrade_schema, fresh_database_url, "base")

    assert (await alembic("stamp", "head", DATABASE_URL=fresh_database_url))[0] == 0

    assert await sql.fetchval("SELECT version_num FROM alembic_version") == get_head_revision()


async def test_the_sql_that_it_prints_makes_the_same_schema(
    fresh_database_url: str, sql: asyncpg.Connection
) -> None:
    tables = (
        "SELECT array_agg(tablename ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'"
    )
    before = await sql.fetchval(tables)
    code, script = await alembic("upgrade", "head", "--sql", DATABASE_URL=fresh_database_url)
    assert code == 0
    await sql.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")

    await sql.execute(script)

    assert await sql.fetchval(tables) == before
    assert await get_current_revision(fresh_database_url) == get_head_revision()
    assert await sql.fetchval("SELECT oldest_code FROM schema_compatibility") == "0005"


async def test_a_new_migration_is_numbered_and_declares_the_oldest_code(
    fresh_database_url: str, sql: asyncpg.Connection, tmp_path: Path
) -> None:
    """In a copy of the folder; what it finds is a column that was dropped by hand."""
    shutil.copy(ROOT / "alembic.ini", tmp_path)
    shutil.copytree(ROOT / "alembic", tmp_path / "alembic")
    await sql.execute("ALTER TABLE failed_updates DROP COLUMN error CASCADE")

    code, _ = await alembic(
        "revision",
        "--autogenerate",
        "-m",
        "add what is missing",
        folder=tmp_path,
        DATABASE_URL=fresh_database_url,
        PYTHONPATH=str(ROOT),
    )

    assert code == 0
    number = f"{int(get_head_revision()) + 1:04}"
    (made,) = (tmp_path / "alembic" / "versions").glob(f"{number}_*.py")
    text = made.read_text()
    assert made.name == f"{number}_add_what_is_missing.py"
    assert text.startswith('"""add what is missing"""\n')
    assert re.search(r'^oldest_code = "?\'?0005', text, re.MULTILINE)
    assert "op.add_column" in text


async def test_the_environment_is_read_as_the_service_reads_it(fresh_database_url: str) -> None:
    """APP_ENV's own variables win, and a pooler is gone around."""
    code, said = await alembic(
        "current",
        APP_ENV="prod",
        DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing",
        PROD_DATABASE_URL="postgresql://nobody@127.0.0.1:2/nothing",
        PROD_DATABASE_UNPOOLED_URL=fresh_database_url,
    )

    assert (code, said) == (0, f"{get_head_revision()} (head)\n")


async def test_a_database_that_cannot_be_reached_is_one_sentence() -> None:
    """P12: without its password."""
    code, said = await alembic("current", DATABASE_URL="postgresql://me:hush@127.0.0.1:1/shop")

    assert (code != 0, said.count("\n")) == (True, 1)
    assert "the database cannot be reached (ConnectionRefusedError): correct DATABASE_URL" in said
    assert "hush" not in said


async def test_without_an_address_it_says_which_variable_is_missing() -> None:
    code, said = await alembic("current")

    assert code != 0
    assert "DATABASE_URL is missing" in said
