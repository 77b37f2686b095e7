"""Counts what a program asks of PostgreSQL and of Redis, exactly: on the wire between them.

async with PostgresWire.to(database_url) as postgres, RedisWire.to(redis_url) as redis:
    ... let it connect to postgres.replace(database_url) and redis.replace(redis_url) ...
    postgres.forget()
    ... let it do what is to be counted ...
    assert (postgres.round_trips, postgres.statements) == (1, ["SELECT 1"])

Log-ins to PostgreSQL are not counted, and TLS is not read: the servers of tests have none.
"""

from collections.abc import Iterator
from typing import Final

from tests.support.proxy import TcpProxy, Watch, ignore

_ENCRYPTION_REQUESTS: Final = {80877103, 80877104}  # TLS and GSSAPI, before the log-in
_WAITED_FOR: Final = {b"Q", b"S", b"H"}  # Query, Sync, Flush

_Words = list[bytes]


class PostgresWire(TcpProxy):
    """`statements` holds the text of each that was executed, BEGIN and COMMIT included.

    A round trip is what makes the client wait: a simple query, or all up to a Sync or a Flush.
    """

    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port)
        self.forget()

    def forget(self) -> None:
        self.round_trips = 0
        self.statements: list[str] = []

    def _watch_connection(self) -> tuple[Watch, Watch]:
        return _PostgresRequests(self).read, ignore


class _PostgresRequests:
    """Of one connection; of the protocol it knows what it needs to count."""

    def __init__(self, wire: PostgresWire) -> None:
        self._wire = wire
        self._buffer = bytearray()
        self._has_begun = False  # before, messages have no kind
        self._prepared: dict[bytes, str] = {}
        self._portals: dict[bytes, str] = {}

    def read(self, chunk: bytes) -> None:
        self._buffer += chunk
        while message := self._take_message():
            kind, body = message
            if not kind:
                self._has_begun = int.from_bytes(body[:4]) not in _ENCRYPTION_REQUESTS
            elif kind == b"P":
                name, text, _ = body.split(b"\0", 2)
                self._prepared[name] = text.decode()
            elif kind == b"B":
                portal, name, _ = body.split(b"\0", 2)
                self._portals[portal] = self._prepared[name]
            elif kind == b"E":
                self._wire.statements.append(self._portals[body.partition(b"\0")[0]])
            elif kind == b"Q":
                self._wire.statements.append(body.rstrip(b"\0").decode())
            self._wire.round_trips += kind in _WAITED_FOR

    def _take_message(self) -> tuple[bytes, bytes] | None:
        """Kind and body, cut off the buffer; None while it is not whole."""
        start = int(self._has_begun)
        end = start + int.from_bytes(self._buffer[start : start + 4])
        if not start + 4 <= len(self._buffer) >= end:
            return None
        kind, body = bytes(self._buffer[:start]), bytes(self._buffer[start + 4 : end])
        del self._buffer[:end]
        return kind, body


class RedisWire(TcpProxy):
    """`commands` holds the words of each. A round trip begins when nothing waits for an answer."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port)
        self.forget()

    def forget(self) -> None:
        self.round_trips = 0
        self.commands: list[str] = []

    def _watch_connection(self) -> tuple[Watch, Watch]:
        conversation = _RedisConversation(self)
        return conversation.read_client, conversation.read_server


class _RedisConversation:
    def __init__(self, wire: RedisWire) -> None:
        self._wire = wire
        self._from_client, self._from_server = bytearray(), bytearray()
        self._waiting = 0

    def read_client(self, chunk: bytes) -> None:
        self._from_client += chunk
        for words in _take_values(self._from_client):
            self._wire.round_trips += self._waiting == 0
            self._wire.commands.append(b" ".join(words).decode(errors="replace"))
            self._waiting += 1

    def read_server(self, chunk: bytes) -> None:
        self._from_server += chunk
        self._waiting -= len(list(_take_values(self._from_server)))


def _take_values(buffer: bytearray) -> Iterator[_Words]:
    """The words of each whole value of RESP 2 (a command, or an answer), cut off the buffer."""
    while True:
        words: _Words = []
        end = _read_value(buffer, 0, words)
        if end is None:
            return
        del buffer[:end]
        yield words


def _read_value(buffer: bytearray, start: int, words: _Words) -> int | None:
    """Where it ends; None while it is not whole."""
    line_end = buffer.find(b"\r\n", start)
    if line_end < 0:
        return None
    kind, line, end = buffer[start : start + 1], bytes(buffer[start + 1 : line_end]), line_end + 2
    if kind == b"*":
        for _ in range(int(line)):
            inner_end = _read_value(buffer, end, words)
            if inner_end is None:
                return None
            end = inner_end
        return end
    if kind == b"$" and int(line) >= 0:
        line, end = bytes(buffer[end : end + int(line)]), end + int(line) + 2
    words.append(line)
    return end if end <= len(buffer) else None
