"""The ASGI application around the service: its life, and its way in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from app import __version__
from app.api.telegram_webhook import TELEGRAM_WEBHOOK_PATH
from app.bootstrap.service import Service
from app.core.settings import Settings
from app.process import call_on_end_signal

_WITHOUT_DATABASE = ("/health", "/metrics")
_STARTING = PlainTextResponse("starting", 503, {"Retry-After": "5"})
_ENDING = PlainTextResponse("ending", 503, {"Retry-After": "1"})


class _App(FastAPI):
    """Telegram's way in passes no middleware: together they cost as much as reading an update."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
        elif scope["path"] == TELEGRAM_WEBHOOK_PATH and scope["method"] == "POST":
            await self.state.service.webhook(scope, receive, send)
        elif self.state.service.readiness.schema is None and not scope["path"].startswith(
            _WITHOUT_DATABASE
        ):
            await _STARTING(scope, receive, send)
        else:
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """With 503 where the server, at its end, gives the request up before its answer began."""
        has_begun = False

        async def record_and_send(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await super().__call__(scope, receive, record_and_send)
        except asyncio.CancelledError:
            if has_begun:
                raise
            await _ENDING(scope, receive, send)


def create_app(settings: Settings) -> FastAPI:
    """The ASGI application; its lifespan runs the service."""
    service = Service(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await service.start()
        call_on_end_signal(service.begin_drain)
        try:
            yield
        finally:
            await service.stop()

    # Nothing but our own routes: no schema, and so no pages that would be looked through first.
    app = _App(title="Tollgate", version=__version__, lifespan=lifespan, openapi_url=None)
    app.router.routes[:0] = service.routes
    app.state.service = service
    return app
