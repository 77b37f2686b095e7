"""The limiter keeps Telegram's limits, uses them fully, and lets waiting users go first (P10)."""

import asyncio
import random
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import pytest
from aiogram import Bot
from hypothesis import given, settings
from hypothesis import strategies as st

from app.clients.telegram.lanes import LaneBot, get_lane
from app.clients.telegram.limiter import Limiter
from app.domain.messages import Lane
from app.domain.ports import RetryLaterError
from tests.clients.telegram.conftest import TOKEN
from tests.clients.telegram.jumping_loop import run

# What we promise (P10), not what the code says.
ALL_PER_SECOND, ALL_BURST, ALL_IN_A_SECOND = 25, 12, 28
BULK_BURST = 3
BULK_SHARE = 0.7
CHAT_PER_SECOND, CHAT_BURST = 0.9, 9
GROUP_PER_MINUTE = 20
PATIENT = 10_000.0
EPSILON = 1e-6


def fullest(times: Sequence[float], seconds: float) -> int:
    """The most that any window of this length holds, both ends included."""
    return max(
        bisect_right(times, start + seconds - EPSILON) - bisect_left(times, start)
        for start in times
    )


class Traffic:
    """Senders through one limiter, and when each was let through."""

    def __init__(self, per_second: int = ALL_PER_SECOND) -> None:
        self.limiter = Limiter(per_second)
        self.sent: list[tuple[float, int, Lane]] = []
        self.refused: list[RetryLaterError] = []

    async def send(
        self, chat_id: int, lane: Lane = Lane.USER, after: float = 0, patience: float = PATIENT
    ) -> None:
        await asyncio.sleep(after)
        loop = asyncio.get_running_loop()
        try:
            await self.limiter.acquire(chat_id, lane, loop.time() + patience)
        except RetryLaterError as error:
            self.refused.append(error)
        else:
            self.sent.append((loop.time(), chat_id, lane))

    def times(self, chat_id: int | None = None, lane: Lane | None = None) -> list[float]:
        return [
            at
            for at, sent_to, sent_by in self.sent
            if chat_id in (None, sent_to) and lane in (None, sent_by)
        ]


def assert_limits_kept(traffic: Traffic) -> None:
    assert fullest(traffic.times(), 1) <= ALL_IN_A_SECOND
    for seconds in (0.001, 1, 2, 10, 60):
        allowed = ALL_BURST + seconds * ALL_PER_SECOND + EPSILON
        assert fullest(traffic.times(), seconds) <= allowed
        if bulk := traffic.times(lane=Lane.BULK):
            allowed = BULK_BURST + seconds * ALL_PER_SECOND * BULK_SHARE + EPSILON
            assert fullest(bulk, seconds) <= allowed
        by_chat = defaultdict(list)
        for at, chat_id, _ in traffic.sent:
            by_chat[chat_id].append(at)
        for chat_id, times in by_chat.items():
            assert fullest(times, seconds) <= CHAT_BURST + seconds * CHAT_PER_SECOND + EPSILON
            if chat_id < 0:
                assert fullest(times, 60) <= GROUP_PER_MINUTE


@given(
    messages=st.lists(
        st.tuples(
            st.integers(-3, 30).filter(bool),
            st.sampled_from(Lane),
            st.floats(0, 20, allow_nan=False),
        ),
        min_size=1,
        max_size=150,
    )
)
@settings(max_examples=60, deadline=None)
def test_no_window_of_any_traffic_holds_more_than_is_allowed(
    messages: list[tuple[int, Lane, float]],
) -> None:
    """P10."""
    traffic = Traffic()

    async def main() -> None:
        await asyncio.gather(*(traffic.send(*message) for message in messages))

    run(main())
    assert len(traffic.sent) == len(messages)
    assert_limits_kept(traffic)


def test_many_chats_get_97_percent_of_the_rate() -> None:
    """P10."""
    traffic = Traffic()

    async def main() -> float:
        await asyncio.gather(*(traffic.send(chat_id) for chat_id in range(1, 1001)))
        return asyncio.get_running_loop().time() - 1000

    seconds = run(main())
    assert 1000 / seconds >= 0.97 * ALL_PER_SECOND
    assert_limits_kept(traffic)


@pytest.mark.parametrize("per_second", [1, 5])
def test_a_lower_rate_is_kept_and_used(per_second: int) -> None:
    """P10: MESSAGES_PER_SECOND, of a shop that shares its bot; broadcasts follow it."""
    traffic, bulk = Traffic(per_second), Traffic(per_second)

    async def main(traffic: Traffic, lane: Lane) -> float:
        await asyncio.gather(*(traffic.send(chat_id, lane) for chat_id in range(1, 101)))
        return asyncio.get_running_loop().time() - 1000

    for sent, share, lane in ((traffic, 1, Lane.USER), (bulk, BULK_SHARE, Lane.BULK)):
        rate = 100 / run(partial(main, sent, lane)())
        assert 0.97 * per_second * share <= rate <= 1.2 * per_second * share
        assert fullest(sorted(sent.times()), 1.1) <= per_second + 3


def test_twenty_at_once_have_left_after_a_third_of_a_second() -> None:
    """P10: the keys of twenty that pay together; whatever follows keeps the limits."""
    traffic = Traffic()

    async def main() -> None:
        await asyncio.gather(*(traffic.send(chat_id) for chat_id in range(1, 101)))

    run(main())
    start = min(traffic.times())
    assert sorted(traffic.times())[19] - start <= 0.33
    assert_limits_kept(traffic)


def test_bulk_alone_gets_its_share_and_no_more() -> None:
    """P10."""
    traffic = Traffic()

    async def main() -> float:
        sends = (traffic.send(chat_id, Lane.BULK) for chat_id in range(1, 501))
        await asyncio.gather(*sends)
        return asyncio.get_running_loop().time() - 1000

    rate = 500 / run(main())
    allowed = ALL_PER_SECOND * BULK_SHARE
    assert 0.97 * allowed <= rate <= 1.03 * allowed


def test_ten_rapid_commands_are_answered_within_two_seconds() -> None:
    """P10: one by one, as Telegram hands them over: the next when the last was answered."""
    traffic = Traffic()

    async def main() -> None:
        for _ in range(10):
            await traffic.send(7)

    run(main())
    assert traffic.times(7)[-1] - 1000 < 2 - 0.5  # the rest is for their handlers
    assert_limits_kept(traffic)


def test_one_chat_gets_97_percent_of_its_rate() -> None:
    """P10."""
    traffic = Traffic()

    async def main() -> float:
        await asyncio.gather(*(traffic.send(7) for _ in range(200)))
        return asyncio.get_running_loop().time() - 1000

    assert 200 / run(main()) >= 0.97 * CHAT_PER_SECOND


def test_a_group_gets_its_twenty_a_minute() -> None:
    """P10."""
    traffic = Traffic()

    async def main() -> None:
        await asyncio.gather(*(traffic.send(-7) for _ in range(100)))

    run(main())
    times = traffic.times()
    assert fullest(times, 60) == 20
    assert 80 / (times[80] - times[0]) >= 0.97 * 20 / 60
    assert_limits_kept(traffic)


def test_a_chat_is_used_up_by_its_own_messages_and_no_other_chats() -> None:
    traffic = Traffic()

    async def main() -> tuple[bool, bool, bool]:
        before = traffic.limiter.is_used_up(7)
        for _ in range(CHAT_BURST):
            await traffic.send(7)
        return before, traffic.limiter.is_used_up(7), traffic.limiter.is_used_up(8)

    assert run(main()) == (False, True, False)


def test_a_chats_limit_says_how_long_it_holds_a_notification_back() -> None:
    """P10: a chat where users wait is one to queue up in, or a crowd would never let one pass."""
    traffic = Traffic()

    async def main() -> list[timedelta]:
        waits = [traffic.limiter.get_chat_wait(7)]
        for _ in range(CHAT_BURST):
            await traffic.send(7, Lane.NOTIFICATION)
        waits.append(traffic.limiter.get_chat_wait(7))
        crowd = asyncio.ensure_future(traffic.send(7))
        await asyncio.sleep(0.01)
        waits.append(traffic.limiter.get_chat_wait(7))
        await crowd
        traffic.limiter.penalize(7, timedelta(seconds=20))
        return [*waits, traffic.limiter.get_chat_wait(7), traffic.limiter.get_chat_wait(8)]

    fresh, used_up, crowded, penalized, other = run(main())
    assert fresh == crowded == other == timedelta()
    assert timedelta() < used_up <= timedelta(seconds=1 / CHAT_PER_SECOND)
    assert penalized == timedelta(seconds=20)


def test_a_user_overtakes_a_broadcast() -> None:
    """P10: a user who waits in a chat is not behind those who do not."""
    traffic = Traffic()

    async def main() -> None:
        broadcast = [traffic.send(chat_id, Lane.BULK) for chat_id in range(1, 301)]
        users = [traffic.send(1000 + n, after=5 + n / 50) for n in range(10)]
        await asyncio.gather(*broadcast, *users)

    run(main())
    waits = [at - (1005 + n / 50) for n, at in enumerate(traffic.times(lane=Lane.USER))]
    assert max(waits) <= 0.5
    assert_limits_kept(traffic)


def test_within_one_chat_too_an_answer_goes_before_notifications() -> None:
    """P10."""
    traffic = Traffic()

    async def main() -> None:
        notices = [traffic.send(7, Lane.BULK) for _ in range(20)]
        await asyncio.gather(*notices, traffic.send(7, after=5))

    run(main())
    (answered_at,) = traffic.times(lane=Lane.USER)
    assert answered_at - 1005 <= 1 / CHAT_PER_SECOND


@pytest.mark.parametrize("chat_id", [7, -7])
def test_a_crowd_in_a_chat_keeps_no_notification_from_it_for_ever(chat_id: int) -> None:
    """P10, P3: every fifth place at the most is a notification's, though users wait for answers."""
    traffic = Traffic()

    async def main() -> None:
        crowd = [traffic.send(chat_id, after=n / 10) for n in range(60)]
        notices = [traffic.send(chat_id, Lane.NOTIFICATION, after=1) for _ in range(3)]
        await asyncio.gather(*crowd, *notices)

    run(main())
    lanes = [lane for _, _, lane in traffic.sent]
    assert [at for at, lane in enumerate(lanes) if lane is Lane.NOTIFICATION] == [9, 14, 19]
    assert_limits_kept(traffic)


def test_an_impatient_notification_passes_a_crowd() -> None:
    """P3: the outbox waits 4 s, and a crowd that always waits must not send it back."""
    traffic = Traffic()

    async def main() -> None:
        crowd = [traffic.send(7, after=n / 2, patience=3) for n in range(60)]
        await asyncio.gather(*crowd, traffic.send(7, Lane.NOTIFICATION, after=10, patience=4))

    run(main())
    assert len(traffic.times(lane=Lane.NOTIFICATION)) == 1


def test_users_who_take_all_places_leave_none_to_a_broadcast() -> None:
    traffic = Traffic()

    async def main() -> None:
        users = [traffic.send(n, after=n / 50) for n in range(1, 501)]
        await asyncio.gather(*users, traffic.send(1000, Lane.BULK, after=1))

    run(main())
    assert traffic.times(lane=Lane.BULK)[0] >= max(traffic.times(lane=Lane.USER))


def test_messages_to_one_chat_keep_their_order() -> None:
    limiter = Limiter()
    order: list[int] = []

    async def send(number: int) -> None:
        await asyncio.sleep(number / 100)
        await limiter.acquire(7, Lane.USER, 2000)
        order.append(number)

    async def main() -> None:
        noise = (limiter.acquire(chat_id, Lane.USER, 2000) for chat_id in range(100, 200))
        await asyncio.gather(*noise, *(send(number) for number in range(20)))

    run(main())
    assert order == list(range(20))


def test_a_message_that_was_refused_keeps_its_place() -> None:
    limiter = Limiter()
    order: list[str] = []

    async def send(name: str, *, again: bool = False) -> None:
        await limiter.acquire(7, Lane.USER, 2000, again=again)
        order.append(name)

    async def main() -> None:
        limiter.penalize(7, timedelta(seconds=5))
        later = [asyncio.ensure_future(send(f"later {n}")) for n in range(3)]
        await asyncio.sleep(1)
        await send("refused", again=True)
        await asyncio.gather(*later)

    run(main())
    assert order == ["refused", "later 0", "later 1", "later 2"]


def test_a_full_chat_does_not_hold_up_the_others() -> None:
    traffic = Traffic()

    async def main() -> None:
        await asyncio.gather(*(traffic.send(7) for _ in range(20)), traffic.send(8))

    run(main())
    assert traffic.times(8)[0] - 1000 < 1


def test_who_would_wait_too_long_learns_at_once_how_long() -> None:
    """P10: no sleep in a handler beyond its patience."""
    traffic = Traffic()

    async def main() -> float:
        waiting = [asyncio.ensure_future(traffic.send(7, patience=30)) for _ in range(40)]
        await asyncio.sleep(0.001)
        refused_by = asyncio.get_running_loop().time()
        assert len(traffic.refused) == 40 - CHAT_BURST - int(30 * CHAT_PER_SECOND)
        await asyncio.gather(*waiting)
        return refused_by

    assert run(main()) < 1000.1
    assert timedelta(seconds=30) < traffic.refused[0].retry_after <= timedelta(seconds=32)
    assert max(traffic.times(7)) <= 1030


def test_who_is_overtaken_until_the_patience_ends_is_sent_back() -> None:
    traffic = Traffic()

    async def main() -> None:
        users = [traffic.send(n, after=n / 40) for n in range(1, 801)]
        await asyncio.gather(*users, traffic.send(1000, Lane.BULK, after=1, patience=10))

    run(main())
    assert traffic.times(1000) == []
    assert len(traffic.refused) == 1


def test_a_penalty_closes_one_chat_only() -> None:
    """P10."""
    traffic = Traffic()

    async def main() -> None:
        traffic.limiter.penalize(7, timedelta(seconds=20))
        await asyncio.gather(traffic.send(7), traffic.send(8))

    run(main())
    assert traffic.times(7)[0] >= 1020
    assert traffic.times(8)[0] < 1001


def test_penalties_of_several_chats_within_a_second_close_all() -> None:
    """P10."""
    traffic = Traffic()

    async def main() -> None:
        for chat_id in (1, 2, 3):
            traffic.limiter.penalize(chat_id, timedelta(seconds=20))
            await asyncio.sleep(0.1)
        await traffic.send(8)

    run(main())
    assert traffic.times(8)[0] >= 1020


def test_penalties_of_several_chats_over_minutes_close_only_those() -> None:
    traffic = Traffic()

    async def main() -> None:
        for chat_id in (1, 2, 3, 4):
            traffic.limiter.penalize(chat_id, timedelta(seconds=60))
            traffic.limiter.penalize(chat_id, timedelta(seconds=60))
            await asyncio.sleep(2)
        await traffic.send(8)

    run(main())
    assert traffic.times(8)[0] < 1010


def test_a_penalty_beyond_their_patience_sends_the_waiting_back_at_once() -> None:
    traffic = Traffic()

    async def main() -> None:
        waiting = [asyncio.ensure_future(traffic.send(7, patience=30)) for _ in range(20)]
        await asyncio.sleep(1)
        traffic.limiter.penalize(7, timedelta(seconds=600))
        await asyncio.sleep(0.01)
        assert all(send.done() for send in waiting)

    run(main())
    assert len(traffic.sent) == CHAT_BURST
    assert {error.retry_after for error in traffic.refused} == {timedelta(seconds=600)}


def test_chats_that_became_idle_are_forgotten() -> None:
    traffic = Traffic()

    async def main() -> list[int]:
        counts = []
        for chat_id in range(1, 5001):
            await traffic.send(chat_id if chat_id % 50 else -chat_id)
            counts.append(traffic.limiter.chat_count)
        return counts

    counts = run(main())
    assert max(counts[1000:]) < 200


def test_a_forgotten_chat_was_owed_nothing() -> None:
    """Eviction must not give a chat a second burst."""
    traffic = Traffic()

    async def main() -> None:
        for _ in range(40):
            await asyncio.gather(*(traffic.send(7) for _ in range(3)))
            await asyncio.gather(*(traffic.send(random.randint(10, 10**9)) for _ in range(50)))  # noqa: S311

    run(main())
    assert_limits_kept(traffic)


def test_the_cancelled_give_their_place_back() -> None:
    traffic = Traffic()

    async def main() -> None:
        for _ in range(CHAT_BURST):
            await traffic.send(7)
        gone = [asyncio.ensure_future(traffic.send(7)) for _ in range(20)]
        await asyncio.sleep(0.01)
        for send in gone:
            send.cancel()
        await asyncio.gather(*gone, return_exceptions=True)
        await traffic.send(7)

    run(main())
    assert max(traffic.times(7)) <= 1000 + 1 / CHAT_PER_SECOND + 0.05
    assert all(isinstance(error, RetryLaterError) for error in traffic.refused)


@pytest.mark.parametrize("lane", Lane)
def test_calls_of_a_lanes_bot_go_by_it(lane: Lane) -> None:
    bot = Bot(TOKEN)
    assert get_lane(bot) is Lane.USER
    assert get_lane(LaneBot(bot, lane)) is lane
    assert LaneBot(bot, lane).session is bot.session
