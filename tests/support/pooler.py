"""A transaction pooler in small: each transaction of a client reaches another session.

It knows of PostgreSQL's protocol only what it needs: the log-in of the first session is repeated
for the second, word for word, which works with the password in clear that the tests' server asks.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

from sandbox.world.server import close_server

_READY_OUTSIDE = b"Z\0\0\0\5I"  # ReadyForQuery: the statement is over, and the transaction too
_WITHOUT_TLS = "sslmode=disable"

_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def transaction_pooler(database_url: str) -> AsyncIterator[str]:
    """Give the address of the pooler in front of `database_url`."""
    parts = urlsplit(database_url)

    async def serve(client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        sessions: list[_Streams] = []
        try:
            await _serve(client, to_client, sessions, (parts.hostname or "", parts.port or 0))
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            for writer in (to_client, *(writer for _, writer in sessions)):
                writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    netloc = f"{parts.username}:{parts.password}@127.0.0.1:{port}"
    try:
        yield urlunsplit(parts._replace(netloc=netloc, query=_WITHOUT_TLS))
    finally:
        await close_server(server)


async def _serve(
    client: asyncio.StreamReader,
    to_client: asyncio.StreamWriter,
    sessions: list[_Streams],
    target: tuple[str, int],
) -> None:
    length = await client.readexactly(4)
    start_up = length + await client.readexactly(int.from_bytes(length) - 4)
    for _ in range(2):
        sessions.append(await asyncio.open_connection(*target))
        sessions[-1][1].write(start_up)
    asked = [await _read_message(server) for server, _ in sessions]
    to_client.write(asked[0])
    password = await _read_message(client)
    greetings = []
    for server, to_server in sessions:
        to_server.write(password)
        greetings.append(await _read_until_ready(server))
    to_client.write(greetings[0])
    await asyncio.gather(_pass_up(client, sessions), _pass_down(to_client, sessions))


async def _pass_up(client: asyncio.StreamReader, sessions: list[_Streams]) -> None:
    while True:
        message = await _read_message(client)
        sessions[0][1].write(message)


async def _pass_down(to_client: asyncio.StreamWriter, sessions: list[_Streams]) -> None:
    while True:
        message = await _read_message(sessions[0][0])
        to_client.write(message)
        if message == _READY_OUTSIDE:
            sessions.reverse()


async def _read_until_ready(server: asyncio.StreamReader) -> bytes:
    answer = b""
    while True:
        message = await _read_message(server)
        answer += message
        if message == _READY_OUTSIDE:
            return answer


async def _read_message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(5)
    return head + await reader.readexactly(int.from_bytes(head[1:]) - 4)
