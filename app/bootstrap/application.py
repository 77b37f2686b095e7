"""The ASGI application: routes to an instance's parts, and a lifespan that is the service's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from pydantic import SecretStr
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute
from starlette.types import Message, Receive, Scope, Send

from app import __version__
from app.api.cryptobot_webhook import create_cryptobot_routes
from app.api.customer_page import create_customer_page_routes
from app.api.health import create_health_routes
from app.api.metrics import create_metrics_routes
from app.api.remnawave_webhook import create_remnawave_routes
from app.api.telegram_webhook import TELEGRAM_WEBHOOK_PATH, create_telegram_routes
from app.api.trusted_clients import TrustedClients
from app.bootstrap.service import Service
from app.bootstrap.wiring import ServiceParts, create_parts
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
            await self.state.parts.webhook(scope, receive, send)
        elif self._is_starting and not scope["path"].startswith(_WITHOUT_DATABASE):
            await _STARTING(scope, receive, send)
        else:
            await self._answer(scope, receive, send)

    @property
    def _is_starting(self) -> bool:
        parts: ServiceParts = self.state.parts
        return parts.readiness.schema is None

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
    parts = create_parts(settings)
    service = Service(parts)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await service.start()
        call_on_end_signal(service.begin_drain)
        try:
            yield
        finally:
            await service.stop()

    # Nothing but our own routes: no schema, and so no pages that would be looked through first.
    # Nor traces of its own: they would have whole addresses, and those of pages open a door (P12).
    app = _App(
        title="Tollgate",
        version=__version__,
        lifespan=lifespan,
        openapi_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.router.routes[:0] = _create_routes(parts)
    app.state.parts = parts
    return app


def _create_routes(parts: ServiceParts) -> list[BaseRoute]:
    settings = parts.settings
    trusted_clients = TrustedClients(_reveal(settings.metrics_token))
    return [
        *create_telegram_routes(parts.webhook),
        *create_cryptobot_routes(parts.db, _reveal(settings.cryptobot_token)),
        *create_remnawave_routes(parts.db, _reveal(settings.vpn_webhook_secret)),
        *create_customer_page_routes(parts.customer_pages),
        *create_health_routes(parts.health, trusted_clients),
        *create_metrics_routes(trusted_clients),
        *_create_admin_web_routes(parts, _reveal(settings.admin_web_secret)),
    ]


def _create_admin_web_routes(parts: ServiceParts, secret: str | None) -> list[BaseRoute]:
    if secret is None:
        return []
    from app.bootstrap.admin_web import create_routes  # noqa: PLC0415 - loaded where it is on

    return create_routes(parts, secret)


def _reveal(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
