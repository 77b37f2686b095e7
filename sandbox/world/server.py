"""Runs a world on a port, for the sandbox's runner and for tests in their own loop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from sandbox.world.app import create_world
from sandbox.world.config import WorldConfig
from sandbox.world.tasks import Tasks
from sandbox.world.world import World

_GRACE_SECONDS = 2
_POLL_SECONDS = 0.01
_TICK_SECONDS = 1  # of the date in answers
# Longer than any client keeps an idle connection, as Telegram does: with uvicorn's 5 s one would be
# closed now and then just as it is used again, and nobody knew what became of that message.
_KEEP_ALIVE_SECONDS = 75


@dataclass(frozen=True)
class WorldServer:
    url: str
    world: World


class _Server(uvicorn.Server):
    """Leaves the signals to the program that the world runs in, and says when it is ready.

    Ends at once where uvicorn looks ten times a second whether it should, and whether it has.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()
        self._ending = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    def end(self) -> None:
        self.should_exit = True
        self._ending.set()

    async def main_loop(self) -> None:
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                async with asyncio.timeout(_TICK_SECONDS):
                    await self._ending.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002 - they are its servers'
        for server in self.servers:
            await close_server(server)
        for connection in list(self.server_state.connections):
            connection.shutdown()
        with suppress(TimeoutError):
            async with asyncio.timeout(_GRACE_SECONDS):
                while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110 - uvicorn offers no event
                    await asyncio.sleep(_POLL_SECONDS)
        for task in self.server_state.tasks:
            task.cancel()
        await self.lifespan.shutdown()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serve_world(
    config: WorldConfig,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    snapshot: bytes | None = None,
) -> AsyncIterator[WorldServer]:
    """Serve until the block ends; port 0 takes a free one and sets `config.public_url` to it.

    Raises OSError when the port is taken and SnapshotError when the snapshot is broken.
    """
    listener = socket.create_server((host, port))
    try:
        url = f"http://{host}:{listener.getsockname()[1]}"
        if port == 0:
            config.public_url = url
        app = create_world(config)
        world: World = app.state.world
        if snapshot is not None:
            world.restore(snapshot)
        async with serve_app(app, listener):
            try:
                yield WorldServer(url, world)
            finally:
                # uvicorn waits for open answers, and an event stream would never end by itself.
                world.hub.close()
    finally:
        listener.close()


@asynccontextmanager
async def serve_app(app: ASGIApp, listener: socket.socket) -> AsyncIterator[None]:
    """Serve any application in this loop until the block ends; it is up when the block begins."""
    server = _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            ws="none",
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        )
    )
    # asyncio only sets it where the socket names its protocol, and each answer would wait 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    tasks = Tasks()
    serving = tasks.spawn(server.serve([listener]), name="web server")
    try:
        await server.ready.wait()
        yield
    finally:
        server.end()
        await serving
        await tasks.close()


async def close_server(server: asyncio.Server) -> None:
    """Once what it has accepted has reached its protocol: asyncio would leave that open for good.

    https://github.com/python/cpython/issues/109564
    """
    for listener in server.sockets:
        asyncio.get_running_loop().remove_reader(listener.fileno())
    for _ in range(2):  # first the transport is made, then its protocol is told
        await asyncio.sleep(0)
    server.close()
