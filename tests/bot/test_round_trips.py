"""What an update costs PostgreSQL and Redis, counted on the wire: of a known user, one each."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from aiogram.types import Update
from sqlalchemy.ext.asyncio import AsyncEngine

from app.api.update_intake import UpdateHooks, UpdateIntake, UpdateOutcome
from app.bot.callbacks import MenuPage
from app.clients.cache.dialogue import DialogueStorage
from app.clients.cache.guarded import GuardedRedis
from app.clients.cache.pool import create_redis
from app.clients.cache.seen_updates import RedisSeenUpdates
from app.core.supervisor import TaskSupervisor
from tests.bot.conftest import BEN, BotUnderTest
from tests.bot.phone import labels
from tests.bot.tracking.group import in_group
from tests.support.stall import open_engine
from tests.support.wire import PostgresWire, RedisWire


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


async def test_from_the_webhook_on_a_menu_tap_is_one_round_trip_and_one_command(
    bot: BotUnderTest, wire: PostgresWire, redis_url: str, supervisor: TaskSupervisor
) -> None:
    """Redis is told after the answer that the update is done, and asked nothing before it."""
    async with RedisWire.to(redis_url) as redis_wire:
        redis = create_redis(redis_wire.replace(redis_url))
        guarded = GuardedRedis(redis)
        bot.storage = DialogueStorage(guarded, get_sole_term=lambda: 1)
        seen = RedisSeenUpdates(guarded, 42, sole_term=lambda: 1)
        await seen.flush()  # as at the term's beginning
        intake = UpdateIntake(
            UpdateHooks(
                feed=lambda update, body: bot.dispatcher.feed_update(
                    bot.bot, update, raw_update=body
                ),
                store_failed=failed,
                send_late_notice=failed,
            ),
            seen,
            supervisor,
            max_concurrent=5,
            feed_timeout=timedelta(seconds=20),
        )
        for update_id in range(5_000, 5_003):  # the first ones make everything known
            wire.forget()
            redis_wire.forget()
            update = Update.model_validate(a_tap(update_id), context={"bot": bot.bot})
            assert await intake.take(update, b"") is UpdateOutcome.HANDLED
            asked_before_the_answer = list(redis_wire.commands)
            await intake.flush()
        await redis.aclose()

    assert asked_before_the_answer == []
    assert labels(bot.ben.screen)
    assert (wire.round_trips, verbs(wire)) == (1, ["SELECT"])
    assert (redis_wire.round_trips, len(redis_wire.commands)) == (1, 1)


async def failed(*_: object) -> None:
    raise AssertionError


def a_tap(update_id: int) -> dict[str, Any]:
    """Ben's, on the button that leads to the menu."""
    message = {"message_id": 1, "date": 1, "chat": {"id": BEN, "type": "private"}, "text": "Menu"}
    query = {
        "id": str(update_id),
        "from": {"id": BEN, "is_bot": False, "first_name": "Ben", "language_code": "en"},
        "message": message,
        "chat_instance": "1",
        "data": MenuPage().pack(),
    }
    return {"update_id": update_id, "callback_query": query}
