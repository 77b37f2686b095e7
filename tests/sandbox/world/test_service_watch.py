"""What the page learns of the service's own health and numbers."""

import asyncio
import socket

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sandbox.world import WorldConfig
from sandbox.world.server import serve_app
from tests.sandbox.world.peers import Api, Json
from tests.support.eventually import eventually

METRICS = """\
# TYPE updates_total counter
updates_total{outcome="ok"} 3.0
# TYPE latency_seconds histogram
latency_seconds_bucket{le="+Inf"} 3.0
latency_seconds_sum 0.25
latency_seconds_count 3.0
# TYPE python_info gauge
python_info 1.0
# TYPE age_seconds gauge
age_seconds NaN
"""


async def health(_request: Request) -> Response:
    await asyncio.sleep(0)
    return JSONResponse({"status": "ok", "role": "active"})


async def metrics(_request: Request) -> Response:
    await asyncio.sleep(0)
    return PlainTextResponse(METRICS)


async def test_health_and_numbers_are_read_while_the_service_is_up(
    config: WorldConfig, control: Api, client: httpx.AsyncClient
) -> None:
    routes = [Route("/health", health), Route("/metrics", metrics)]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with serve_app(Starlette(routes=routes), listener):
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            config.service_url = url
            async with client.stream("GET", "/world/events") as answer:
                lines = answer.aiter_lines()
                while "service" not in await anext(lines):
                    pass
            service = (await control.get("state"))["service"]
    assert service == {
        "up": True,
        "url": url,
        "health": {"status": "ok", "role": "active"},
        "metrics": {
            'updates_total{outcome="ok"}': 3.0,
            "latency_seconds_sum": 0.25,
            "latency_seconds_count": 3.0,
        },
    }

    down: Json = {"up": False, "url": url, "health": None, "metrics": {}}

    async def is_down() -> bool:
        return bool((await control.get("state"))["service"] == down)

    await eventually(is_down)
