"""An HTTP address that stays while what stands behind it changes, and that can be stopped at.

Before the service it is the platform's router; before the world it is the wire, on which a test
listens and holds one request, or one answer, for as long as it likes.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Self

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.world.server import serve_app
from tests.support.eventually import PATIENCE_SECONDS
from tests.support.shop import free_address

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_NOT_PASSED_ON = {"host", "content-length", "transfer-encoding", "connection", "accept-encoding"}
_ANSWERED = {"content-type", "retry-after"}
_LOST = 502


async def _at_once(_path: str) -> None: ...


@dataclass(frozen=True)
class Call:
    path: str
    body: bytes
    status: int

    def value(self, name: str) -> object:
        """Of a JSON body; None when missing."""
        return json.loads(self.body).get(name)


@dataclass
class Hold:
    """Stops the calls whose path ends so: before they are passed on, or after."""

    path: str
    after: bool
    containing: bytes
    _reached: asyncio.Event = field(default_factory=asyncio.Event)
    _ended: asyncio.Event = field(default_factory=asyncio.Event)
    _passes: bool = False

    async def wait_reached(self) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._reached.wait()

    def let_pass(self) -> None:
        self._passes = True
        self._ended.set()

    def lose(self) -> None:
        self._ended.set()

    async def stop(self) -> bool:
        """Whether the call may go on."""
        self._reached.set()
        await self._ended.wait()
        return self._passes


class Relay:
    """`target` is the address behind it; without one every call gets a 502."""

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        self.url = url
        self.target: str | None = None
        self.calls: list[Call] = []
        self.delay: Callable[[str], Awaitable[None]] = _at_once  # before it is passed on
        self.repeats: Callable[[str], int] = lambda _path: 0  # how often more it is passed on
        self._http = http
        self._holds: list[Hold] = []

    @classmethod
    @asynccontextmanager
    async def open(cls, http: httpx.AsyncClient) -> AsyncIterator[Self]:
        with free_address() as (listener, url):
            relay = cls(url, http)
            app = Starlette(routes=[Route("/{path:path}", relay._answer, methods=_METHODS)])
            async with serve_app(app, listener):
                yield relay

    @contextmanager
    def hold(self, path: str, *, after: bool = False, containing: bytes = b"") -> Iterator[Hold]:
        """What is still held when the block ends is lost: not passed on, not answered."""
        hold = Hold(path, after, containing)
        self._holds.append(hold)
        try:
            yield hold
        finally:
            self._holds.remove(hold)
            hold.lose()

    def calls_of(self, path: str) -> list[Call]:
        return [call for call in self.calls if call.path.endswith(path)]

    async def _answer(self, request: Request) -> Response:
        target, path, body = self.target, request.url.path, await request.body()
        for hold in self._matching(path, after=False):
            if not await hold.stop():
                return Response(status_code=_LOST)
        await self.delay(path)
        for _ in range(self.repeats(path)):
            await self._forward(target, request, body)
        answer = await self._forward(target, request, body)
        self.calls.append(Call(path, body, answer.status_code))
        for hold in self._matching(path, after=True):
            if hold.containing in answer.body and not await hold.stop():
                return Response(status_code=_LOST)
        return answer

    def _matching(self, path: str, *, after: bool) -> list[Hold]:
        return [hold for hold in self._holds if hold.after is after and path.endswith(hold.path)]

    async def _forward(self, target: str | None, request: Request, body: bytes) -> Response:
        if target is None:
            return Response(status_code=_LOST)
        headers = {
            name: value for name, value in request.headers.items() if name not in _NOT_PASSED_ON
        }
        query = f"?{request.url.query}" if request.url.query else ""
        try:
            answer = await self._http.request(
                request.method, f"{target}{request.url.path}{query}", content=body, headers=headers
            )
        except httpx.HTTPError:
            return Response(status_code=_LOST)
        shown = {name: answer.headers[name] for name in _ANSWERED if name in answer.headers}
        return Response(answer.content, answer.status_code, shown)
