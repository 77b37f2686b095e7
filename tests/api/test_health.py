"""Readiness for the platform, truth for the operator."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
import pytest

from app.api.health import Check, Health, create_health_routes
from app.api.metrics import create_metrics_routes
from app.api.trusted_clients import TrustedClients
from app.domain.ports import UnavailableError
from tests.api.conftest import Crowd, serve


async def fine() -> None:
    return


async def away() -> None:
    raise UnavailableError("the panel answered 502")


async def crashing() -> None:
    raise ConnectionError("postgresql://user:password@host is away")


async def silent() -> None:
    await asyncio.Event().wait()


Ask = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def ask() -> Ask:
    async def ask(role: str = "active", /, **checks: Check | None) -> httpx.Response:
        health = Health(checks, role=lambda: role, workers=workers, version="1.2.3")
        async with serve([*create_health_routes(health, TrustedClients(None))]) as client:
            return await client.get("/health")

    return ask


def workers() -> Mapping[str, Any]:
    return {"outbox": {"running": True}}


async def test_all_is_well(ask: Ask) -> None:
    answer = await ask(database=fine, redis=fine)
    report = answer.json()

    assert answer.status_code == 200
    assert report["status"] == "ok"
    assert report["role"] == "active"
    assert report["version"] == "1.2.3"
    assert report["workers"] == {"outbox": {"running": True}}
    assert report["checks"]["redis"]["status"] == "ok"
    assert isinstance(report["checks"]["redis"]["latency_ms"], int)


@pytest.mark.parametrize("role", ["standby", "draining"])
async def test_readiness_never_depends_on_leadership(ask: Ask, role: str) -> None:
    """P7: a standby that is not healthy would block every deploy."""
    answer = await ask(role, database=fine)

    assert answer.status_code == 200
    assert answer.json()["role"] == role


@pytest.mark.parametrize("name", ["redis", "telegram", "cryptobot", "panel"])
async def test_what_may_be_away_degrades(ask: Ask, name: str) -> None:
    answer = await ask(database=fine, **{name: away})

    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["checks"][name]["error"] == "the panel answered 502"


async def test_without_the_database_we_are_down(ask: Ask) -> None:
    answer = await ask(database=away, redis=fine)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.json()["status"] == "down"


async def test_what_is_switched_off_is_off_and_no_problem(ask: Ask) -> None:
    answer = await ask(database=fine, cryptobot=None)

    assert answer.json()["status"] == "ok"
    assert answer.json()["checks"]["cryptobot"] == {"status": "off"}


async def test_no_secret_is_in_an_error(ask: Ask) -> None:
    """P12: the page is public; an unexpected error shows its kind only."""
    answer = await ask(database=fine, redis=crashing)

    assert answer.json()["checks"]["redis"]["error"] == "ConnectionError"
    assert "password" not in answer.text


async def test_checks_that_hang_end_together_at_their_bound(ask: Ask) -> None:
    """P6."""
    hanging = dict.fromkeys(("redis", "telegram", "cryptobot", "panel"), silent)
    answer = await ask(database=fine, **hanging)
    checks = answer.json()["checks"]

    assert checks["database"]["status"] == "ok"
    assert all(checks[name]["error"] == "no answer within 2 s" for name in hanging)


async def test_many_who_ask_cost_one_round_of_checks() -> None:
    """P12: a public page must not become a load on what it asks."""
    asked = []
    crowd = Crowd(50)

    async def check() -> None:
        asked.append(1)
        await crowd.is_there.wait()

    health = Health({"database": check}, role=crowd.role, workers=dict, version="1")
    async with serve([*create_health_routes(health, TrustedClients(None))]) as client:
        answers = await asyncio.gather(*(client.get("/health") for _ in range(50)))
        answers.append(await client.get("/health"))

    assert {answer.status_code for answer in answers} == {200}
    assert len(asked) == 1


async def test_the_role_is_reported_as_it_is_now() -> None:
    """P7: a hand-over is seen at once, cached checks or not."""
    role = "standby"
    health = Health({"database": fine}, role=lambda: role, workers=dict, version="1")
    async with serve([*create_health_routes(health, TrustedClients(None))]) as client:
        before = await client.get("/health")
        role = "active"
        after = await client.get("/health")

    assert [before.json()["role"], after.json()["role"]] == ["standby", "active"]


async def test_liveness_asks_nobody() -> None:
    health = Health({"database": silent}, role=lambda: "active", workers=dict, version="1")
    async with serve([*create_health_routes(health, TrustedClients(None))]) as client:
        answer = await client.get("/health/live")

    assert answer.status_code == 200


async def test_prometheus_reads_the_metrics() -> None:
    async with serve([*create_metrics_routes(TrustedClients(None))]) as client:
        answer = await client.get("/metrics")

    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert "# TYPE tollgate_updates_total counter" in answer.text
    assert "tollgate_updates_in_flight" in answer.text
