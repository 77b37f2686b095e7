"""A table that changes below a prepared statement costs a repetition, and nobody an answer."""

import asyncio

import asyncpg
import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.db.models import User
from app.db.retry import retry_if_stale
from tests.support.eventually import eventually
from tests.support.stall import ANNA, Stall, open_stall
from tests.support.wire import PostgresWire


async def read_name(stall: Stall) -> str | None:
    """After a statement that nothing happened to: the transaction has begun."""
    async with stall.db.unit_of_work() as session:
        await session.scalar(select(User.created_at).where(User.id == ANNA))
        return await session.scalar(select(User.first_name).where(User.id == ANNA))


async def test_a_statement_that_went_stale_is_repeated(
    stall: Stall, sql: asyncpg.Connection
) -> None:
    """P8."""
    for length in (300, 301):
        assert await read_name(stall) == "Anna"
        await sql.execute(f"ALTER TABLE users ALTER first_name TYPE varchar({length})")
        if length == 300:
            with pytest.raises(DBAPIError, match="cached statement plan is invalid"):
                await read_name(stall)
        else:
            assert await retry_if_stale(read_name)(stall) == "Anna"


async def test_what_loses_a_deadlock_is_repeated(stall: Stall) -> None:
    tries: list[int] = []

    @retry_if_stale
    async def work() -> str | None:
        tries.append(1)
        async with stall.db.unit_of_work() as session:
            if len(tries) == 1:
                connection = await session.connection()
                await connection.exec_driver_sql("DO 'BEGIN RAISE deadlock_detected; END'")
        return await read_name(stall)

    assert await work() == "Anna"
    assert len(tries) == 2


async def test_a_connection_that_was_lost_in_use_is_replaced(
    fresh_database_url: str, sql: asyncpg.Connection
) -> None:
    """P8: the network has not said yet that it is closed."""
    url = fresh_database_url
    async with PostgresWire.to(url) as wire, open_stall(wire.replace(url)) as stall:
        wire.forget()
        wire.stall()
        await sql.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'tollgate'"
        )
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(retry_if_stale(read_name)(stall))

            async def is_asked() -> bool:
                return bool(wire.statements)

            await eventually(is_asked)
            wire.resume()
        assert reading.result() == "Anna"
        begins = [line.split()[0].rstrip(";") for line in wire.statements[:2]]
        assert begins == ["BEGIN", "BEGIN"]  # of the lost one, and of the new one


async def test_a_bug_and_an_outage_are_not_repeated() -> None:
    tries: list[int] = []

    @retry_if_stale
    async def work() -> None:
        tries.append(1)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await work()
    assert len(tries) == 1
