"""Where a process can be killed: between any two calls or statements, and started again."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from sandbox.embedded import ValkeyServer
from tests.support.barrier import barrier, nobody_connected
from tests.support.books import Books
from tests.support.instance import Instance
from tests.support.service_under_test import ServiceUnderTest


class Stop(Protocol):
    async def wait_reached(self) -> None: ...


@dataclass
class Site:
    """One service under test and one process for all points, each with a buyer of its own."""

    sut: ServiceUnderTest
    instance: Instance
    books: Books
    database_url: str
    valkey: ValkeyServer

    async def start_again(self) -> None:
        """At once after the kill: no lease of the dead process has run out (P13)."""
        await nobody_connected(self.database_url)
        await self.start()

    async def start(self) -> None:
        self.instance.start()
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
        relay = site.sut.router if path.startswith(("/webhooks", "/telegram")) else site.sut.wire
        with relay.hold(path, after=after, containing=containing) as hold:
            yield hold

    return where


def before(event: str, when: str) -> Where:
    """The statement was sent and is rolled back with its transaction."""
    return lambda site: barrier(site.database_url, event, when)


def at_commit(event: str, when: str) -> Where:
    """The commit was sent and holds, but its answer never comes."""
    return lambda site: barrier(site.database_url, event, when, at_commit=True)


def claimed(template: str) -> tuple[str, str]:
    return "UPDATE ON outbox", f"NEW.template = '{template}' AND NEW.lease_token IS NOT NULL"


def marked(template: str) -> tuple[str, str]:
    return "UPDATE ON outbox", f"NEW.template = '{template}' AND NEW.status = 'sent'"
