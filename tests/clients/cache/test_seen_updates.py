"""An update that Telegram sends twice is handled once, with Redis and without (P2)."""

import asyncio
from datetime import timedelta

import pytest

from app.clients.cache.guarded import GuardedRedis
from app.clients.cache.seen_updates import LocalSeenUpdates, RedisSeenUpdates
from app.core.term import TermState
from app.domain.ports import SeenUpdates, UpdateState
from sandbox.embedded import ValkeyServer
from tests.clients.cache.conftest import Connect
from tests.support.eventually import eventually
from tests.support.proxy import TcpProxy
from tests.support.stopped_clock import StoppedClock
from tests.support.wire import RedisWire

BOT_ID = 42
AGES_LATER = 1_000_000  # an id far above all that came before
NEW, PROCESSING, DONE = UpdateState.NEW, UpdateState.PROCESSING, UpdateState.DONE


async def becomes_new(update_id: int, seen: SeenUpdates) -> None:
    async def is_new() -> bool:
        return await seen.begin(update_id) == NEW

    await eventually(is_new)


@pytest.fixture(params=["local", "redis"])
def seen(request: pytest.FixtureRequest, connect: Connect) -> SeenUpdates:
    return LocalSeenUpdates() if request.param == "local" else RedisSeenUpdates(connect(), BOT_ID)


async def test_an_update_is_new_then_in_processing_then_done(seen: SeenUpdates) -> None:
    """P2."""
    assert await seen.begin(1) == NEW
    assert await seen.begin(1) == PROCESSING
    await seen.finish(1)

    assert await seen.begin(1) == DONE
    assert await seen.begin(2) == NEW


async def test_a_forgotten_update_is_new_again(seen: SeenUpdates) -> None:
    """P2: what could not be taken is taken when Telegram repeats it."""
    await seen.begin(1)
    await seen.forget(1)

    assert await seen.begin(1) == NEW


async def test_of_simultaneous_duplicates_one_is_new(seen: SeenUpdates) -> None:
    """P2."""
    states = await asyncio.gather(*(seen.begin(1) for _ in range(50)))

    assert states.count(NEW) == 1
    assert states.count(PROCESSING) == 49


async def test_smaller_ids_are_new_too(seen: SeenUpdates) -> None:
    await seen.begin(1_000_000)
    await seen.finish(1_000_000)

    assert await seen.begin(7) == NEW


async def test_the_next_process_knows_what_the_last_one_did(connect: Connect) -> None:
    """P7: a hand-over forgets nothing."""
    before, after = RedisSeenUpdates(connect(), BOT_ID), RedisSeenUpdates(connect(), BOT_ID)
    await before.begin(1)
    await before.finish(1)
    await before.begin(2)

    assert await after.begin(1) == DONE
    assert await after.begin(2) == PROCESSING


async def test_two_bots_share_a_redis(connect: Connect) -> None:
    one, other = RedisSeenUpdates(connect(), 1), RedisSeenUpdates(connect(), 2)
    await one.begin(1)

    assert await other.begin(1) == NEW


async def test_after_a_crash_the_lease_runs_out(connect: Connect) -> None:
    """P2: what a killed process had begun is new again, because Telegram repeats it."""
    lease = timedelta(seconds=1)
    killed = RedisSeenUpdates(connect(), BOT_ID, lease=lease)
    next_one = RedisSeenUpdates(connect(), BOT_ID, lease=lease)
    await killed.begin(1)
    assert await next_one.begin(1) == PROCESSING

    await becomes_new(1, next_one)

    assert await next_one.begin(1) == PROCESSING


async def test_what_a_term_that_has_ended_had_begun_is_new_at_once(connect: Connect) -> None:
    """P2, P13: of the repeats that come together one is new, and no lease is waited for."""
    killed = RedisSeenUpdates(connect(), BOT_ID, term=lambda: TermState(4, 4))
    await killed.begin(1)
    await killed.begin(2)
    await killed.finish(2)
    redis = connect()
    next_one = RedisSeenUpdates(redis, BOT_ID, term=lambda: TermState(5, 5))
    other = RedisSeenUpdates(connect(), BOT_ID, term=lambda: TermState(5, 5))

    seen = [next_one, other] * 10
    states = await asyncio.gather(*(each.begin(1) for each in seen))
    assert sorted(states) == [NEW, *[PROCESSING] * 19]
    assert await next_one.begin(2) == DONE
    assert await redis.execute("TTL", "tollgate:42:update:1") in range(55, 61)


async def test_what_an_older_term_still_works_on_is_left_to_it(connect: Connect) -> None:
    """P2, P7: it has handed over, and its handlers come to their ends."""
    term = TermState(5, 4)
    ending = RedisSeenUpdates(connect(), BOT_ID, term=lambda: TermState(4, 4))
    next_one = RedisSeenUpdates(connect(), BOT_ID, term=lambda: term)
    await ending.begin(1)
    assert await next_one.begin(1) == PROCESSING

    term = TermState(5, 5)  # its process has ended
    assert await next_one.begin(1) == NEW
    await ending.forget(1)
    assert await ending.begin(1) == PROCESSING


async def test_an_older_term_takes_nothing_from_a_newer_one(connect: Connect) -> None:
    """P2: it has not noticed yet that it leads no more."""
    late = RedisSeenUpdates(connect(), BOT_ID, term=lambda: TermState(4, 4))
    newer = RedisSeenUpdates(connect(), BOT_ID, term=lambda: TermState(5, 5))
    await newer.begin(1)

    assert await late.begin(1) == PROCESSING
    await late.forget(1)
    assert await RedisSeenUpdates(connect(), BOT_ID).begin(1) == PROCESSING


async def test_a_mark_of_the_release_before_keeps_its_lease(connect: Connect) -> None:
    """P2: it names no term."""
    redis = connect()
    await redis.execute("SET", "tollgate:42:update:1", "0123456789abcdef", "EX", 60)

    assert (
        await RedisSeenUpdates(redis, BOT_ID, term=lambda: TermState(5, 5)).begin(1) == PROCESSING
    )


async def test_in_this_process_too_a_lease_runs_out(clock: StoppedClock) -> None:
    seen = LocalSeenUpdates(clock=clock)
    await seen.begin(1)
    clock.seconds += 61

    assert await seen.begin(1) == NEW


async def test_done_is_remembered_for_two_days(connect: Connect, clock: StoppedClock) -> None:
    redis = connect()
    seen = RedisSeenUpdates(redis, BOT_ID)
    await seen.begin(1)
    await seen.finish(1)
    local = LocalSeenUpdates(clock=clock)
    await local.finish(1)
    clock.seconds += 48 * 3600 - 1

    assert await redis.execute("TTL", "tollgate:42:update:1") in range(48 * 3600 - 5, 48 * 3600 + 1)
    assert await local.begin(1) == DONE


async def test_forgetting_leaves_anothers_lease_alone(connect: Connect) -> None:
    lease = timedelta(seconds=1)
    slow = RedisSeenUpdates(connect(), BOT_ID, lease=lease)
    other = RedisSeenUpdates(connect(), BOT_ID)
    await slow.begin(1)
    await becomes_new(1, other)
    await slow.forget(1)

    assert await RedisSeenUpdates(connect(), BOT_ID).begin(1) == PROCESSING


async def test_without_redis_this_process_still_recognises_duplicates(
    own_valkey: ValkeyServer, connect: Connect
) -> None:
    """P2, P8: Redis may go and come back in the middle of an update."""
    seen = RedisSeenUpdates(connect(own_valkey.url), BOT_ID)
    await seen.begin(1)
    own_valkey.stop()
    await seen.finish(1)

    assert await seen.begin(1) == DONE
    assert await seen.begin(2) == NEW
    assert await seen.begin(2) == PROCESSING
    own_valkey.start()
    await seen.finish(2)
    assert await seen.begin(2) == DONE
    assert await RedisSeenUpdates(connect(own_valkey.url), BOT_ID).begin(2) == DONE


async def test_what_could_not_be_forgotten_in_redis_is_still_new(
    own_valkey: ValkeyServer, connect: Connect
) -> None:
    """P2: an outage between begin and forget does not cost Telegram's repeat."""
    redis = connect(own_valkey.url)
    seen = RedisSeenUpdates(redis, BOT_ID)
    await seen.begin(1)
    own_valkey.stop()
    await seen.forget(1)
    own_valkey.start()
    await redis.execute("SET", "tollgate:42:update:1", seen._token)

    assert await seen.begin(1) == NEW


async def test_a_silent_redis_is_asked_once(
    connect: Connect, proxy: TcpProxy, redis_url: str
) -> None:
    """P8: updates flow while Redis is a black hole."""
    seen = RedisSeenUpdates(connect(proxy.replace(redis_url), timedelta(hours=1)), BOT_ID)
    proxy.stall()
    for update_id in range(200):
        assert await seen.begin(update_id) == NEW
        await seen.finish(update_id)

    assert await seen.begin(7) == DONE


# --- alone in its term -----------------------------------------------------------------------


async def alone(redis: GuardedRedis, term: int = 5) -> RedisSeenUpdates:
    """Of a process that alone serves, and knows what Redis held when it began to."""
    seen = RedisSeenUpdates(
        redis, BOT_ID, term=lambda: TermState(term, term), sole_term=lambda: term
    )
    await seen.flush()
    return seen


def beside(redis: GuardedRedis) -> RedisSeenUpdates:
    """Of the next process, while the one before it still ends."""
    return RedisSeenUpdates(redis, BOT_ID, term=lambda: TermState(6, 5))


async def test_alone_redis_is_told_after_the_answer_and_asked_nothing(
    connect: Connect, redis_url: str
) -> None:
    """P2: what was done is known to the next process, in one command for all that came at once."""
    ids = range(AGES_LATER, AGES_LATER + 20)
    async with RedisWire.to(redis_url) as wire:
        seen = await alone(connect(wire.replace(redis_url)))
        wire.forget()
        assert {await seen.begin(n) for n in ids} == {NEW}
        assert {await seen.begin(n) for n in ids} == {PROCESSING}
        for n in ids:
            await seen.finish(n)
        assert {await seen.begin(n) for n in ids} == {DONE}
        assert wire.commands == []
        await asyncio.gather(*(seen.flush() for _ in ids))
        assert (wire.round_trips, len(wire.commands)) == (1, 1)

    redis = connect()
    next_one = await alone(redis, term=6)
    assert {await next_one.begin(n) for n in ids} == {DONE}
    assert await redis.execute("TTL", f"tollgate:42:update:{AGES_LATER}") in range(172_795, 172_801)


async def test_alone_redis_is_asked_for_what_an_older_process_can_have_done(
    connect: Connect,
) -> None:
    """P2, P7: also for what it began just before it lost the lock, and ended later."""
    older = RedisSeenUpdates(connect(), BOT_ID, term=lambda: TermState(4, 4))
    for n in (7, 2_500):  # more than a page of the search
        await older.begin(n)
        await older.finish(n)
    await asyncio.gather(*(older.finish(n) for n in range(100, 2_200)))
    seen = await alone(connect())
    for n in (2_501, 3_499):
        await older.begin(n)
        await older.finish(n)

    assert {await seen.begin(n) for n in (7, 100, 2_199, 2_500, 2_501, 3_499)} == {DONE}
    assert await seen.begin(8) == NEW


async def test_what_memory_could_not_keep_is_asked_of_redis(connect: Connect) -> None:
    """P2: the process remembers 50,000 updates."""
    seen = await alone(connect())
    for n in range(AGES_LATER, AGES_LATER + 50_002):
        await seen.begin(n)
        await seen.finish(n)
        if n % 1_000 == 0:
            await seen.flush()
    await seen.flush()

    assert [await seen.begin(AGES_LATER + n) for n in (0, 1, 50_001)] == [DONE] * 3


async def test_what_is_begun_is_marked_before_a_hand_over(connect: Connect) -> None:
    """P2, P7: its handlers end after the next process has begun to serve."""
    seen, other = await alone(connect()), beside(connect())
    ended, cut_off, just_done = range(AGES_LATER, AGES_LATER + 3)
    for n in (ended, cut_off, just_done):
        assert await seen.begin(n) == NEW
    await seen.finish(just_done)
    await seen.hand_over()

    assert [await other.begin(n) for n in (ended, cut_off)] == [PROCESSING] * 2
    assert await other.begin(just_done) == DONE
    await seen.finish(ended)
    await seen.forget(cut_off)
    assert await other.begin(ended) == DONE
    assert await other.begin(cut_off) == NEW
    assert await seen.begin(cut_off) == PROCESSING  # the other's: this one asks again


async def test_what_a_killed_process_had_begun_alone_is_new_at_once(connect: Connect) -> None:
    """P2, P13: it left no mark."""
    killed = await alone(connect())
    await killed.begin(AGES_LATER)
    next_one = await alone(connect(), term=6)

    assert await next_one.begin(AGES_LATER) == NEW


async def test_forgotten_alone_an_update_is_new_again(connect: Connect) -> None:
    """P2: what could not be taken is taken when Telegram repeats it."""
    seen = await alone(connect())
    await seen.begin(AGES_LATER)
    await seen.forget(AGES_LATER)

    assert await seen.begin(AGES_LATER) == NEW


async def test_while_redis_is_away_at_the_terms_beginning_it_is_searched_later(
    own_valkey: ValkeyServer, connect: Connect
) -> None:
    """P2, P8."""
    older = RedisSeenUpdates(connect(own_valkey.url), BOT_ID, term=lambda: TermState(4, 4))
    await older.begin(AGES_LATER)
    await older.finish(AGES_LATER)
    own_valkey.stop()
    seen = await alone(connect(own_valkey.url))
    assert await seen.begin(AGES_LATER + 1) == NEW
    own_valkey.start()
    await older.finish(AGES_LATER)
    await seen.flush()

    assert await seen.begin(AGES_LATER) == DONE
