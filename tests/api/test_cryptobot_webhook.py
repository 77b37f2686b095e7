"""Crypto Pay's webhook over HTTP: what it answers decides whether a payment is lost (P1)."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg
import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from structlog.testing import capture_logs

from app.api.cryptobot_webhook import create_cryptobot_routes
from app.core.metrics import REGISTRY
from app.db.models import EventOutcome, ExternalEvent, LedgerEntry, Purchase
from app.domain.payments import PurchaseStatus
from sandbox.world.server import serve_app
from tests.support.plain_http import NO_CERTIFICATES
from tests.support.proxy import TcpProxy
from tests.support.shop import free_address
from tests.support.stall import ANNA, OLGA, Stall, open_stall, stall_on

TOKEN = "4242:AApayTokenAAA"
PATH = "/webhooks/cryptobot"


def sign(body: bytes, token: str = TOKEN) -> str:
    return hmac.new(hashlib.sha256(token.encode()).digest(), body, hashlib.sha256).hexdigest()


def event_of(purchase: Purchase, **changes: object) -> bytes:
    """As Crypto Pay sends it."""
    invoice = {
        "invoice_id": int(purchase.invoice_id or 0),
        "hash": "IVDoTcNBYEfk",
        "currency_type": "fiat",
        "fiat": "USD",
        "amount": "4.99",
        "paid_asset": "USDT",
        "status": "paid",
        "bot_invoice_url": "https://t.me/CryptoBot?start=IVDoTcNBYEfk",
        "payload": f"{purchase.id}.{purchase.user_id}",
        "paid_at": "2026-08-01T12:00:00.000Z",
    }
    return json.dumps(
        {
            "update_id": 1,
            "update_type": "invoice_paid",
            "request_date": "2026-08-01T12:00:01Z",
            "payload": invoice | changes,
        }
    ).encode()


@dataclass
class Till:
    stall: Stall
    http: httpx.AsyncClient

    async def post(self, body: bytes, signature: str | None = None) -> httpx.Response:
        return await self.http.post(PATH, content=body, headers=self.signed(body, signature))

    def signed(self, body: bytes, signature: str | None = None) -> dict[str, str]:
        return {"crypto-pay-api-signature": sign(body) if signature is None else signature}


@pytest.fixture
async def stall(engine: AsyncEngine) -> AsyncIterator[Stall]:
    async with stall_on(engine) as stall:
        yield stall


@pytest.fixture
async def till(stall: Stall) -> AsyncIterator[Till]:
    app = Starlette(routes=[*create_cryptobot_routes(stall.db, TOKEN)])
    with free_address() as (listener, url):
        async with (
            serve_app(app, listener),
            httpx.AsyncClient(base_url=url, timeout=30, verify=NO_CERTIFICATES) as http,
        ):
            yield Till(stall, http)


async def test_a_signed_event_is_stored_settled_and_only_then_acknowledged(till: Till) -> None:
    """P1."""
    purchase = await till.stall.buy()
    body = event_of(purchase)

    answer = await till.post(body)

    assert (answer.status_code, answer.text) == (200, "ok")
    (event,) = await till.stall.rows(ExternalEvent)
    assert (event.body, event.outcome) == (body, EventOutcome.SETTLED)
    assert (await till.stall.again(purchase)).status is PurchaseStatus.PAID


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "0" * 64,
        "not hexadecimal",
        "é",
        sign(b"another body"),
        sign(b"{}", "4243:AAanotherToken"),
    ],
)
async def test_a_wrong_signature_is_refused_and_leaves_no_trace(till: Till, signature: str) -> None:
    """P1, P12: nor does the expected one appear in a log or in the answer."""
    body = b"{}"
    with capture_logs() as logs:
        answer = await till.http.post(
            PATH, content=body, headers={b"crypto-pay-api-signature": signature.encode("latin-1")}
        )

    assert answer.status_code == 401
    assert await till.stall.rows(ExternalEvent) == []
    assert [log["event"] for log in logs] == ["payment_signature_wrong"]
    assert sign(body) not in answer.text + str(answer.headers) + str(logs)
    assert TOKEN not in str(logs)


async def test_without_a_signature_it_is_refused(till: Till) -> None:
    assert (await till.http.post(PATH, content=b"{}")).status_code == 401


async def test_an_altered_body_is_refused(till: Till) -> None:
    """P1: the signature is of the bytes, so that a space more is another body."""
    purchase = await till.stall.buy()
    body = event_of(purchase)
    for altered in (body + b" ", body.replace(b"4.99", b"9.99"), b""):
        assert (await till.post(altered, sign(body))).status_code == 401

    assert await till.stall.rows(LedgerEntry) == []


async def test_whatever_is_signed_is_believed_byte_for_byte(till: Till) -> None:
    """P1: parsed and written again it would be other bytes."""
    purchase = await till.stall.buy()
    body = (
        json.dumps(json.loads(event_of(purchase)), indent=3).encode().replace(b"USD", b"US\\u0044")
    )

    assert (await till.post(body)).status_code == 200
    assert (await till.stall.again(purchase)).status is PurchaseStatus.PAID


async def test_a_replay_is_acknowledged_and_changes_nothing(till: Till) -> None:
    """P2."""
    purchase = await till.stall.buy()
    for _ in range(3):
        assert (await till.post(event_of(purchase))).status_code == 200

    assert len(await till.stall.rows(LedgerEntry)) == 2
    assert await till.stall.notified() == ["payment-received"]


async def test_fifty_at_once_settle_once(till: Till) -> None:
    """P1, P2."""
    body = event_of(await till.stall.buy())

    answers = await asyncio.gather(*(till.post(body) for _ in range(50)))

    assert {answer.status_code for answer in answers} == {200}
    assert len(await till.stall.rows(LedgerEntry)) == 2
    assert len(await till.stall.rows(ExternalEvent)) == 1


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"payload": "somebody"}, "operator-payment-unmatched"),
        ({"amount": "4.98"}, "operator-payment-short"),
        ({"amount": "5.00"}, "operator-payment-over"),
        ({"fiat": "EUR"}, "operator-payment-foreign"),
        ({"currency_type": "crypto", "asset": "USDT"}, "operator-payment-foreign"),
        ({"payload": None}, "operator-payment-unmatched"),
    ],
)
async def test_what_an_operator_must_decide_is_kept_and_acknowledged(
    till: Till, changes: dict[str, object], told: str
) -> None:
    """P1, P9: repeating it would change nothing."""
    purchase = await till.stall.buy()
    if "payload" in changes:
        changes = changes | {"invoice_id": 31}

    assert (await till.post(event_of(purchase, **changes))).status_code == 200

    assert await till.stall.notified(OLGA) == [told]
    assert len(await till.stall.rows(ExternalEvent)) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"update_type":"invoice_paid"}',
        b'{"update_type":"' + b"x" * 1_000 + b'"}',
        b"[" * 30_000,
        b"9" * 30_000,
    ],
)
async def test_a_signed_body_that_is_no_event_is_kept_and_acknowledged(
    till: Till, body: bytes
) -> None:
    """P1: 4xx for ever would switch the webhook off for all the others."""
    assert (await till.post(body)).status_code == 200

    (event,) = await till.stall.rows(ExternalEvent)
    assert (event.body, event.outcome) == (body, EventOutcome.IGNORED)
    assert await till.stall.notified(OLGA) == ["operator-event-malformed"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"status": "refunded"}, "operator-event-unclear"),
        ({"status": None}, "operator-event-unclear"),
        ({"fiat": None}, "operator-payment-foreign"),
        ({"fiat": "U\0D"}, "operator-payment-foreign"),
        ({"fiat": "XAU"}, "operator-payment-foreign"),
        ({"amount": "4.99\0"}, "operator-payment-foreign"),
        ({"amount": None}, "operator-payment-foreign"),
        ({"amount": "1e999999999"}, "operator-payment-foreign"),
        ({"amount": 10**400}, "operator-payment-foreign"),
        ({"payload": "\0"}, "operator-payment-foreign"),
        ({"payload": {"order": 1}}, "operator-payment-foreign"),
        ({"payload": None, "invoice_id": 10**30}, "operator-payment-unmatched"),
        ({"payload": None, "invoice_id": -1}, "operator-payment-unmatched"),
        ({"payload": None, "invoice_id": "x" * 5_000}, "operator-payment-unmatched"),
        ({"invoice_id": None}, "operator-event-malformed"),
        ({"invoice_id": []}, "operator-event-malformed"),
    ],
)
async def test_an_event_with_odd_values_is_kept_and_reported_with_its_invoice_and_sum(
    till: Till, changes: dict[str, object], told: str
) -> None:
    """P1: each time, and however odd it is."""
    purchase = await till.stall.buy()
    body = event_of(purchase, **changes)

    for _ in range(2):
        assert (await till.post(body)).status_code == 200

    (event,) = await till.stall.rows(ExternalEvent)
    assert event.body == body
    (notification,) = await till.stall.notifications(OLGA)
    assert notification.template == told
    assert notification.values["invoice"]
    assert notification.values["paid"]


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 4.99},  # a number, not a text
        {"amount": "4.9900000000000000000000"},
        {"amount": "499e-2"},
        {"status": "PAID"},
        {"invoice_id": "31"},
        {"currency_type": None},
        {"currency_type": "Fiat", "fiat": "usd"},
        {"payload": None},
        {"payload": ""},
        {"paid_at": None},
        {"paid_at": 1785585600},
        {"paid_at": "2026-08-01T12:00:00"},
        {"bot_invoice_url": None},
        {"bot_invoice_url": "\0"},
        {"hash": ["of", "another", "shape"], "swap": {"to": None}},
    ],
)
async def test_what_is_needed_is_read_and_the_rest_costs_nothing(
    till: Till, changes: dict[str, object]
) -> None:
    """P1: an invoice of ours, paid in full."""
    purchase = await till.stall.buy()
    if "invoice_id" in changes:
        await till.stall.change(purchase, invoice_id=changes["invoice_id"])

    assert (await till.post(event_of(purchase, **changes))).status_code == 200

    assert (await till.stall.again(purchase)).status is PurchaseStatus.PAID
    assert await till.stall.notified() == ["payment-received"]
    assert await till.stall.notified(OLGA) == []


@pytest.mark.parametrize("early", ["active", "expired", "ACTIVE", "pending", None])
async def test_an_early_event_is_not_the_last_word(till: Till, early: str | None) -> None:
    """P1: the key of both is the same."""
    purchase = await till.stall.buy()
    for status in (early, early, "paid", early, "paid"):
        assert (await till.post(event_of(purchase, status=status))).status_code == 200

    assert (await till.stall.again(purchase)).status is PurchaseStatus.PAID
    (event,) = await till.stall.rows(ExternalEvent)
    assert (event.body, event.outcome) == (event_of(purchase), EventOutcome.SETTLED)
    assert await till.stall.notified() == ["payment-received"]


@pytest.mark.parametrize("wrong", [{"amount": None}, {"fiat": None}, {"payload": "?"}])
async def test_an_event_that_was_wrong_is_settled_when_it_comes_right(
    till: Till, wrong: dict[str, object]
) -> None:
    """P1: the key of both is the same."""
    purchase = await till.stall.buy()
    for changes in (wrong, wrong, {}, {}, wrong):
        assert (await till.post(event_of(purchase, **changes))).status_code == 200

    assert (await till.stall.again(purchase)).status is PurchaseStatus.PAID
    assert len(await till.stall.rows(LedgerEntry)) == 2
    assert await till.stall.notified(OLGA) == ["operator-payment-foreign"]


async def test_an_event_before_its_invoice_is_known_is_settled_when_it_is_repeated(
    till: Till,
) -> None:
    """P1: without a payload, only the id says whose it is."""
    purchase = await till.stall.buy()
    body = event_of(purchase, payload=None)
    known = purchase.invoice_id
    await till.stall.change(purchase, invoice_id=None)
    assert (await till.post(body)).status_code == 200
    await till.stall.change(purchase, invoice_id=known)

    assert (await till.post(body)).status_code == 200

    assert (await till.stall.again(purchase)).status is PurchaseStatus.PAID


async def test_another_users_order_is_not_paid_by_an_invoice_without_payload(till: Till) -> None:
    """P9."""
    purchase = await till.stall.buy()

    await till.post(event_of(purchase, payload=None, invoice_id=999_999))

    assert (await till.stall.again(purchase)).status is PurchaseStatus.PENDING
    assert await till.stall.rows(LedgerEntry) == []


async def test_each_unreadable_event_is_reported(till: Till) -> None:
    """P1: each may be somebody's money."""
    purchase = await till.stall.buy()
    for number in range(3):
        await till.post(event_of(purchase, invoice_id=None, amount=f"{number}.50"))

    notifications = await till.stall.notifications(OLGA)
    assert [notification.values["paid"] for notification in notifications] == [
        "0.50 USD",
        "1.50 USD",
        "2.50 USD",
    ]


async def test_a_paid_invoice_in_an_event_of_an_unknown_type_is_reported(till: Till) -> None:
    """P1."""
    event = json.loads(event_of(await till.stall.buy()))
    for kind in ("invoice_refunded", "x" * 10_000, "y" * 10_000):
        await till.post(json.dumps(event | {"update_type": kind}).encode())

    assert await till.stall.notified(OLGA) == ["operator-event-unclear"] * 3
    assert len(await till.stall.rows(ExternalEvent)) == 3
    assert await till.stall.rows(LedgerEntry) == []


@pytest.mark.parametrize("update_type", ["invoice_\0", "x" * 100, ""])
async def test_an_event_of_an_odd_type_is_kept_and_acknowledged(
    till: Till, update_type: str
) -> None:
    """P1."""
    event = json.loads(event_of(await till.stall.buy())) | {"update_type": update_type}

    assert (await till.post(json.dumps(event).encode())).status_code == 200
    assert len(await till.stall.rows(ExternalEvent)) == 1


async def test_a_poison_event_is_acknowledged_and_the_others_go_on(till: Till) -> None:
    """P1, P6."""
    poison, good = await till.stall.buy(ANNA), await till.stall.buy(OLGA)
    await till.stall.change(poison, days=4_000_000)

    for purchase in (poison, good):
        assert (await till.post(event_of(purchase))).status_code == 200

    assert (await till.stall.again(good)).status is PurchaseStatus.PAID
    assert "operator-event-failed" in await till.stall.notified(OLGA)


async def test_a_body_beyond_the_bound_is_not_read(till: Till) -> None:
    """P12."""
    body = b"x" * (64 * 1024 + 1)
    assert (await till.post(body)).status_code == 413

    largest = b"x" * 64 * 1024
    assert (await till.post(largest)).status_code == 200


async def test_a_body_without_an_announced_length_is_bounded_too(till: Till) -> None:
    """P12."""

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 10_000

    answer = await till.http.post(PATH, content=endless())
    assert answer.status_code == 413


async def test_without_a_token_the_endpoint_is_off_and_never_open(stall: Stall) -> None:
    """P12: an empty token would sign as well as any."""
    routes = create_cryptobot_routes(stall.db, None)
    transport = httpx.ASGITransport(Starlette(routes=[*routes]))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", verify=NO_CERTIFICATES
    ) as http:
        for token in ("", "None"):
            headers = {"crypto-pay-api-signature": sign(b"{}", token)}
            assert (await http.post(PATH, content=b"{}", headers=headers)).status_code == 404
    assert await stall.rows(ExternalEvent) == []


async def test_only_post_is_taken(till: Till) -> None:
    assert (await till.http.get(PATH)).status_code == 405


async def test_with_the_database_away_the_provider_is_asked_to_repeat(
    database_url: str, stall: Stall
) -> None:
    """P1, P12: and nothing of the address or of the event is in the log."""
    purchase = await stall.buy()
    body = event_of(purchase)
    async with (
        TcpProxy.to(database_url) as proxy,
        open_stall(proxy.replace(database_url)) as behind,
    ):
        routes = create_cryptobot_routes(behind.db, TOKEN)
        transport = httpx.ASGITransport(Starlette(routes=[*routes]))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://test", verify=NO_CERTIFICATES
        ) as http:
            till = Till(behind, http)
            await proxy.refuse()
            with capture_logs() as logs:
                answer = await till.post(body)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
            # First on the connection that was lost, then on none.
            events = ["statement_repeated", "payment_event_not_stored"]
            assert [log["event"] for log in logs] == events
            assert str(purchase.id) not in str(logs)

            await proxy.accept()
            assert (await till.post(body)).status_code == 200
    assert (await stall.again(purchase)).status is PurchaseStatus.PAID


async def test_an_event_that_cannot_be_stored_by_our_fault_is_repeated_too(
    till: Till, database_url: str
) -> None:
    """P1: after 200 the provider would drop it."""
    purchase = await till.stall.buy()
    admin = await asyncpg.connect(database_url)
    await admin.execute("ALTER TABLE external_events RENAME TO gone")
    try:
        answer = await till.post(event_of(purchase))
    finally:
        await admin.execute("ALTER TABLE gone RENAME TO external_events")
        await admin.close()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")

    assert (await till.post(event_of(purchase))).status_code == 200
    assert (await till.stall.again(purchase)).status is PurchaseStatus.PAID


async def test_it_works_while_many_others_hang(till: Till, database_url: str) -> None:
    """P6: a user's handler that waits for a lock keeps no payment waiting."""
    purchase, other = await till.stall.buy(ANNA), await till.stall.buy(OLGA)
    admin = await asyncpg.connect(database_url)
    async with admin.transaction():
        await admin.execute("SELECT 1 FROM users WHERE id = $1 FOR UPDATE", ANNA)
        hanging = [asyncio.ensure_future(till.post(event_of(purchase))) for _ in range(10)]

        assert (await till.post(event_of(other))).status_code == 200
        assert not any(task.done() for task in hanging)
    assert {answer.status_code for answer in await asyncio.gather(*hanging)} == {200}
    await admin.close()


async def test_events_and_answers_are_counted(till: Till) -> None:
    labels = {"provider": "cryptobot", "outcome": "settled"}
    before = REGISTRY.get_sample_value("tollgate_payments_total", labels) or 0

    await till.post(event_of(await till.stall.buy()))

    assert REGISTRY.get_sample_value("tollgate_payments_total", labels) == before + 1
    answers = {"webhook": "cryptobot", "status": "200"}
    assert REGISTRY.get_sample_value("tollgate_webhook_seconds_count", answers)
