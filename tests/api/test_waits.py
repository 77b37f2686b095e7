"""Waits that end at their deadlines, or all at once."""

import asyncio

import pytest

from app.api.waits import Waits


async def test_what_ends_in_time_is_left_alone() -> None:
    waits = Waits()
    async with waits.until(asyncio.get_running_loop().time() + 10):
        await asyncio.sleep(0)
    waits.end_all()  # of nothing
    assert not waits._open


async def test_all_end_at_once_though_their_deadlines_are_far() -> None:
    waits = Waits()
    far = asyncio.get_running_loop().time() + 3600

    async def wait() -> None:
        async with waits.until(far):
            await asyncio.Event().wait()

    waiting = [asyncio.ensure_future(wait()) for _ in range(3)]
    await asyncio.sleep(0)
    waits.end_all()

    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result) for result in results] == [TimeoutError] * 3


async def test_one_that_is_at_its_deadline_already_does_not_mind() -> None:
    waits = Waits()

    async def wait() -> None:
        async with waits.until(asyncio.get_running_loop().time()):
            await asyncio.sleep(0)  # its deadline passes, and it has not been woken yet
            waits.end_all()
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await wait()
