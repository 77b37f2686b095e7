"""Runs a world on a port, for the sandbox's runner and for tests in their own loop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from sandbox.world.app import create_world
from sandbox.world.config import WorldConfig
from sandbox.world.tasks import Tasks
from sandbox.world.world import World

_GRACE_SECONDS = 2
# Longer than any client keeps an idle connection, as Telegram does: with uvicorn's 5 s one would be
# closed now and then just as it is used again, and nobody knew what became of that message.
_KEEP_ALIVE_SECONDS = 75


@dataclass(frozen=True)
class WorldServer:
    url: str
    world: World


class _Server(uvicorn.Server):
    """Leaves the signals to the program that the world runs in, and says when it is ready."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

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
            timeout_graceful_shutdown=_GRACE_SECONDS,
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
        server.should_exit = True
        await serving
        await tasks.close()
