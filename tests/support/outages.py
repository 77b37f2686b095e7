"""A server that is away: stopped, or frozen with its sockets open."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

import psutil

from sandbox.embedded import PostgresServer, ValkeyServer

Outage = Callable[[ValkeyServer], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def stopped(server: PostgresServer | ValkeyServer) -> AsyncIterator[None]:
    await asyncio.to_thread(server.stop)
    try:
        yield
    finally:
        await asyncio.to_thread(server.start)


@asynccontextmanager
async def frozen(server: PostgresServer | ValkeyServer) -> AsyncIterator[None]:
    """Every process of it; its sockets stay open."""
    assert server.pid is not None
    parent = psutil.Process(server.pid)
    processes = [parent, *parent.children(recursive=True)]
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.resume()
