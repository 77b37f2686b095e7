"""What strangers learn of the service, and who is none."""

import asyncio
import time

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.routing import BaseRoute

from app.api.health import Health, create_health_routes
from app.api.metrics import create_metrics_routes
from app.api.trusted_clients import TrustedClients
from app.core.scrubber import register_secrets
from app.domain.ports import UnavailableError
from tests.api.conftest import Crowd, serve

TOKEN = "0123456789abcdef-metrics"
FORWARDED = [
    {"X-Forwarded-For": "127.0.0.1"},
    {"X-Forwarded-For": ""},
    {"X-Forwarded-Proto": "https"},
    {"Forwarded": "for=127.0.0.1"},
    {"X-Real-IP": "::1"},
    {"Via": "1.1 Caddy"},
    {"CF-Connecting-IP": "127.0.0.1"},
    {"Host": "shop.example"},
    {"Host": "127.0.0.1.shop.example"},
    {"Host": "[oops"},
]


async def fine() -> None:
    return


async def away() -> None:
    raise UnavailableError("refused by 10.1.2.3 with hidden-inside-9")


def routes(token: str | None = TOKEN) -> list[BaseRoute]:
    checks = {"database": fine, "panel": away, "cryptobot": None}
    health = Health(checks, role=lambda: "active", workers=lambda: {"w": 1}, version="1.2.3")
    trusted_clients = TrustedClients(token)
    return [*create_health_routes(health, trusted_clients), *create_metrics_routes(trusted_clients)]


def ask_as(peer: str | None, headers: dict[str, str], version: str = "1.1") -> Request:
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    client = (peer, 5000) if peer else None
    return Request(
        {"type": "http", "headers": raw, "client": client, "http_version": version, "path": "/"}
    )


@pytest.mark.parametrize("headers", FORWARDED)
async def test_strangers_learn_status_role_and_words_alone(headers: dict[str, str]) -> None:
    """P12: a proxy on the same machine makes nobody a neighbour."""
    async with serve(routes()) as client:
        health = await client.get("/health", headers=headers)
        metrics = await client.get("/metrics", headers=headers)

    assert health.status_code == 200
    assert health.json() == {
        "status": "degraded",
        "role": "active",
        "checks": {
            "database": {"status": "ok"},
            "panel": {"status": "failing"},
            "cryptobot": {"status": "off"},
        },
    }
    assert metrics.status_code == 401
    assert metrics.headers["WWW-Authenticate"] == "Bearer"
    assert "tollgate_" not in metrics.text


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
async def test_the_token_opens_both_from_anywhere(scheme: str) -> None:
    headers = {"X-Forwarded-For": "8.8.8.8", "Authorization": f"{scheme} {TOKEN}"}
    async with serve(routes()) as client:
        health = (await client.get("/health", headers=headers)).json()
        metrics = await client.get("/metrics", headers=headers)

    assert (health["version"], health["workers"]) == ("1.2.3", {"w": 1})
    assert "error" in health["checks"]["panel"]
    assert "latency_ms" in health["checks"]["database"]
    assert "tollgate_updates_total" in metrics.text


@pytest.mark.parametrize(
    "given", [f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", TOKEN, "Bearer", "é"]
)
async def test_a_wrong_token_opens_nothing(given: str) -> None:
    headers = {b"X-Forwarded-For": b"8.8.8.8", b"Authorization": given.encode("latin-1")}
    async with serve(routes()) as client:
        answer = await client.get("/metrics", headers=headers)

    assert answer.status_code == 401


async def test_without_a_token_no_header_opens_anything() -> None:
    headers = {"X-Forwarded-For": "8.8.8.8", "Authorization": "Bearer None"}
    async with serve(routes(token=None)) as client:
        assert (await client.get("/metrics", headers=headers)).status_code == 401
        assert (await client.get("/metrics")).status_code == 200


@pytest.mark.parametrize(
    ("peer", "version", "is_inside"),
    [
        ("127.0.0.1", "1.1", True),
        ("127.8.9.1", "1.1", True),
        ("::1", "1.1", True),
        ("::ffff:127.0.0.1", "1.1", True),
        ("127.0.0.1", "1.0", False),  # nginx as it is without a line of its own
        ("172.17.0.1", "1.1", False),
        ("10.0.0.7", "1.1", False),
        ("2001:db8::1", "1.1", False),
        ("testclient", "1.1", False),
        (None, "1.1", False),
    ],
)
def test_only_the_peers_own_address_counts(
    peer: str | None, version: str, *, is_inside: bool
) -> None:
    request = ask_as(peer, {"Host": "localhost:8080"}, version)

    assert TrustedClients(None).is_trusted(request) is is_inside


async def test_no_secret_of_the_settings_is_in_health_or_metrics() -> None:
    """P12."""
    registry = CollectorRegistry()
    registry.register(Labelled())
    register_secrets(["hidden-inside-9"])
    health = Health({"panel": away}, role=lambda: "active", workers=dict, version="1")
    trusted_clients = TrustedClients(None)
    try:
        shown = [
            *create_health_routes(health, trusted_clients),
            *create_metrics_routes(trusted_clients, registry),
        ]
        async with serve(shown) as client:
            texts = [(await client.get(path)).text for path in ("/health", "/metrics")]
    finally:
        register_secrets([])

    assert "refused by" in texts[0]
    assert "labelled" in texts[1]
    assert [text for text in texts if "hidden-inside-9" in text] == []


class Labelled(Collector):
    """Counts how often it is read."""

    def __init__(self) -> None:
        self.reads = 0

    def collect(self) -> list[Metric]:
        self.reads += 1
        family = GaugeMetricFamily("labelled", "x", labels=["endpoint"])
        family.add_metric(["https://node/hidden-inside-9"], 1)
        return [family]


async def test_many_who_ask_for_the_metrics_cost_one_reading() -> None:
    registry, counted = CollectorRegistry(), Labelled()
    registry.register(counted)
    read_before = counted.reads
    started = time.monotonic()
    async with serve([*create_metrics_routes(TrustedClients(None), registry)]) as client:
        answers = await asyncio.gather(*(client.get("/metrics") for _ in range(100)))

    most = 1 + (time.monotonic() - started) // 2
    assert {answer.status_code for answer in answers} == {200}
    assert 1 <= counted.reads - read_before <= most


async def test_strangers_who_ask_in_a_flood_cost_one_round_of_checks() -> None:
    asked = []
    crowd = Crowd(100)

    async def check() -> None:
        asked.append(1)
        await crowd.is_there.wait()

    health = Health({"database": check}, role=crowd.role, workers=dict, version="1")
    async with serve([*create_health_routes(health, TrustedClients(None))]) as client:
        flood = (client.get("/health", headers={"X-Real-IP": "8.8.8.8"}) for _ in range(100))
        answers = await asyncio.gather(*flood)

    assert {answer.status_code for answer in answers} == {200}
    assert len(asked) == 1


async def test_guessing_the_token_is_slowed_down_for_that_network_alone() -> None:
    """In process: from there the right one waits a minute, too."""
    async with serve(routes()) as client:

        async def ask(token: str, network: str) -> int:
            sent = {"Authorization": f"Bearer {token}", "X-Forwarded-For": network}
            return (await client.get("/metrics", headers=sent)).status_code

        guesses = [await ask(f"guess-{number}", "203.0.113.9") for number in range(10)]
        assert guesses == [401] * 10
        assert await ask(TOKEN, "203.0.113.9") == 401
        assert await ask(TOKEN, "203.0.113.10") == 200
