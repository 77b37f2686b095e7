"""A real HTTP server in a Cellframe node's place: its status is fine, all else is as configured."""

import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.world.server import serve_app

Json = dict[str, Any]
STATUS = {"status": {"net": "Backbone", "processed": {"main": {"current": 9, "in network": 9}}}}


def envelope(result: object) -> bytes:
    return json.dumps({"type": 2, "result": [result], "id": 1}).encode()


def errors(code: int, message: str = "no") -> bytes:
    return envelope({"errors": [{"code": code, "message": message}]})


@dataclass
class OddNode:
    url: str = ""
    body: bytes = b""
    status_body: bytes = field(default_factory=lambda: envelope(STATUS))
    status_code: int = 200
    asked: list[Json] = field(default_factory=list)
    """Everything but its status."""
    headers: list[dict[str, str]] = field(default_factory=list)
    before: Callable[[], Awaitable[None]] | None = None

    async def handle(self, request: Request) -> Response:
        asked: Json = await request.json()
        self.headers.append(dict(request.headers))
        if "status" in json.dumps(asked):
            return Response(self.status_body)
        self.asked.append(asked)
        if self.before is not None:
            await self.before()
        return Response(self.body, self.status_code)


@asynccontextmanager
async def odd_node(body: bytes = b"") -> AsyncIterator[OddNode]:
    node = OddNode(body=body)
    app = Starlette(routes=[Route("/{key}/connect", node.handle, methods=["POST"])])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        node.url = f"http://127.0.0.1:{listener.getsockname()[1]}/s3cr3t-key-0123456789/connect"
        async with serve_app(app, listener):
            yield node
