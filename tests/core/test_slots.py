"""A handler that waits for the outside lends its slot, and has it again before it goes on."""

import asyncio

import pytest

from app.core.slots import Slot, lend_slot


async def begin(slots: asyncio.Semaphore) -> Slot:
    slot = Slot(slots)
    await slot.take()
    slot.hold()
    return slot


async def test_another_works_while_one_waits_outside() -> None:
    """P8."""
    slots = asyncio.Semaphore(1)
    slot = await begin(slots)
    async with lend_slot():
        assert not slots.locked()
        other = Slot(slots)
        await other.take()
        coming_back = asyncio.get_running_loop().call_later(0.01, other.end)
    assert coming_back.when() <= asyncio.get_running_loop().time()
    assert slots.locked()
    slot.end()
    assert not slots.locked()


async def test_what_a_handler_has_started_waits_on_its_slot_too() -> None:
    slots = asyncio.Semaphore(1)
    slot = await begin(slots)
    inside, may_end = asyncio.Event(), asyncio.Event()

    async def child() -> None:
        async with lend_slot():
            inside.set()
            await may_end.wait()

    task = asyncio.create_task(child())
    await inside.wait()
    async with lend_slot():
        assert not slots.locked()
    assert not slots.locked()
    may_end.set()
    await task
    assert slots.locked()
    slot.end()
    assert not slots.locked()


async def test_a_failure_outside_brings_the_slot_back() -> None:
    slots = asyncio.Semaphore(1)
    slot = await begin(slots)
    with pytest.raises(ConnectionError):
        async with lend_slot():
            raise ConnectionError
    assert slots.locked()
    slot.end()
    assert not slots.locked()


async def test_who_is_cancelled_outside_does_not_wait_for_a_slot() -> None:
    """P6: the end of a handler must not hang on others."""
    slots = asyncio.Semaphore(1)
    lent = asyncio.Event()
    mine: list[Slot] = []

    async def handler() -> None:
        mine.append(await begin(slots))
        async with lend_slot():
            lent.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(handler())
    await lent.wait()
    await slots.acquire()
    task.cancel()
    await asyncio.wait({task}, timeout=5)
    assert task.cancelled()
    mine[0].end()
    assert slots.locked()
    slots.release()
    assert not slots.locked()


async def test_what_outlives_its_handler_takes_no_slot() -> None:
    slots = asyncio.Semaphore(1)
    slot = await begin(slots)
    async with lend_slot():
        slot.end()
    assert not slots.locked()


async def test_without_a_slot_a_call_is_just_made() -> None:
    async with lend_slot():
        called = True
    assert called
