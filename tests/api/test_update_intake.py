"""From an update to its end: once, in order, fairly, and never in the way of others."""

import asyncio
from collections import defaultdict
from datetime import timedelta

import pytest
import structlog
from structlog.testing import capture_logs

from app.clients.cache.guarded import GuardedRedis
from app.clients.cache.pool import create_redis
from app.clients.cache.seen_updates import LocalSeenUpdates, RedisSeenUpdates
from app.core.metrics import REGISTRY
from app.core.slots import lend_slot
from app.domain.ports import SeenUpdates, UpdateState
from sandbox.embedded import ValkeyServer
from tests.api.conftest import OpenWayIn, WayIn, a_message, a_payment
from tests.support.eventually import PATIENCE_SECONDS, eventually
from tests.support.proxy import TcpProxy

CANCELLING = timedelta(seconds=2)
MONEY = ["pre_checkout_query", "successful_payment", "refunded_payment"]


class Script:
    """A handler whose runs wait until they are let go; "raise" and "hang" do what they say."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.cancelled: list[str] = []
        self.most_at_once = 0
        self._gates: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._news = asyncio.Condition()
        self.is_broken = False

    async def __call__(self, text: str) -> None:
        self.begun.append(text)
        running = len(self.begun) - len(self.ended) - len(self.cancelled)
        self.most_at_once = max(self.most_at_once, running)
        await self._tell()
        try:
            if text.startswith("wait"):
                await self._gates[text].wait()
            if text == "raise" or self.is_broken:
                raise RuntimeError("a bug")
        except asyncio.CancelledError:
            self.cancelled.append(text)
            raise
        self.ended.append(text)

    def let_go(self, text: str) -> None:
        self._gates[text].set()

    async def has_begun(self, *texts: str) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS), self._news:
            await self._news.wait_for(lambda: set(texts) <= set(self.begun))

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
async def way_in(open_way_in: OpenWayIn, script: Script) -> WayIn:
    return await open_way_in(script)


class Arrivals:
    """A store that knows how many updates have come in by now."""

    def __init__(self, seen: SeenUpdates | None = None) -> None:
        self._seen = seen or LocalSeenUpdates()
        self._count = 0

    async def begin(self, update_id: int) -> UpdateState:
        state = await self._seen.begin(update_id)
        self._count += 1
        return state

    async def finish(self, update_id: int) -> None:
        await self._seen.finish(update_id)

    async def forget(self, update_id: int) -> None:
        await self._seen.forget(update_id)

    async def flush(self) -> None:
        await self._seen.flush()

    async def hand_over(self) -> None:
        await self._seen.hand_over()

    async def until(self, count: int) -> None:
        async def are_in() -> bool:
            return self._count >= count

        await eventually(are_in)


def in_flight() -> float:
    return REGISTRY.get_sample_value("tollgate_updates_in_flight") or 0


async def until_idle(way_in: WayIn) -> None:
    await way_in.intake.drain(timedelta(seconds=10), CANCELLING)


# --- once ------------------------------------------------------------------------------------


async def test_a_repeat_of_a_done_update_is_acknowledged_unhandled(
    way_in: WayIn, script: Script
) -> None:
    """P2."""
    assert await way_in.send(a_message(1)) == 200
    assert await way_in.send(a_message(1)) == 200
    assert script.begun == ["hi"]


async def test_of_concurrent_duplicates_one_is_handled(way_in: WayIn, script: Script) -> None:
    """P2: the others come again later and are then done."""
    first = way_in.sending(a_message(1, "wait"))
    await script.has_begun("wait")
    repeats = await asyncio.gather(*(way_in.send(a_message(1, "wait")) for _ in range(10)))
    assert repeats == [503] * 10
    script.let_go("wait")

    assert await first == 200
    assert await way_in.send(a_message(1, "wait")) == 200
    assert script.begun == ["wait"]


# --- in order, and fairly --------------------------------------------------------------------


async def test_one_users_updates_are_handled_one_at_a_time_in_order(
    open_way_in: OpenWayIn, script: Script
) -> None:
    """P2."""
    arrivals = Arrivals()
    way_in = await open_way_in(script, seen=arrivals)
    texts = [f"wait {number}" for number in range(8)]
    sent = []
    for update_id, text in enumerate(texts):
        sent.append(way_in.sending(a_message(update_id, text)))
        await arrivals.until(len(sent))
    for text in texts:
        await script.has_begun(text)
        script.let_go(text)

    assert await asyncio.gather(*sent) == [200] * 8
    assert script.begun == texts
    assert script.most_at_once == 1


async def test_the_question_before_a_payment_waits_for_nobodys_turn(
    way_in: WayIn, script: Script
) -> None:
    """P8: it must be answered within 10 s, whatever else the user has just asked for."""
    slow = way_in.sending(a_message(1, "wait"))
    await script.has_begun("wait")

    assert await way_in.send(a_payment(2, "pre_checkout_query")) == 200
    assert script.begun == ["wait", "money"]

    script.let_go("wait")
    assert await slow == 200


async def test_the_slots_bound_how_many_are_handled_at_once(
    open_way_in: OpenWayIn, script: Script
) -> None:
    way_in = await open_way_in(script, max_concurrent=3)
    texts = [f"wait {user_id}" for user_id in range(1, 13)]
    sent = [way_in.sending(a_message(n, f"wait {n}", user_id=n)) for n in range(1, 13)]
    for text in texts:
        script.let_go(text)

    assert await asyncio.gather(*sent) == [200] * 12
    assert script.most_at_once <= 3


async def test_one_users_flood_leaves_room_for_others(
    open_way_in: OpenWayIn, script: Script
) -> None:
    """P8: an update that waits for its user's turn holds no slot."""
    way_in = await open_way_in(script, max_concurrent=2)
    flood = [way_in.sending(a_message(n, "wait")) for n in range(10)]
    await script.has_begun("wait")

    for update_id in range(100, 110):
        assert await way_in.send(a_message(update_id, "other", user_id=2)) == 200

    assert script.begun == ["wait"] + ["other"] * 10
    script.let_go("wait")
    assert await asyncio.gather(*flood) == [200] * 10


async def test_who_waits_outside_leaves_room_for_others(open_way_in: OpenWayIn) -> None:
    """P8: a chat's limit, a slow panel or a dead node holds up nobody else."""
    waiting, may_go = asyncio.Semaphore(0), asyncio.Event()

    async def handler(text: str) -> None:
        if text == "crowd":
            async with lend_slot():
                waiting.release()
                await may_go.wait()

    way_in = await open_way_in(handler, max_concurrent=2)
    crowd = [way_in.sending(a_message(n, "crowd", user_id=n)) for n in range(1, 31)]
    for _ in crowd:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await waiting.acquire()

    assert await way_in.send(a_message(100, "other", user_id=100)) == 200
    may_go.set()
    assert await asyncio.gather(*crowd) == [200] * 30


@pytest.mark.parametrize("kind", MONEY)
async def test_money_waits_behind_no_crowd(
    open_way_in: OpenWayIn, script: Script, kind: str
) -> None:
    """P1, P8: it has slots of its own, and more places than a crowd can fill."""
    way_in = await open_way_in(script, max_concurrent=2)
    crowd = [way_in.sending(a_message(n, "wait", user_id=n)) for n in range(10, 260)]
    await script.has_begun("wait")
    refused, _ = await asyncio.wait(crowd, return_when=asyncio.FIRST_COMPLETED)
    assert {task.result() for task in refused} == {503}

    assert await way_in.send(a_payment(1000, kind)) == 200
    script.let_go("wait")
    assert set(await asyncio.gather(*crowd)) == {200, 503}


async def test_a_payment_waits_for_no_slow_button_of_its_payer(
    way_in: WayIn, script: Script
) -> None:
    """P1: who paid is not behind what else they have asked for."""
    slow = way_in.sending(a_message(1, "wait"))
    await script.has_begun("wait")

    assert await way_in.send(a_payment(2, "successful_payment")) == 200
    assert script.ended == ["money"]
    script.let_go("wait")
    assert await slow == 200


async def test_beyond_a_users_bound_telegram_keeps_the_updates(
    way_in: WayIn, script: Script
) -> None:
    """P12: what waits here is bounded, and nothing of it is lost."""
    flood = [way_in.sending(a_message(n, "wait")) for n in range(30)]
    await script.has_begun("wait")
    refused, _ = await asyncio.wait(flood, timeout=1)
    assert await way_in.send(a_message(100, "other", user_id=2)) == 200
    script.let_go("wait")
    answers = await asyncio.gather(*flood)

    assert len(refused) == 10
    assert answers.count(503) == 10
    again = [await way_in.send(a_message(n, "wait")) for n in range(30)]
    assert again == [200] * 30
    assert script.begun.count("wait") == 30


async def test_nothing_is_remembered_of_users_who_left(way_in: WayIn) -> None:
    """P12: memory is bounded."""
    for user_id in range(1, 50):
        await way_in.send(a_message(user_id, user_id=user_id))

    assert len(way_in.intake._queue) == 0


# --- a handler that hangs --------------------------------------------------------------------


async def test_a_hanging_handler_is_answered_at_the_time_out_and_its_user_notified(
    open_way_in: OpenWayIn, script: Script
) -> None:
    """P6, P8: it runs on, counted, while others are served."""
    way_in = await open_way_in(script, feed_timeout_seconds=0.2)
    before = in_flight()
    with capture_logs() as logs:
        assert await way_in.send(a_message(1, "wait")) == 200
        assert await way_in.send(a_message(2, "other", user_id=2)) == 200
    assert [
        (line["update_id"], line["carries_money"])
        for line in logs
        if line["event"] == "WEBHOOK_HANDLER_TIMEOUT"
    ] == [(1, False)]
    assert in_flight() == before + 1
    assert await way_in.send(a_message(1, "wait")) == 200
    script.let_go("wait")
    await until_idle(way_in)

    assert way_in.told == [1]
    assert script.ended == ["other", "wait"]
    assert in_flight() == before
    assert way_in.kept == []


async def test_a_handler_that_never_ends_is_cancelled_at_the_limit_and_kept(
    open_way_in: OpenWayIn, script: Script
) -> None:
    """P6: every handler ends, and the operators are notified."""
    way_in = await open_way_in(script, feed_timeout_seconds=0.1, handler_limit_seconds=0.3)
    assert await way_in.send(a_message(1, "wait for ever")) == 200
    await until_idle(way_in)

    assert script.cancelled == ["wait for ever"]
    assert [str(error) for _, error in way_in.kept] == ["ran over the limit"]


async def test_who_waits_behind_his_own_hanging_update_is_asked_to_come_again(
    open_way_in: OpenWayIn, script: Script
) -> None:
    """P2: not begun means not taken, so Telegram's repeat is new."""
    way_in = await open_way_in(script, feed_timeout_seconds=0.2)
    assert await way_in.send(a_message(1, "wait")) == 200
    assert await way_in.send(a_message(2, "next")) == 503
    script.let_go("wait")

    assert await way_in.send(a_message(2, "next")) == 200
    assert script.begun == ["wait", "next"]


# --- a handler that raises -------------------------------------------------------------------


async def test_a_raising_handler_is_acknowledged_and_kept(way_in: WayIn, script: Script) -> None:
    """P6, P8: a 5xx would bring it back for a day and hold up the chat."""
    assert await way_in.send(a_message(1, "raise")) == 200
    assert await way_in.send(a_message(2, "fine")) == 200
    assert await way_in.send(a_message(1, "raise")) == 200

    assert script.begun == ["raise", "fine"]
    [(kept, error)] = way_in.kept
    assert '"update_id":1' in kept.replace(" ", "")
    assert str(error) == "a bug"


async def test_poison_holds_nobody_up(open_way_in: OpenWayIn, script: Script) -> None:
    """P6: also when it cannot even be kept."""
    way_in = await open_way_in(script, max_concurrent=2, keep_fails=True)
    for update_id in range(10):
        assert await way_in.send(a_message(update_id, "raise")) == 200

    assert await way_in.send(a_message(100, "fine")) == 200


async def test_a_stray_cancellation_in_a_handler_is_a_bug_and_no_drain(
    open_way_in: OpenWayIn,
) -> None:
    """P6: or its update would come back for a day."""

    async def handler(_text: str) -> None:
        raise asyncio.CancelledError

    way_in = await open_way_in(handler)

    assert await way_in.send(a_message(1)) == 200
    assert len(way_in.kept) == 1


async def test_an_update_of_a_kind_that_is_not_known_yet_is_acknowledged(way_in: WayIn) -> None:
    assert await way_in.send({"update_id": 1, "brand_new_kind": {"id": 7}}) == 200


# --- money -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", MONEY)
async def test_money_that_was_not_stored_is_not_acknowledged(
    way_in: WayIn, script: Script, kind: str
) -> None:
    """P1: 500, and Telegram's repeat is new."""
    script.is_broken = True
    assert await way_in.send(a_payment(1, kind)) == 500
    assert await way_in.send(a_payment(1, kind)) == 500
    script.is_broken = False

    assert await way_in.send(a_payment(1, kind)) == 200
    assert script.begun == ["money"] * 3
    assert await way_in.send(a_payment(1, kind)) == 200
    assert script.begun == ["money"] * 3


async def test_money_that_hangs_is_cancelled_and_comes_again(open_way_in: OpenWayIn) -> None:
    """P1: acknowledging it at the time-out could lose it."""
    begun = []

    async def handler(text: str) -> None:
        begun.append(text)
        if len(begun) == 1:
            await asyncio.Event().wait()

    way_in = await open_way_in(handler, feed_timeout_seconds=0.2)

    assert await way_in.send(a_payment(1, "successful_payment")) == 500
    assert await way_in.send(a_payment(1, "successful_payment")) == 200
    assert begun == ["money"] * 2
    assert way_in.told == []


# --- an end in order -------------------------------------------------------------------------


async def test_draining_lets_handlers_end_and_takes_nothing_more(
    open_way_in: OpenWayIn, script: Script
) -> None:
    """P7."""
    arrivals = Arrivals()
    way_in = await open_way_in(script, seen=arrivals)
    running = way_in.sending(a_message(1, "wait"))
    waiting = way_in.sending(a_message(2, "behind it"))
    await script.has_begun("wait")
    await arrivals.until(2)
    draining = asyncio.create_task(way_in.intake.drain(timedelta(seconds=10), CANCELLING))
    await asyncio.sleep(0)
    assert await way_in.send(a_message(3, "late", user_id=3)) == 503
    script.let_go("wait")
    await draining

    assert await running == 200
    assert await waiting == 503
    assert script.begun == ["wait"]


async def test_what_a_drain_cuts_off_is_new_to_the_next_instance(
    open_way_in: OpenWayIn, script: Script, redis_url: str
) -> None:
    """P7, P2: hand-over without loss."""
    redis, other_redis = create_redis(redis_url), create_redis(redis_url)
    arrivals = Arrivals(RedisSeenUpdates(GuardedRedis(redis), 42))
    old = await open_way_in(script, seen=arrivals)
    next_script = Script()
    new = await open_way_in(next_script, seen=RedisSeenUpdates(GuardedRedis(other_redis), 42))
    sent = [old.sending(a_message(n, "wait", user_id=n)) for n in range(1, 4)]
    sent.append(old.sending(a_message(4, "behind", user_id=1)))
    await script.has_begun("wait")
    await arrivals.until(4)
    await old.intake.drain(timedelta(seconds=0.1), CANCELLING)

    assert await asyncio.gather(*sent) == [503, 503, 503, 503]
    next_script.let_go("wait")
    for n in range(1, 4):
        assert await new.send(a_message(n, "wait", user_id=n)) == 200
    assert await new.send(a_message(4, "behind", user_id=1)) == 200
    assert next_script.ended == ["wait"] * 3 + ["behind"]
    await redis.aclose()
    await other_redis.aclose()


class SlowToRemember(LocalSeenUpdates):
    """A store that does not answer while a handler's end is written down."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()

    async def finish(self, update_id: int) -> None:
        if not self.asked.is_set():
            self.asked.set()
            await asyncio.Event().wait()
        await super().finish(update_id)


async def test_a_drain_that_comes_after_the_handlers_end_undoes_nothing(
    open_way_in: OpenWayIn, script: Script
) -> None:
    """P2: what is done is acknowledged, or the next instance would do it again."""
    seen = SlowToRemember()
    way_in = await open_way_in(script, seen=seen)
    sent = way_in.sending(a_message(1))
    await seen.asked.wait()
    await way_in.intake.drain(timedelta(seconds=0.1), CANCELLING)

    assert await sent == 200
    assert await seen.begin(1) == UpdateState.DONE


async def test_a_detached_handler_that_a_drain_cuts_off_is_kept(
    open_way_in: OpenWayIn, script: Script
) -> None:
    """P7: it was acknowledged, so Telegram will not bring it again."""
    way_in = await open_way_in(script, feed_timeout_seconds=0.1)
    assert await way_in.send(a_message(1, "wait")) == 200
    await way_in.intake.drain(timedelta(seconds=0.1), CANCELLING)

    assert script.cancelled == ["wait"]
    assert len(way_in.kept) == 1


# --- Redis comes and goes --------------------------------------------------------------------


async def test_updates_flow_while_redis_stops_and_starts(
    open_way_in: OpenWayIn, script: Script, own_valkey: ValkeyServer
) -> None:
    """P2, P8."""
    redis = create_redis(own_valkey.url)
    guarded = GuardedRedis(redis, rest=timedelta())
    way_in = await open_way_in(script, seen=RedisSeenUpdates(guarded, 42))
    answers = []
    for update_id in range(60):
        if update_id == 20:
            own_valkey.stop()
        if update_id == 40:
            own_valkey.start()
        answers.append(await way_in.send(a_message(update_id, f"{update_id}")))
        answers.append(await way_in.send(a_message(update_id, f"{update_id}")))
    await redis.aclose()

    assert answers == [200] * 120
    assert script.begun == [f"{update_id}" for update_id in range(60)]


async def test_updates_flow_while_redis_is_a_black_hole(
    open_way_in: OpenWayIn, script: Script, redis_url: str
) -> None:
    """P8: for all users together it costs one time-out."""
    async with TcpProxy.to(redis_url) as proxy:
        redis = create_redis(proxy.replace(redis_url))
        guarded = GuardedRedis(redis, rest=timedelta(hours=1))
        way_in = await open_way_in(script, seen=RedisSeenUpdates(guarded, 42))
        assert await way_in.send(a_message(1)) == 200
        proxy.stall()
        sent = [way_in.send(a_message(n, user_id=n)) for n in range(2, 40)]
        answers = await asyncio.gather(*sent)
        repeats = await asyncio.gather(*(way_in.send(a_message(n)) for n in range(2, 40)))
        await redis.aclose()

    assert answers == [200] * 38
    assert repeats == [200] * 38
    assert len(script.begun) == 39


# --- the log ---------------------------------------------------------------------------------


async def test_everything_that_a_handler_logs_names_its_update_and_user(
    open_way_in: OpenWayIn,
) -> None:
    seen = []

    async def handler(_text: str) -> None:
        seen.append(structlog.contextvars.get_contextvars())

    way_in = await open_way_in(handler)
    await way_in.send(a_message(7, user_id=3))
    await way_in.send(a_message(8, user_id=4))

    assert seen == [{"update_id": 7, "user_id": 3}, {"update_id": 8, "user_id": 4}]
    assert structlog.contextvars.get_contextvars() == {}


async def test_a_handler_that_does_not_end_costs_nobody_the_answer(
    open_way_in: OpenWayIn, redis_url: str
) -> None:
    """P2, P7: 503 all the same; its update is forgotten when it ends, and not before."""
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def handler(text: str) -> None:
        if text != "stubborn":
            return
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await may_end.wait()

    redis, other_redis = create_redis(redis_url), create_redis(redis_url)
    old = await open_way_in(handler, seen=RedisSeenUpdates(GuardedRedis(redis), 42))
    new = await open_way_in(handler, seen=RedisSeenUpdates(GuardedRedis(other_redis), 42))
    sent = old.sending(a_message(1, "stubborn"))
    await begun.wait()
    await old.intake.drain(timedelta(seconds=0.1), timedelta(seconds=0.1))

    assert await sent == 503
    assert await new.send(a_message(1)) == 503
    may_end.set()

    async def is_taken() -> bool:
        return await new.send(a_message(1)) == 200

    await eventually(is_taken)
    assert old.kept == []
    await redis.aclose()
    await other_redis.aclose()


async def test_a_request_that_the_server_gives_up_is_answered_and_forgotten(
    open_way_in: OpenWayIn, script: Script
) -> None:
    """P7: the last resort, should the drain come too late."""
    way_in = await open_way_in(script)
    sent = way_in.sending(a_message(1, "wait"))
    await script.has_begun("wait")
    (request,) = [task for task in asyncio.all_tasks() if "RequestResponseCycle" in repr(task)]
    request.cancel("the server ends")

    assert await sent == 503
    await way_in.intake.drain(timedelta(), CANCELLING)
    assert await way_in.intake._seen.begin(1) == "new"
