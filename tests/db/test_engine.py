"""The pool's connections: bounded statements, silent errors, and what a pooler can bear."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import asyncpg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.metrics import REGISTRY
from app.core.settings import load_settings
from app.db.engine import create_engine, open_connections
from app.db.models import User
from tests.support.eventually import eventually
from tests.support.stall import ANNA, open_stall, settings_for
from tests.support.wire import PostgresWire


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(load_settings(settings_for(database_url)))
    yield engine
    await engine.dispose()


@pytest.fixture
async def behind_pooler(database_url: str) -> AsyncIterator[AsyncEngine]:
    variables = settings_for(database_url, DATABASE_UNPOOLED_URL=database_url)
    engine = create_engine(load_settings(variables))
    yield engine
    await engine.dispose()


async def scalar(engine: AsyncEngine, sql: str) -> object:
    async with engine.connect() as connection:
        return await connection.scalar(text(sql))


async def test_what_a_statement_takes_is_a_metric(engine: AsyncEngine) -> None:
    """With the wait for it; of one that fails, nothing."""

    def read(name: str) -> float:
        return REGISTRY.get_sample_value(f"tollgate_statement_seconds_{name}") or 0

    await scalar(engine, "SELECT 1")
    count, seconds = read("count"), read("sum")
    await scalar(engine, "SELECT pg_sleep(0.05)")
    with pytest.raises(DBAPIError):
        await scalar(engine, "SELECT 1 / 0")
    assert read("count") - count == 1
    assert 0.05 <= read("sum") - seconds < 5


async def test_no_statement_and_no_idle_transaction_lasts_for_ever(engine: AsyncEngine) -> None:
    """P6."""
    assert await scalar(engine, "SHOW statement_timeout") == "30s"
    assert await scalar(engine, "SHOW idle_in_transaction_session_timeout") == "30s"


async def test_an_error_does_not_say_the_values(engine: AsyncEngine) -> None:
    """P12: they may hold somebody's key, and errors go to logs."""
    insert = text("INSERT INTO users (id, first_name) VALUES (1, :name)")
    async with engine.connect() as connection:
        with pytest.raises(IntegrityError) as caught:
            await connection.execute(insert, {"name": "vless://secret"})

    assert "secret" not in str(caught.value)


async def test_behind_a_pooler_sessions_are_left_as_they_are(behind_pooler: AsyncEngine) -> None:
    """A transaction pooler refuses a log-in with settings that it does not know."""
    assert await scalar(behind_pooler, "SHOW statement_timeout") == "0"


async def test_behind_a_pooler_no_two_statements_share_a_name(behind_pooler: AsyncEngine) -> None:
    """The session's client before may have left a statement with a counted name."""
    async with behind_pooler.connect() as connection:
        for number in range(3):
            assert await connection.scalar(text("SELECT CAST(:n AS int)"), {"n": number}) == number
        names = (await connection.scalars(text("SELECT name FROM pg_prepared_statements"))).all()

    assert all(name.startswith("__tollgate_") for name in names)


async def test_a_unit_of_work_is_its_statements_a_begin_and_a_commit(database_url: str) -> None:
    async with (
        PostgresWire.to(database_url) as wire,
        open_stall(wire.replace(database_url)) as stall,
    ):
        for _ in range(2):  # the first prepares the statement
            wire.forget()
            async with stall.db.unit_of_work() as session:
                assert await session.scalar(select(User.first_name).where(User.id == ANNA))
        words = [line.split()[0].rstrip(";") for line in wire.statements]
        assert words == ["BEGIN", "SELECT", "COMMIT"]
        assert wire.round_trips == 3


async def test_connections_that_a_restart_closed_are_replaced_unnoticed(
    fresh_database_url: str, admin: asyncpg.Connection
) -> None:
    """P8: without asking the server before each use."""
    async with PostgresWire.to(fresh_database_url) as wire:
        engine = create_engine(load_settings(settings_for(wire.replace(fresh_database_url))))
        await open_connections(engine, 3)
        wire.forget()
        ended = await admin.fetchval(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = $1 AND application_name = 'tollgate'",
            urlsplit(fresh_database_url).path.removeprefix("/"),
        )
        assert ended == 3

        async def is_cut_off() -> bool:
            return wire.connection_count == 0

        await eventually(is_cut_off)
        await open_connections(engine, 3)
        assert (wire.statements, wire.connection_count) == ([], 3)
        await engine.dispose()
