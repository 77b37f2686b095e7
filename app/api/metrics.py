"""What Prometheus reads: with METRICS_TOKEN, or from this machine."""

import time

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.api.trusted_clients import TrustedClients
from app.core.metrics import REGISTRY
from app.core.scrubber import hide_registered_secrets

_CACHED_SECONDS = 2.0
_REFUSAL = "Send METRICS_TOKEN as a bearer token, or ask from the machine itself.\n"


class _Page:
    """The numbers, written out at most once in 2 s however many ask."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._body = ""
        self._written_at: float | None = None

    def read(self) -> str:
        now = time.monotonic()
        if self._written_at is None or now - self._written_at >= _CACHED_SECONDS:
            self._body = hide_registered_secrets(generate_latest(self._registry).decode())
            self._written_at = now
        return self._body


def create_metrics_routes(
    trusted_clients: TrustedClients, registry: CollectorRegistry = REGISTRY
) -> list[Route]:
    page = _Page(registry)

    async def metrics(request: Request) -> Response:
        if not trusted_clients.is_trusted(request):
            return PlainTextResponse(_REFUSAL, 401, {"WWW-Authenticate": "Bearer"})
        return Response(page.read(), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return [Route("/metrics", metrics, include_in_schema=False)]
