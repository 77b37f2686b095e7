"""Fans the world's events out to the pages that watch (Server-Sent Events)."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress

from pydantic import JsonValue

_QUEUE_SIZE = 5_000
_KEEP_ALIVE_SECONDS = 15


class EventHub:
    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[bytes | None]] = set()

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    def publish(self, event: str, **fields: JsonValue) -> None:
        if not self._listeners:
            return
        data = json.dumps({"type": event, **fields}, ensure_ascii=False, separators=(",", ":"))
        line = f"data: {data}\n\n".encode()
        for queue in list(self._listeners):
            self._put(queue, line)

    async def stream(self) -> AsyncIterator[bytes]:
        """Lines of one subscription, until the world closes or the reader is too slow."""
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(_QUEUE_SIZE)
        self._listeners.add(queue)
        try:
            yield b"retry: 1000\n\n"
            while True:
                line: bytes | None = b": still here\n\n"
                with suppress(TimeoutError):
                    line = await asyncio.wait_for(queue.get(), _KEEP_ALIVE_SECONDS)
                if line is None:
                    return
                yield line
        finally:
            self._listeners.discard(queue)

    def close(self) -> None:
        """End every subscription; a web server waits for open answers before it stops."""
        for queue in list(self._listeners):
            self._end(queue)

    def _put(self, queue: asyncio.Queue[bytes | None], line: bytes) -> None:
        try:
            queue.put_nowait(line)
        except asyncio.QueueFull:
            # The page connects again and reads the whole state, which costs less than a gap.
            self._end(queue)

    def _end(self, queue: asyncio.Queue[bytes | None]) -> None:
        self._listeners.discard(queue)
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)
