from datetime import timedelta

from app.core.wakeups import Wakeups

SOON = timedelta(milliseconds=10)
LONG = timedelta(hours=1)


async def test_a_wait_that_nobody_ends_times_out() -> None:
    assert not await Wakeups().wait("outbox", SOON)


async def test_a_wake_before_the_wait_is_kept_once() -> None:
    wakeups = Wakeups()
    wakeups.wake("outbox")
    wakeups.wake("outbox")

    assert await wakeups.wait("outbox", LONG)
    assert not await wakeups.wait("outbox", SOON)


async def test_only_the_named_worker_is_woken() -> None:
    wakeups = Wakeups()
    wakeups.wake("activation")

    assert not await wakeups.wait("outbox", SOON)
    assert await wakeups.wait("activation", LONG)


async def test_all_that_ever_waited_can_be_woken_at_once() -> None:
    wakeups = Wakeups()
    for name in ("outbox", "activation"):
        await wakeups.wait(name, SOON)

    wakeups.wake_all()

    assert await wakeups.wait("outbox", LONG)
    assert await wakeups.wait("activation", LONG)
