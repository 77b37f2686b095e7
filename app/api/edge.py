"""uvicorn's httptools protocol with bounds, because uvicorn has no option for any of them (P12).

Each connection gets so many bytes, headers and seconds for a request, and what waits for its client
is bounded in number: the connection that has waited longest makes room for a new one, so that
silent strangers keep nobody out. What else was measured: docs/decisions/0032.
"""

import asyncio
from typing import Any, Final
from weakref import WeakKeyDictionary

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from app.core.metrics import HTTP_REFUSALS

_HEAD_BYTES: Final = 16 * 1024  # request line and headers
_MAX_HEADERS: Final = 100
_REQUEST_BYTES: Final = 512 * 1024  # all of it, as sent; routes take 256 KiB at most
_MAX_PIPELINED: Final = 16
_HEAD_SECONDS: Final = 5.0  # from the connection, or from the first byte of a later request
_BODY_SECONDS: Final = 10.0
_WRITE_SECONDS: Final = 10.0  # for a client that does not read what it asked for
_MAX_WAITING: Final = 400  # connections that owe us something
_LINGER_SECONDS: Final = 2.0

_waiting: WeakKeyDictionary[ServerState, dict["EdgeProtocol", None]] = WeakKeyDictionary()


class _RefusedError(Exception):
    """Ends the parsing; httptools makes it a parser error."""


class EdgeProtocol(HttpToolsProtocol):
    """One connection; also for `uvicorn main:app --http app.api.edge:EdgeProtocol`."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._others = _waiting.setdefault(server_state, {})  # by when they began to wait
        self._deadline: asyncio.TimerHandle | None = None
        self._write_deadline: asyncio.TimerHandle | None = None
        self._refusal = 400
        self._request_bytes = 0
        self._header_count = 0
        self._is_reading = False
        self._is_in_head = False
        self._waits_for_body = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        self._unset_keepalive_if_required()
        if self._write_deadline:
            self._write_deadline.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._request_bytes += len(data)
        super().data_received(data)
        if self._is_answering:
            self._wait_no_more()
        elif not self.transport.is_closing():
            self._listen_on()

    def _listen_on(self) -> None:
        is_in_body = self._is_in_body
        if self._request_bytes > (_REQUEST_BYTES if is_in_body else _HEAD_BYTES):
            self._refuse(413 if is_in_body else 431)
        elif self._deadline is None or is_in_body is not self._waits_for_body:
            self._wait()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_reading = self._is_in_head = True

    def on_header(self, name: bytes, value: bytes) -> None:
        if len(self.headers) >= _MAX_HEADERS:
            self._stop(431)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._header_count = len(self.headers)
        # The head cannot be longer than what came; only what came long is worth counting.
        if self._request_bytes > _HEAD_BYTES and self._count_head_bytes() > _HEAD_BYTES:
            self._stop(431)
        if len(self.pipeline) >= _MAX_PIPELINED:
            self._stop(429)
        self._is_in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        if len(self.headers) > self._header_count:
            self._stop(400)  # a trailer, which nobody needs and would stand among the headers
        self._is_reading = False
        self._request_bytes = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._is_answering and not self.transport.is_closing():
            self._others[self] = None  # the time-out of kept connections is running

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words
        """Called for whatever the parser refuses, and by us."""
        if self.transport.is_closing():
            return
        HTTP_REFUSALS.labels(str(self._refusal)).inc()
        if self._is_unanswered and (self._is_in_head or self.cycle.response_started):
            self.transport.abort()  # a refusal would be read as the answer to something else
            return
        if self._is_unanswered or not self._is_in_body:
            self.transport.write(
                STATUS_LINE[self._refusal] + b"content-length: 0\r\nconnection: close\r\n\r\n"
            )
        self.transport.close()
        self.loop.call_later(_LINGER_SECONDS, self.transport.abort)

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self.loop.call_later(_LINGER_SECONDS, self.transport.abort)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._write_deadline = self.loop.call_later(_WRITE_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._write_deadline:
            self._write_deadline.cancel()

    @property
    def _is_unanswered(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    @property
    def _is_answering(self) -> bool:
        """The client has said all, and it is our turn."""
        return self._is_unanswered and not self._is_reading

    @property
    def _is_in_body(self) -> bool:
        return self._is_reading and not self._is_in_head

    def _count_head_bytes(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _stop(self, status: int) -> None:
        self._refusal = status
        raise _RefusedError

    def _refuse(self, status: int) -> None:
        self._refusal = status
        self.send_400_response("")

    def _wait(self) -> None:
        """For the client, until it has said all."""
        if self._deadline:
            self._deadline.cancel()
        self._waits_for_body = self._is_in_body
        seconds = _BODY_SECONDS if self._waits_for_body else _HEAD_SECONDS
        self._deadline = self.loop.call_later(seconds, self._end_waiting)
        if self not in self._others:
            self._others[self] = None
            if len(self._others) > _MAX_WAITING:
                longest = next(iter(self._others))
                del self._others[longest]
                longest.transport.abort()

    def _wait_no_more(self) -> None:
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None
        self._others.pop(self, None)

    def _end_waiting(self) -> None:
        self._deadline = None
        if self.flow.read_paused or (self._is_in_head and self._is_unanswered):
            self._wait()  # it is we who do not read on, or an answer is under way
        elif self._is_reading:
            self._refuse(408)
        elif not self.transport.is_closing():
            self.transport.close()
