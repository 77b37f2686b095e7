"""Sessions for selects alone: one round trip each, and nothing is written by mistake."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.settings import load_settings
from app.db.engine import create_engine
from app.db.models import User
from app.db.unit_of_work import Database
from tests.support.pooler import transaction_pooler
from tests.support.stall import ANNA, BEN, Stall, open_stall, settings_for
from tests.support.wire import PostgresWire

_NAME = select(User.first_name)


@pytest.fixture
async def stall(database_url: str) -> AsyncIterator[Stall]:
    async with open_stall(database_url) as stall:
        yield stall


async def test_each_select_is_one_round_trip(database_url: str) -> None:
    async with (
        PostgresWire.to(database_url) as wire,
        open_stall(wire.replace(database_url)) as stall,
    ):
        for _ in range(2):  # the first prepares the statements
            wire.forget()
            async with stall.db.read_only() as session:
                assert await session.scalar(_NAME.where(User.id == ANNA)) == "Anna"
                user = await session.get_one(User, BEN)
            assert user.first_name == "Ben"
        assert [line.split()[0] for line in wire.statements] == ["SELECT", "SELECT"]
        assert wire.round_trips == 2


async def test_what_writes_is_refused_and_not_written(stall: Stall) -> None:
    async def change(session: AsyncSession) -> None:
        (await session.get_one(User, ANNA)).first_name = "X"

    async def add(session: AsyncSession) -> None:
        session.add(User(id=5, first_name="X", language="en"))

    async def execute(session: AsyncSession) -> None:
        await session.execute(update(User).values(first_name="X"))

    async def return_rows(session: AsyncSession) -> None:
        values = {"id": 5, "first_name": "X", "language": "en"}
        await session.scalars(insert(User).values(values).returning(User.id))

    async def say(session: AsyncSession) -> None:
        await session.execute(text("UPDATE users SET first_name = 'X'"))

    for write in (change, add, execute, return_rows, say):
        with pytest.raises(RuntimeError, match="only reads"):
            async with stall.db.read_only() as session:
                await write(session)
    assert [user.first_name for user in await stall.rows(User)] == ["Anna", "Ben", "Olga"]


async def test_the_next_one_with_the_connection_has_a_transaction_again(stall: Stall) -> None:
    async with stall.db.read_only() as session:
        pid = await session.scalar(select(text("pg_backend_pid()")))

    async def fail() -> None:
        async with stall.db.unit_of_work() as session:
            assert await session.scalar(select(text("pg_backend_pid()"))) == pid
            await session.execute(update(User).values(first_name="X"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert [user.first_name for user in await stall.rows(User)] == ["Anna", "Ben", "Olga"]


async def test_a_read_of_an_impatient_database_ends_in_time(stall: Stall) -> None:
    """P8: a server that is frozen says nothing."""
    impatient = Database(
        stall.db.engine, wake=lambda _: None, unit_timeout=timedelta(milliseconds=100)
    )

    async def wait_for_ever() -> None:
        async with impatient.read_only() as session:
            await session.scalar(_NAME.where(User.id == ANNA))
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await wait_for_ever()
    assert stall.connections_in_use == 0


async def test_it_reads_behind_a_transaction_pooler(fresh_database_url: str) -> None:
    async with transaction_pooler(fresh_database_url) as pooled:
        variables = settings_for(pooled, DATABASE_UNPOOLED_URL=fresh_database_url)
        engine = create_engine(load_settings(variables))
        db = Database(engine, lambda _: None)
        async with db.unit_of_work() as session:
            session.add(User(id=ANNA, first_name="Anna", language="ru", created_at=clock.now()))
        for _ in range(3):
            async with db.read_only() as session:
                assert await session.scalar(_NAME.where(User.id == ANNA)) == "Anna"
                assert (await session.get_one(User, ANNA)).language == "ru"
        await engine.dispose()
