"""What an update costs the database, counted on the wire: of a known user, one round trip."""

from collections.abc import AsyncIterator, Callable
from functools import partial

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.bot.conftest import BotUnderTest
from tests.bot.tracking.group import in_group
from tests.support.stall import open_engine
from tests.support.wire import PostgresWire


@pytest.fixture
async def wire(database_url: str) -> AsyncIterator[PostgresWire]:
    async with PostgresWire.to(database_url) as wire:
        yield wire


@pytest.fixture
async def bot(
    make_bot: Callable[[AsyncEngine], BotUnderTest], database_url: str, wire: PostgresWire
) -> AsyncIterator[BotUnderTest]:
    engine = open_engine(wire.replace(database_url))
    yield make_bot(engine)
    await engine.dispose()


def verbs(wire: PostgresWire) -> list[str]:
    return [statement.split()[0].strip(";") for statement in wire.statements]


async def test_the_menu_of_a_known_user_is_one_round_trip(
    bot: BotUnderTest, wire: PostgresWire
) -> None:
    ben = bot.ben
    await ben.send("/menu")  # now the user is known, the shop's settings read, the select prepared
    await ben.tap("help")
    for act in (partial(ben.send, "/menu"), partial(ben.tap, "help"), partial(ben.tap, "menu")):
        wire.forget()
        await act()
        assert (wire.round_trips, verbs(wire)) == (1, ["SELECT"])


async def test_a_user_who_renamed_themselves_is_written_once(
    bot: BotUnderTest, wire: PostgresWire
) -> None:
    await bot.ben.send("/menu")
    renamed = bot.phone(1002, "Benjamin", "en")
    wire.forget()
    await renamed.send("/menu")
    assert verbs(wire) == ["SELECT", "BEGIN", "SELECT", "UPDATE", "COMMIT"]
    wire.forget()
    await renamed.send("/menu")
    assert verbs(wire) == ["SELECT"]


async def test_a_group_costs_one_round_trip_more(bot: BotUnderTest, wire: PostgresWire) -> None:
    there = in_group(bot.ben)
    for _ in range(2):  # the first makes the group known
        wire.forget()
        await there.send("/status")
    assert verbs(wire)[:2] == ["SELECT", "SELECT"]
    assert "BEGIN" not in verbs(wire)
