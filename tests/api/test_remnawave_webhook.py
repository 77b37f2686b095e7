"""Remnawave's webhook over HTTP: a signed hint wakes a worker, and nothing else does anything."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from remnawave.webhooks import WebhookReceiver
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from structlog.testing import capture_logs

from app.api.remnawave_webhook import create_remnawave_routes
from app.core import clock
from app.core.worker_names import WorkerName
from app.domain.subscriptions import ActivationStatus, build_panel_name
from app.services.access.activation import provision_due_subscriptions
from tests.support.plain_http import NO_CERTIFICATES
from tests.support.stall import ANNA, Stall, stall_on

SECRET = "k7Qw" * 16
PATH = "/webhooks/remnawave"


def event_of(name: str, event: str = "user.expired") -> bytes:
    data = {"id": 7, "username": name, "status": "EXPIRED", "activeInternalSquads": []}
    at = "2026-11-30T00:00:00.000Z"
    return json.dumps({"scope": "user", "event": event, "timestamp": at, "data": data}).encode()


def sign(body: bytes, secret: str = SECRET) -> str:
    """As a client that others wrote does it."""
    return WebhookReceiver(secret).sign(body)


@pytest.fixture
async def stall(engine: AsyncEngine) -> AsyncIterator[Stall]:
    async with stall_on(engine) as stall:
        yield stall


async def post(
    stall: Stall, body: bytes, signature: str | None = None, secret: str | None = SECRET
) -> httpx.Response:
    app = Starlette(routes=[*create_remnawave_routes(stall.db, secret)])
    transport = httpx.ASGITransport(app)
    signed = sign(body) if signature is None else signature
    headers = {b"X-Remnawave-Signature": signed.encode("latin-1")}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://shop", verify=NO_CERTIFICATES
    ) as http:
        return await http.post(PATH, content=body, headers=headers)


async def subscribe(stall: Stall, ends_in: timedelta) -> str:
    """Of a user whose key works; the account's name at the panel."""
    await stall.buy_and_pay()
    await provision_due_subscriptions(stall.db, stall.panel)
    row = await stall.subscription()
    assert row.activation_status is ActivationStatus.ACTIVE
    end = clock.now() + ends_in
    await stall.change(row, expires_at=end, ends_at=end)
    stall.wakes.clear()
    return build_panel_name(ANNA, row.id)


async def test_an_end_that_the_panel_has_seen_wakes_the_worker(stall: Stall) -> None:
    name = await subscribe(stall, -timedelta(seconds=1))

    answer = await post(stall, event_of(name))

    assert (answer.status_code, answer.text) == (200, "ok")
    assert stall.wakes == [WorkerName.FAST_EXPIRY_CLEANUP]


async def test_an_end_that_our_rows_do_not_know_does_nothing(stall: Stall) -> None:
    """P2: an event that is late, replayed or of a renewed access takes nothing away."""
    name = await subscribe(stall, timedelta(days=1))
    before = await stall.subscription()

    answers = [await post(stall, event_of(name)), await post(stall, event_of("u1001_999999"))]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert stall.wakes == []
    assert (await stall.subscription()).revision == before.revision


@pytest.mark.parametrize(
    "body",
    [
        event_of("u1001_1", "user.modified"),
        event_of("somebody"),
        event_of("u9999999999999999999_1"),
        event_of("u1001_1").replace(b'"username"', b'"nickname"'),
        b'{"scope": "node", "event": "node.connection_lost", "data": {"name": "nl"}}',
        b'{"event": "user.expired", "data": null}',
        b"[]",
        b"\xff no JSON",
        b"",
    ],
)
async def test_whatever_else_the_panel_says_is_taken_and_left_alone(
    stall: Stall, body: bytes
) -> None:
    answer = await post(stall, body)

    assert (answer.status_code, stall.wakes) == (200, [])


async def test_what_is_not_signed_by_the_panel_is_refused(stall: Stall) -> None:
    """P12: nor does the expected signature appear anywhere."""
    name = await subscribe(stall, -timedelta(seconds=1))
    body = event_of(name)
    with capture_logs() as logs:
        answers = [
            await post(stall, body, signature)
            for signature in ("", "0" * 64, sign(body, "other" * 13), sign(b"{}"), "é")
        ]

    assert {answer.status_code for answer in answers} == {401}
    assert stall.wakes == []
    assert sign(body) not in f"{logs} {[answer.text for answer in answers]}"


async def test_more_than_an_event_can_be_is_not_kept(stall: Stall) -> None:
    answer = await post(stall, b"x" * (64 * 1024 + 1))

    assert answer.status_code == 413


async def test_without_a_secret_it_is_off(stall: Stall) -> None:
    answer = await post(stall, event_of("u1001_1"), secret=None)

    assert answer.status_code == 404
