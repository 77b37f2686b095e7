"""A network that can be broken: a TCP proxy that stalls, refuses and cuts on demand.

async with TcpProxy.to(database_url) as proxy:
    ... connect to proxy.replace(database_url) ...
    proxy.stall()
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Self
from urllib.parse import urlsplit, urlunsplit

from sandbox.world.server import close_server
from tests.support.eventually import PATIENCE_SECONDS

_CHUNK_BYTES = 65_536

Watch = Callable[[bytes], None]


class TcpProxy:
    """Runs in the test's event loop, on a port of 127.0.0.1 that stays the same."""

    def __init__(self, host: str, port: int) -> None:
        self.port = 0
        self.seconds_to_server = 0.0  # how long what is sent is under way, in whole milliseconds
        self.seconds_to_client = 0.0
        self._target = (host, port)
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._holding = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()

    @classmethod
    @asynccontextmanager
    async def to(cls, url: str) -> AsyncIterator[Self]:
        """Forward to the host and port of `url` until the block ends."""
        parts = urlsplit(url)
        proxy = cls(parts.hostname or "127.0.0.1", parts.port or 0)
        await proxy.accept()
        try:
            yield proxy
        finally:
            proxy.resume()
            await proxy.refuse()
            await asyncio.gather(*proxy._serving, return_exceptions=True)

    def replace(self, url: str) -> str:
        """`url` with the proxy's address in the place of the server's."""
        parts = urlsplit(url)
        userinfo, at, _ = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=f"{userinfo}{at}127.0.0.1:{self.port}"))

    @property
    def connection_count(self) -> int:
        return len(self._writers) // 2

    def stall(self) -> None:
        """A black hole: sockets stay open and new ones open, but not a byte passes, nor an end."""
        self._flowing.clear()
        self._holding.clear()

    async def wait_holding(self) -> None:
        """Until something was said into the stall."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._holding.wait()

    def resume(self) -> None:
        """Let everything pass that was held back."""
        self._flowing.set()

    def cut(self) -> None:
        """Reset every connection; new ones are taken."""
        for writer in self._writers:
            writer.transport.abort()

    async def refuse(self) -> None:
        """Reset every connection and refuse new ones until `accept`."""
        if self._server is not None:
            server, self._server = self._server, None
            await close_server(server)
            self.cut()

    async def accept(self) -> None:
        """Take connections (again), on the same port as before."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        self._writers.add(to_client)
        if task := asyncio.current_task():
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)
        try:
            await self._flowing.wait()
            server, to_server = await asyncio.open_connection(*self._target)
        except OSError:
            self._forget(to_client)
            return
        self._writers.add(to_server)
        sent, answered = self._watch_connection()
        try:
            await asyncio.gather(
                self._forward(client, to_server, sent, lambda: self.seconds_to_server),
                self._forward(server, to_client, answered, lambda: self.seconds_to_client),
            )
        finally:
            self._forget(to_client)
            self._forget(to_server)

    def _watch_connection(self) -> tuple[Watch, Watch]:
        """For a new one: what gets the bytes to the server, and what those to the client."""
        return ignore, ignore

    async def _forward(
        self,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        watch: Watch,
        seconds: Callable[[], float],
    ) -> None:
        """Pass bytes on until either side ends, then end the other side."""
        loop = asyncio.get_running_loop()
        with suppress(OSError):
            while chunk := await source.read(_CHUNK_BYTES):
                watch(chunk)
                self._holding.set()
                await self._flowing.wait()
                if seconds():  # what comes after it is not held up
                    loop.call_later(seconds(), target.write, chunk)
                    continue
                target.write(chunk)
                await target.drain()
            await self._flowing.wait()
            if seconds():
                await asyncio.sleep(seconds())
        target.close()

    def _forget(self, writer: asyncio.StreamWriter) -> None:
        self._writers.discard(writer)
        writer.transport.abort()


def ignore(_: bytes) -> None:
    """Watch nothing."""
