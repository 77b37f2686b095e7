"""Telegram's sending limits, on a clock of the test's own."""

from sandbox.world.telegram.limits import SendLimits


def test_thirty_messages_a_second_pass_and_the_next_waits_a_second() -> None:
    limits = SendLimits()
    passed = [limits.take(chat, now=0.5) for chat in range(30)]
    assert passed == [None] * 30
    assert limits.take(99, now=1.4) == 1
    assert limits.take(99, now=1.51) is None


def test_a_burst_to_one_chat_passes_and_a_stream_above_one_a_second_does_not() -> None:
    limits = SendLimits()
    burst = [limits.take(7, now=100) for _ in range(11)]
    assert burst == [None] * 10 + [3]
    assert limits.take(7, now=102.5) == 1
    assert limits.take(8, now=102.5) is None
    assert limits.take(7, now=103.1) is None


def test_nine_messages_in_ten_seconds_to_one_chat_pass_for_ever() -> None:
    limits = SendLimits()
    assert all(limits.take(7, now=n / 0.9) is None for n in range(1000))


def test_chats_that_have_been_idle_are_forgotten() -> None:
    limits = SendLimits()
    for chat in range(12_000):
        limits.take(chat, now=float(chat))
    assert len(limits._chats) <= 10_001


def test_a_group_takes_twenty_messages_a_minute_and_says_when_the_next_may_come() -> None:
    limits = SendLimits()
    passed = [limits.take(-7, now=100 + 2 * n) for n in range(20)]
    assert passed == [None] * 20
    assert limits.take(-7, now=140) == 20
    assert limits.take(-8, now=140) is None
    assert limits.take(-7, now=160) is None
    assert limits.take(-7, now=160) == 2
