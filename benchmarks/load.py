"""Posts to a webhook as Telegram does, and so cheaply that the server is what is measured."""

import asyncio
import math
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

import httptools

CONNECTIONS = 20


@dataclass
class Load:
    """What came of it; latencies in seconds."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds


async def post_all(
    url: str,
    secret: str,
    bodies: Iterable[bytes],
    per_second: float = math.inf,
    *,
    connections: int = CONNECTIONS,
) -> Load:
    """Each connection posts the next body as soon as it has the answer to the last.

    With `per_second`, no sooner than its share of that rate lets it.
    """
    load = Load()
    source = iter(bodies)
    loop = asyncio.get_running_loop()
    parts = urlsplit(url)
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        f"Content-Type: application/json\r\nX-Telegram-Bot-Api-Secret-Token: {secret}\r\n"
    ).encode()
    pause_seconds = connections / per_second
    started = time.perf_counter()
    posting = [_Connection(load, head, source, pause_seconds) for _ in range(connections)]
    waiting = iter(posting)
    for _ in posting:
        await loop.create_connection(lambda: next(waiting), parts.hostname or "", parts.port or 0)
        await asyncio.sleep(pause_seconds / connections)
    await asyncio.gather(*(connection.end for connection in posting))
    load.seconds = time.perf_counter() - started
    return load


class _Connection(asyncio.Protocol):
    """One of them, with httptools' callbacks for the answers."""

    def __init__(
        self, load: Load, head: bytes, source: Iterator[bytes], pause_seconds: float
    ) -> None:
        self.end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._load = load
        self._head = head
        self._source = source
        self._pause_seconds = pause_seconds
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._post_next()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.end.done():
            self.end.set_exception(error or ConnectionResetError("closed by the server"))

    def on_message_complete(self) -> None:
        latency = time.perf_counter() - self._sent_at
        self._load.latencies.append(latency)
        self._load.statuses[self._parser.get_status_code()] += 1
        if latency >= self._pause_seconds:
            self._post_next()
        else:
            rest_seconds = self._pause_seconds - latency
            asyncio.get_running_loop().call_later(rest_seconds, self._post_next)

    def _post_next(self) -> None:
        body = next(self._source, None)
        if body is None:
            self.end.set_result(None)
            self._transport.close()
            return
        self._parser = httptools.HttpResponseParser(self)
        self._sent_at = time.perf_counter()
        self._transport.write(b"%sContent-Length: %d\r\n\r\n%s" % (self._head, len(body), body))
