"""A round of a worker while another one holds a row: that they overlap is proved, not hoped for."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from tests.support.locks import held

Subject = TypeVar("Subject")


@dataclass(frozen=True)
class Round(Generic[Subject]):
    """`prepare` makes two rows due; `run` gives how many of them are done by now.

    `holds` selects one of the two FOR UPDATE, as another round would lock it.
    """

    prepare: Callable[[Subject], Awaitable[None]]
    holds: str
    run: Callable[[Subject], Awaitable[int]]


async def count_done(
    round_: Round[Subject], subject: Subject, database_url: str
) -> tuple[int, int]:
    """How many are done while the one row is held, and after a second round once it is free."""
    await round_.prepare(subject)
    async with held(database_url, round_.holds), asyncio.timeout(20):
        done_beside = await round_.run(subject)
    return done_beside, await round_.run(subject)
