"""Calls at once, none of which is left behind when another fails."""

import asyncio

import pytest

from app.core.side_by_side import run_side_by_side


async def answer(value: int) -> int:
    return value


async def fail(sentence: str) -> int:
    raise ValueError(sentence)


async def test_the_answers_come_in_the_order_of_the_calls() -> None:
    assert await run_side_by_side(answer(number) for number in range(3)) == [0, 1, 2]


async def test_the_first_error_is_raised_when_all_have_ended() -> None:
    may_end, ended = asyncio.Event(), asyncio.Event()

    async def wait() -> int:
        await may_end.wait()
        ended.set()
        return 0

    async def let_end() -> int:
        may_end.set()
        return await fail("second")

    with pytest.raises(ValueError, match="first"):
        await run_side_by_side([wait(), fail("first"), let_end()])
    assert ended.is_set()
