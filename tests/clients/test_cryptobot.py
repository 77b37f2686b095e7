"""The Crypto Pay client against odd answers of the outside; the world's own are beside it."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import httpx
import pytest
import respx

from app.clients.cryptobot import CryptoBot
from app.core.metrics import REGISTRY
from app.core.money import Money
from app.domain.ports import (
    Invoice,
    InvoiceOrder,
    InvoiceStatus,
    PortError,
    RefusedError,
    UnavailableError,
)
from tests.clients.answers import respond_with

_TOKEN = "4242:AApayTokenAAA"
_URL = "https://pay.crypt.bot"
_ORDER = InvoiceOrder(
    payload="purchase.1001",
    charge=Money(490, "USD"),
    title="Pro",
    description="Три месяца",
    lifetime=timedelta(hours=1),
)

_NO_ANSWERS: dict[str, httpx.Response | Exception] = {
    "html 502": httpx.Response(502, html="<h1>Bad gateway</h1>"),
    "html 200": httpx.Response(200, html="<h1>Checking your browser</h1>"),
    "html 403": httpx.Response(403, html="<h1>Forbidden</h1>"),
    "truncated": httpx.Response(200, content=b'{"ok":true,"result":{"items":['),
    "empty": httpx.Response(200),
    "no object": httpx.Response(200, json=[1]),
    "neither result nor error": httpx.Response(200, json={"ok": True}),
    "refused without a reason": httpx.Response(200, json={"ok": False}),
    "another result": httpx.Response(200, json={"ok": True, "result": {"items": None}}),
    "error 500 inside": httpx.Response(
        200, json={"ok": False, "error": {"code": 500, "name": "APP_ERROR"}}
    ),
    "too many": httpx.Response(429, json={"ok": False, "error": {"code": 429, "name": "FLOOD"}}),
    "moved": httpx.Response(302, headers={"Location": "https://elsewhere.example"}),
    "too long": httpx.Response(200, content=b" " * (8 * 1024 * 1024 + 1)),
    "read time-out": httpx.ReadTimeout("slow"),
    "connection lost": httpx.RemoteProtocolError("gone"),
    "no connection": httpx.ConnectError("refused"),
    "no connection in time": httpx.ConnectTimeout("slow"),
}


@pytest.fixture
async def provider() -> AsyncIterator[CryptoBot]:
    provider = CryptoBot(_TOKEN, _URL)
    yield provider
    await provider.aclose()


@pytest.fixture
def server() -> Iterator[respx.MockRouter]:
    with respx.mock(base_url=f"{_URL}/api", assert_all_called=False) as router:
        yield router


def _json(**changes: object) -> dict[str, object]:
    return {
        "invoice_id": 7,
        "status": "active",
        "currency_type": "fiat",
        "fiat": "USD",
        "amount": "4.90",
        "bot_invoice_url": "https://t.me/CryptoBot?start=x",
        "payload": _ORDER.payload,
    } | changes


def _result(result: object) -> httpx.Response:
    return httpx.Response(200, json={"ok": True, "result": result})


def _page(*items: dict[str, object]) -> httpx.Response:
    return _result({"items": items})


def _refusal(status: int, name: str) -> httpx.Response:
    return httpx.Response(status, json={"ok": False, "error": {"code": status, "name": name}})


@pytest.mark.parametrize("case", _NO_ANSWERS)
async def test_an_answer_that_is_none_is_asked_for_again_and_then_unavailable(
    case: str, provider: CryptoBot, server: respx.MockRouter
) -> None:
    route = respond_with(server.post("/getInvoices"), _NO_ANSWERS[case])

    with pytest.raises(UnavailableError):
        await provider.get_invoices(["7"])

    assert route.call_count == 3


@pytest.mark.parametrize(
    ("status", "name"),
    [(400, "INVOICE_IDS_INVALID"), (401, "UNAUTHORIZED"), (403, "METHOD_DISABLED")],
)
async def test_a_refusal_is_named_and_not_repeated(
    status: int, name: str, provider: CryptoBot, server: respx.MockRouter
) -> None:
    route = server.post("/getInvoices").mock(return_value=_refusal(status, name))

    with pytest.raises(RefusedError, match=name):
        await provider.get_invoices(["7"])

    assert route.call_count == 1


async def test_a_refusal_may_not_write_what_it_likes_into_our_log(
    provider: CryptoBot, server: respx.MockRouter
) -> None:
    """P12."""
    server.post("/getInvoices").mock(return_value=_refusal(400, f"<b>{_TOKEN}</b>"))

    with pytest.raises(RefusedError, match=r"^cryptobot getInvoices: 400 UNNAMED$"):
        await provider.get_invoices(["7"])


async def test_a_passing_fault_of_a_read_is_not_seen(
    provider: CryptoBot, server: respx.MockRouter
) -> None:
    server.post("/getInvoices").mock(
        side_effect=[httpx.Response(502), httpx.ReadTimeout("slow"), _page(_json())]
    )

    assert [invoice.invoice_id for invoice in await provider.get_invoices(["7"])] == ["7"]


async def test_an_invoice_whose_answer_was_lost_is_found_and_not_made_twice(
    provider: CryptoBot, server: respx.MockRouter
) -> None:
    create = server.post("/createInvoice").mock(side_effect=httpx.ReadTimeout("slow"))
    server.post("/getInvoices").mock(
        return_value=_page(_json(invoice_id=9, payload="other"), _json(invoice_id=8))
    )

    invoice = await provider.create_invoice(_ORDER)

    assert (invoice.invoice_id, create.call_count) == ("8", 1)


@pytest.mark.parametrize("case", ["html 502", "truncated", "read time-out", "connection lost"])
async def test_an_invoice_that_was_not_made_is_made_after_a_look(
    case: str, provider: CryptoBot, server: respx.MockRouter
) -> None:
    create = server.post("/createInvoice").mock(side_effect=[_NO_ANSWERS[case], _result(_json())])
    look = server.post("/getInvoices").mock(return_value=_page())

    invoice = await provider.create_invoice(_ORDER)

    assert (invoice.invoice_id, create.call_count, look.call_count) == ("7", 2, 1)


async def test_nothing_is_made_while_nobody_knows_whether_it_exists(
    provider: CryptoBot, server: respx.MockRouter
) -> None:
    create = server.post("/createInvoice").mock(side_effect=httpx.ReadTimeout("slow"))
    server.post("/getInvoices").mock(return_value=httpx.Response(502))

    with pytest.raises(UnavailableError):
        await provider.create_invoice(_ORDER)

    assert create.call_count == 1


@pytest.mark.parametrize("case", ["no connection", "no connection in time", "too many"])
async def test_what_certainly_was_not_done_needs_no_look(
    case: str, provider: CryptoBot, server: respx.MockRouter
) -> None:
    create = respond_with(server.post("/createInvoice"), _NO_ANSWERS[case])
    look = server.post("/getInvoices").mock(return_value=_page())

    with pytest.raises(UnavailableError):
        await provider.create_invoice(_ORDER)

    assert (create.call_count, look.call_count) == (1, 0)


async def test_a_refused_order_is_not_repeated(
    provider: CryptoBot, server: respx.MockRouter
) -> None:
    create = server.post("/createInvoice").mock(return_value=_refusal(400, "AMOUNT_TOO_BIG"))

    with pytest.raises(RefusedError, match="AMOUNT_TOO_BIG"):
        await provider.create_invoice(_ORDER)

    assert create.call_count == 1


async def test_an_open_invoice_is_found_on_a_later_page(
    provider: CryptoBot, server: respx.MockRouter
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        assert (asked["status"], asked["count"]) == ("active", 1000)
        others = [_json(invoice_id=5000 - n, payload=f"other {n}") for n in range(1000)]
        return _page(*others) if asked["offset"] == 0 else _page(_json())

    server.post("/getInvoices").mock(side_effect=answer)

    found = await provider.find_invoice(_ORDER.payload)

    assert found is not None
    assert found.invoice_id == "7"


async def test_one_unreadable_invoice_hides_no_other(
    provider: CryptoBot, server: respx.MockRouter
) -> None:
    """P1."""
    server.post("/getInvoices").mock(
        return_value=_page(
            _json(invoice_id=None), _json(invoice_id=2, status="frozen", payload=[]), _json()
        )
    )

    invoices = await provider.get_invoices(["1", "2", "7"])

    assert [(invoice.invoice_id, invoice.status) for invoice in invoices] == [
        ("2", "unknown"),
        ("7", "active"),
    ]


async def test_an_amount_that_is_a_number_is_read_to_the_last_digit(
    provider: CryptoBot, server: respx.MockRouter
) -> None:
    """P9: 0.1 + 0.2 of a float would be another sum."""
    body = _page(_json(amount="N")).content.replace(b'"N"', b"123456789.100000000000000001")
    server.post("/getInvoices").mock(return_value=httpx.Response(200, content=body))

    (invoice,) = await provider.get_invoices(["7"])

    assert invoice.amount == "123456789.100000000000000001"


async def test_fields_of_tomorrow_are_ignored_and_the_amount_stays_a_string(
    provider: CryptoBot, server: respx.MockRouter
) -> None:
    """P9."""
    item = _json(amount="0.100000000000000001", asset="TON", currency_type="crypto", new={"x": 1})
    server.post("/getInvoices").mock(return_value=_page(item))

    assert await provider.get_invoices(["7"]) == [
        Invoice(
            invoice_id="7",
            status=InvoiceStatus.ACTIVE,
            amount="0.100000000000000001",
            currency="TON",
            payload=_ORDER.payload,
            pay_url="https://t.me/CryptoBot?start=x",
        )
    ]


async def test_a_thousand_invoices_are_asked_for_in_one_call(
    provider: CryptoBot, server: respx.MockRouter
) -> None:
    route = server.post("/getInvoices").mock(return_value=_page())

    await provider.get_invoices([str(number) for number in range(1000)])

    asked = json.loads(route.calls.last.request.content)
    assert (route.call_count, asked["count"], asked["invoice_ids"][-4:]) == (1, 1000, ",999")


async def test_no_invoices_are_not_asked_for(provider: CryptoBot, server: respx.MockRouter) -> None:
    """Without ids Crypto Pay would answer everybody's."""
    route = server.post("/getInvoices").mock(return_value=_page(_json()))

    assert await provider.get_invoices([]) == []
    assert not route.called


async def test_the_order_is_written_as_the_api_wants_it(
    provider: CryptoBot, server: respx.MockRouter
) -> None:
    route = server.post("/createInvoice").mock(return_value=_result(_json()))

    await provider.create_invoice(_ORDER)

    request = route.calls.last.request
    assert request.headers["Crypto-Pay-API-Token"] == _TOKEN
    assert json.loads(request.content) == {
        "currency_type": "fiat",
        "fiat": "USD",
        "amount": "4.90",
        "description": "Три месяца",
        "payload": "purchase.1001",
        "expires_in": 3600,
        "allow_comments": False,
    }


async def test_what_is_too_long_is_cut_to_the_apis_limits(
    provider: CryptoBot, server: respx.MockRouter
) -> None:
    route = server.post("/createInvoice").mock(return_value=_result(_json()))

    await provider.create_invoice(
        InvoiceOrder("p", Money(1_500_000, "USDT"), "Pro", "я" * 2000, timedelta(days=365))
    )

    asked = json.loads(route.calls.last.request.content)
    assert (asked["currency_type"], asked["asset"]) == ("crypto", "USDT")
    assert (asked["amount"], len(asked["description"])) == ("1.500000", 1024)
    assert asked["expires_in"] == 2_678_400


@pytest.mark.parametrize(
    ("url", "network"),
    [
        ("https://pay.crypt.bot", "the main network"),
        ("https://testnet-pay.crypt.bot", "the test network"),
        ("https://mirror.example", "mirror.example"),
    ],
)
async def test_a_refused_token_is_reported_with_its_network(url: str, network: str) -> None:
    provider = CryptoBot(_TOKEN, url)
    with respx.mock:
        respx.post(f"{url}/api/getMe").mock(return_value=_refusal(401, "UNAUTHORIZED"))
        with pytest.raises(RefusedError, match=f"refused on {network}"):
            await provider.check()
    await provider.aclose()


@pytest.mark.parametrize(
    "case", [*_NO_ANSWERS, "refused"], ids=lambda case: str(case).replace(" ", "-")
)
async def test_the_token_and_the_address_are_in_no_error(
    case: str,
    provider: CryptoBot,
    server: respx.MockRouter,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """P12."""
    answer = _NO_ANSWERS.get(case, _refusal(401, "UNAUTHORIZED"))
    respond_with(server.post("/createInvoice"), answer)
    server.post("/getInvoices").mock(return_value=httpx.Response(502))

    with pytest.raises(PortError) as caught:
        await provider.create_invoice(_ORDER)

    told = f"{caught.value!r} {capsys.readouterr()}"
    assert _TOKEN not in told
    assert "http" not in told


async def test_a_provider_that_is_down_is_left_alone_for_a_while(
    provider: CryptoBot, server: respx.MockRouter
) -> None:
    route = server.post("/getInvoices").mock(return_value=httpx.Response(503))

    for _ in range(3):
        with pytest.raises(UnavailableError):
            await provider.get_invoices(["7"])

    assert route.call_count == 5


async def test_every_call_is_measured_by_its_outcome(
    provider: CryptoBot, server: respx.MockRouter
) -> None:
    def count(outcome: str) -> float:
        labels = {"target": "cryptobot", "method": "getMe", "outcome": outcome}
        return REGISTRY.get_sample_value("tollgate_outgoing_seconds_count", labels) or 0

    before = {outcome: count(outcome) for outcome in ("ok", "refused", "unavailable")}
    server.post("/getMe").mock(
        side_effect=[_result({}), _refusal(401, "UNAUTHORIZED"), httpx.ReadTimeout("slow")]
    )

    await provider.check()
    with pytest.raises(RefusedError):
        await provider.check()
    with pytest.raises(UnavailableError):
        await provider.check()

    assert {outcome: count(outcome) - n for outcome, n in before.items()} == {
        "ok": 1,
        "refused": 1,
        "unavailable": 1,
    }


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (_result(result=False), RefusedError),
        (_refusal(400, "INVOICE_NOT_FOUND"), RefusedError),
        (_refusal(500, "APP_ERROR"), UnavailableError),
        (httpx.Response(502, html="<h1>Bad gateway</h1>"), UnavailableError),
        (_result({"items": []}), UnavailableError),
    ],
)
async def test_an_invoice_that_is_not_deleted_says_whether_to_try_again(
    provider: CryptoBot,
    server: respx.MockRouter,
    answer: httpx.Response,
    error: type[PortError],
) -> None:
    server.post("/deleteInvoice").mock(return_value=answer)
    with pytest.raises(error):
        await provider.delete_invoice("7")
