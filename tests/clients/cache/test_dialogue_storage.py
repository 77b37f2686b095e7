"""Where a user stands in a dialogue survives a restart of ours, and an absence of Redis."""

import pytest
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.base import StorageKey

from app.clients.cache.dialogue import DialogueStorage
from sandbox.embedded import ValkeyServer
from tests.clients.cache.conftest import Connect
from tests.support.stopped_clock import StoppedClock
from tests.support.wire import RedisWire

ANNA = StorageKey(bot_id=42, chat_id=1, user_id=1)
BORIS = StorageKey(bot_id=42, chat_id=2, user_id=2)


class Promo(StatesGroup):
    code = State()


@pytest.fixture(params=["process", "redis"])
def storage(request: pytest.FixtureRequest, connect: Connect) -> DialogueStorage:
    return DialogueStorage(None if request.param == "process" else connect())


async def test_state_and_data_are_found_again_and_can_be_cleared(storage: DialogueStorage) -> None:
    await storage.set_state(ANNA, Promo.code)
    await storage.set_data(ANNA, {"plan": 3, "где": "здесь"})

    assert await storage.get_state(ANNA) == "Promo:code"
    assert await storage.get_data(ANNA) == {"plan": 3, "где": "здесь"}
    assert await storage.get_state(BORIS) is None
    assert await storage.get_data(BORIS) == {}

    await storage.set_state(ANNA, None)
    await storage.set_data(ANNA, {})
    assert await storage.get_state(ANNA) is None
    assert await storage.get_data(ANNA) == {}


async def test_data_that_was_handed_out_may_be_changed_freely(storage: DialogueStorage) -> None:
    await storage.set_data(ANNA, {"plans": [1]})
    data = await storage.get_data(ANNA)
    data["plans"].append(2)

    assert await storage.get_data(ANNA) == {"plans": [1]}
    assert await storage.update_data(ANNA, {"days": 30}) == {"plans": [1], "days": 30}
    assert await storage.get_value(ANNA, "days") == 30


async def test_bots_and_destinies_do_not_mix(storage: DialogueStorage) -> None:
    other_bot = StorageKey(bot_id=43, chat_id=1, user_id=1)
    other_destiny = StorageKey(bot_id=42, chat_id=1, user_id=1, destiny="support")
    await storage.set_state(ANNA, "here")

    assert await storage.get_state(other_bot) is None
    assert await storage.get_state(other_destiny) is None


async def test_state_and_data_live_a_day_and_under_our_prefix(connect: Connect) -> None:
    redis = connect()
    storage = DialogueStorage(redis)
    await storage.set_state(ANNA, "here")
    await storage.set_data(ANNA, {"a": 1})

    for part in ("state", "data"):
        ttl = await redis.execute("TTL", f"tollgate:42:1:1:default:{part}")
        assert ttl in range(86_400 - 5, 86_400 + 1)


async def test_in_this_process_a_dialogue_ends_after_a_day(clock: StoppedClock) -> None:
    storage = DialogueStorage(None, clock=clock)
    await storage.set_state(ANNA, "here")
    clock.seconds += 86_400

    assert await storage.get_state(ANNA) is None


async def test_the_next_process_goes_on_with_the_dialogue(connect: Connect) -> None:
    """P7."""
    await DialogueStorage(connect()).set_state(ANNA, "here")

    assert await DialogueStorage(connect()).get_state(ANNA) == "here"


async def test_a_dialogue_goes_on_while_redis_is_away(
    own_valkey: ValkeyServer, connect: Connect
) -> None:
    """P8: begun before the outage, carried on during it, and known to Redis after it."""
    storage = DialogueStorage(connect(own_valkey.url))
    await storage.set_state(ANNA, "first")
    await storage.set_state(BORIS, "first")
    own_valkey.stop()
    assert await storage.get_state(ANNA) == "first"
    await storage.set_state(ANNA, "second")
    await storage.set_state(BORIS, None)
    assert await storage.get_state(ANNA) == "second"
    assert await storage.get_state(BORIS) is None
    own_valkey.start()

    assert await storage.get_state(ANNA) == "second"
    assert await storage.get_state(BORIS) is None
    assert await DialogueStorage(connect(own_valkey.url)).get_state(ANNA) == "second"


async def test_what_ended_during_an_outage_does_not_come_back(
    own_valkey: ValkeyServer, connect: Connect
) -> None:
    redis = connect(own_valkey.url)
    storage = DialogueStorage(redis)
    own_valkey.stop()
    await storage.set_state(ANNA, None)
    own_valkey.start()
    await redis.execute("SET", "tollgate:42:1:1:default:state", "old")

    assert await storage.get_state(ANNA) is None
    assert await redis.execute("GET", "tollgate:42:1:1:default:state") is None


async def test_alone_in_a_term_redis_is_asked_once_who_is_in_no_dialogue(
    connect: Connect, redis_url: str
) -> None:
    term: int | None = None
    async with RedisWire.to(redis_url) as wire:
        storage = DialogueStorage(connect(wire.replace(redis_url)), get_sole_term=lambda: term)
        await storage.get_state(BORIS)
        asked = []
        for now in (None, 1, 1, 2, None, 2):
            term = now
            wire.forget()
            assert await storage.get_state(ANNA) is None
            asked.append(len(wire.commands))
        assert asked == [1, 1, 0, 1, 1, 0]


async def test_alone_in_a_term_a_dialogue_begins_and_ends_as_ever(connect: Connect) -> None:
    storage = DialogueStorage(connect(), get_sole_term=lambda: 1)
    for _ in range(2):
        assert await storage.get_state(ANNA) is None
        await storage.set_state(ANNA, "here")
        assert await storage.get_state(ANNA) == "here"
        assert await DialogueStorage(connect()).get_state(ANNA) == "here"
        await storage.set_state(ANNA, None)


async def test_what_the_instance_before_left_late_is_found(connect: Connect) -> None:
    """P7: its handlers come to their ends after it has handed over."""
    term: int | None = None
    old = DialogueStorage(connect())
    new = DialogueStorage(connect(), get_sole_term=lambda: term)
    assert await new.get_state(ANNA) is None
    await old.set_state(ANNA, "here")
    term = 5
    assert await new.get_state(ANNA) == "here"
