"""Where a process can be killed: between any two calls or statements, and started again."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import redis.asyncio as aioredis

from tests.support.barrier import barrier, nobody_connected
from tests.support.books import Books
from tests.support.house import House
from tests.support.instance import Instance

# Longer than any lease: what a dead process had claimed is free again.
LEASES_END_SECONDS = 100
UPDATE_LEASES = "tollgate:*:update:*"


class Stop(Protocol):
    async def wait_reached(self) -> None: ...


@dataclass
class Site:
    """One house and one process for all points, each with a buyer of its own."""

    house: House
    instance: Instance
    books: Books
    database_url: str
    redis_url: str
    offset_seconds: int = 0

    async def start_again(self) -> None:
        """After the kill, and after the time that leases need to run out."""
        await nobody_connected(self.database_url)
        async with aioredis.from_url(self.redis_url) as redis:
            for key in [key async for key in redis.scan_iter(UPDATE_LEASES)]:
                if await redis.get(key) != b"done":
                    await redis.delete(key)
        self.offset_seconds += LEASES_END_SECONDS
        await self.start()

    async def start(self) -> None:
        self.instance.start(CLOCK_OFFSET_SECONDS=str(self.offset_seconds))
        await self.instance.wait_role("active")


Where = Callable[[Site], AbstractAsyncContextManager[Stop]]


def asked(path: str) -> Where:
    """The request is on its way and never arrives."""
    return _held(path, after=False)


def answered(path: str, containing: bytes = b"") -> Where:
    """It was carried out, and the answer never arrives."""
    return _held(path, after=True, containing=containing)


def _held(path: str, *, after: bool, containing: bytes = b"") -> Where:
    @asynccontextmanager
    async def where(site: Site) -> AsyncIterator[Stop]:
        relay = (
            site.house.router if path.startswith(("/webhooks", "/telegram")) else site.house.wire
        )
        with relay.hold(path, after=after, containing=containing) as hold:
            yield hold

    return where


def before(event: str, when: str) -> Where:
    """The statement was sent and is rolled back with its transaction."""
    return lambda site: barrier(site.database_url, event, when)


def at_commit(event: str, when: str) -> Where:
    """The commit was sent and holds, but nobody hears of it."""
    return lambda site: barrier(site.database_url, event, when, at_commit=True)


def claimed(template: str) -> tuple[str, str]:
    return "UPDATE ON outbox", f"NEW.template = '{template}' AND NEW.lease_token IS NOT NULL"


def marked(template: str) -> tuple[str, str]:
    return "UPDATE ON outbox", f"NEW.template = '{template}' AND NEW.status = 'sent'"
