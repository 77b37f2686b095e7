"""A real HTTP server in Telegram's place that answers as configured."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]

MESSAGE = {"message_id": 77, "date": 1, "chat": {"id": 7, "type": "private"}}
BOT = {"id": 42, "is_bot": True, "first_name": "Tollgate"}
HTML_502 = "<html><head><title>502 Bad Gateway</title></head></html>"


@dataclass
class OddServer:
    url: str = ""
    answers: list[Answer] = field(default_factory=list)
    """Used up one after the other; then everything is fine."""
    asked: list[str] = field(default_factory=list)
    bodies: list[tuple[str, bytes]] = field(default_factory=list)
    """Content type and body of each call."""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append((request.content_type, await request.read()))
        method = request.match_info["method"]
        self.asked.append(method)
        if self.answers:
            return await self.answers.pop(0)(request)
        return web.json_response({"ok": True, "result": _good_result(method)})


def _good_result(method: str) -> object:
    if method == "getMe":
        return BOT
    return MESSAGE if method in {"sendMessage", "sendPhoto"} else True


@asynccontextmanager
async def odd_server(port: int = 0) -> AsyncIterator[OddServer]:
    server = OddServer()
    app = web.Application()
    app.router.add_post("/bot{token}/{method}", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}"
    try:
        yield server
    finally:
        await runner.cleanup()


def html(status: int, text: str = HTML_502) -> Answer:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, text=text, content_type="text/html")

    return answer


def ok(result: object) -> Answer:
    async def answer(_request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "result": result})

    return answer


def json(status: int, **content: object) -> Answer:
    async def answer(_request: web.Request) -> web.Response:
        return web.json_response({"ok": False, "error_code": status, **content}, status=status)

    return answer


def flood(retry_after: int) -> Answer:
    description = f"Too Many Requests: retry after {retry_after}"
    return json(429, description=description, parameters={"retry_after": retry_after})


async def drop_the_connection(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def redirect_for_ever(request: web.Request) -> web.StreamResponse:
    raise web.HTTPTemporaryRedirect(request.path)


async def never_answer(_request: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError
