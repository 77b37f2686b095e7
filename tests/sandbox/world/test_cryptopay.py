"""Crypto Pay: what an invoice may be, how it lives, and what the service gets of it."""

import hashlib
import hmac
import json
from decimal import Decimal

import httpx
import pytest

from sandbox.world import WorldServer
from tests.sandbox.world.peers import Api, Json, Service
from tests.support.eventually import eventually

PLAN = {"currency_type": "fiat", "fiat": "USD", "amount": "5.00", "payload": "purchase:7"}


async def create(crypto: Api, **values: object) -> Json:
    answer = await crypto("createInvoice", **{**PLAN, **values})
    invoice: Json = answer["result"]
    return invoice


async def statuses(crypto: Api) -> list[str]:
    return [item["status"] for item in (await crypto("getInvoices"))["result"]["items"]]


async def test_a_fiat_invoice_has_what_the_api_promises(crypto: Api, server: WorldServer) -> None:
    invoice = await create(crypto, expires_in=3600, accepted_assets="USDT,TON", description="Plan")
    assert invoice["status"] == "active"
    assert (invoice["fiat"], invoice["amount"]) == ("USD", "5")
    assert invoice["accepted_assets"] == ["USDT", "TON"]
    assert invoice["bot_invoice_url"] == f"{server.url}/#invoice-{invoice['hash']}"
    assert invoice["expiration_date"] > invoice["created_at"]
    assert "person_id" not in invoice
    assert "asset" not in invoice


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"currency_type": "shells"}, "CURRENCY_TYPE_INVALID"),
        ({"currency_type": "crypto"}, "ASSET_REQUIRED"),
        ({"currency_type": "crypto", "asset": "DOGE"}, "UNSUPPORTED_ASSET"),
        ({"fiat": "CHF"}, "UNSUPPORTED_FIAT"),
        ({"fiat": ""}, "FIAT_REQUIRED"),
        ({"amount": ""}, "AMOUNT_REQUIRED"),
        ({"amount": "0"}, "AMOUNT_INVALID"),
        ({"amount": "-1"}, "AMOUNT_INVALID"),
        ({"amount": "1e3"}, "AMOUNT_INVALID"),
        ({"amount": "5,00"}, "AMOUNT_INVALID"),
        ({"amount": "0.001"}, "AMOUNT_TOO_SMALL"),
        ({"amount": "25000.01"}, "AMOUNT_TOO_BIG"),
        ({"accepted_assets": "USDT,DOGE"}, "ACCEPTED_ASSETS_INVALID"),
        ({"description": "x" * 1025}, "DESCRIPTION_TOO_LONG"),
        ({"hidden_message": "x" * 2049}, "HIDDEN_MESSAGE_TOO_LONG"),
        ({"paid_btn_name": "openBot"}, "PAID_BTN_URL_REQUIRED"),
        ({"paid_btn_name": "openBot", "paid_btn_url": "t.me"}, "PAID_BTN_URL_INVALID"),
        ({"paid_btn_name": "open"}, "PAID_BTN_NAME_INVALID"),
        ({"payload": "я" * 2049}, "PAYLOAD_TOO_LONG"),
        ({"expires_in": 0}, "EXPIRES_IN_INVALID"),
        ({"expires_in": 2_678_401}, "EXPIRES_IN_INVALID"),
        ({"expires_in": "soon"}, "EXPIRES_IN_INVALID"),
        ({"allow_comments": "perhaps"}, "ALLOW_COMMENTS_INVALID"),
    ],
)
async def test_a_wrong_invoice_is_refused_by_name(crypto: Api, values: Json, name: str) -> None:
    answer = await crypto("createInvoice", **{**PLAN, **values})
    assert answer == {"ok": False, "error": {"code": 400, "name": name}}


async def test_who_has_no_token_or_no_such_method_is_turned_away(
    client: httpx.AsyncClient, crypto: Api, control: Api
) -> None:
    stranger = await client.get("/cryptopay/api/getMe")
    assert (stranger.status_code, stranger.json()["error"]["name"]) == (401, "UNAUTHORIZED")
    unknown = await crypto.post("payMe")
    assert (unknown.status_code, unknown.json()["error"]["name"]) == (405, "METHOD_NOT_FOUND")
    assert (await crypto("getMe"))["result"]["app_id"] == 77
    await control.turn(crypto_pay="down")
    down = await crypto.post("getMe")
    assert (down.status_code, down.text[:6]) == (502, "<html>")


async def test_invoices_are_found_by_ids_status_asset_and_page(crypto: Api, control: Api) -> None:
    for n in range(4):
        await create(crypto, payload=str(n))
    await crypto("createInvoice", asset="TON", amount="1")
    await control("invoices/2/pay")
    await control("invoices/3/expire")

    async def found(**filters: object) -> list[int]:
        answer = await crypto("getInvoices", **filters)
        return [item["invoice_id"] for item in answer["result"]["items"]]

    assert await found() == [5, 4, 3, 2, 1]
    assert await found(status="active") == [5, 4, 1]
    assert await found(status="paid") == [2]
    assert await found(invoice_ids="1,3,99") == [3, 1]
    assert await found(asset="TON") == [5]
    assert await found(fiat="USD", offset=1, count=2) == [3, 2]
    for wrong in ({"count": 1001}, {"status": "expired"}, {"invoice_ids": "x"}, {"offset": -1}):
        assert (await crypto("getInvoices", **wrong))["ok"] is False


async def test_a_payment_is_reported_once_and_signed(
    crypto: Api, control: Api, service: Service
) -> None:
    invoice = await create(crypto)
    paid = await control(f"invoices/{invoice['invoice_id']}/pay", asset="TON")
    await service.until(lambda: bool(service.payments))
    body = service.payments[0]
    key = hashlib.sha256(b"77:crypto").digest()
    expected = hmac.new(key, body, hashlib.sha256).hexdigest()
    assert service.headers[0]["crypto-pay-api-signature"] == expected
    event = json.loads(body)
    assert (event["update_type"], event["payload"]["status"]) == ("invoice_paid", "paid")
    assert event["payload"]["payload"] == "purchase:7"
    assert Decimal(event["payload"]["paid_amount"]) == Decimal("1.5625")
    assert event["payload"]["paid_asset"] == "TON"
    assert event["payload"]["paid_at"] == paid["paid_at"]
    assert event["payload"] == {k: v for k, v in paid.items() if k != "person_id"}


async def test_a_refused_webhook_comes_again_with_the_same_body(
    crypto: Api, control: Api, service: Service
) -> None:
    service.payment_statuses = [500, 503, 401]
    await create(crypto)
    await control("invoices/1/pay")
    await service.until(lambda: len(service.payments) == 4)
    state = await control.get("state")
    assert len(set(service.payments)) == 1
    assert [one["attempt"] for one in state["deliveries"]] == [1, 2, 3, 4]
    assert {one["what"] for one in state["deliveries"]} == {"invoice_paid #1"}


async def test_after_17_refusals_the_webhook_is_switched_off_for_all(
    crypto: Api, control: Api, service: Service, server: WorldServer
) -> None:
    server.world.config.retry_scale = 0
    service.payment_statuses = [500] * 100
    await create(crypto)
    await create(crypto)
    await control("invoices/1/pay")
    await service.until(lambda: len(service.payments) == 17)

    async def switched_off() -> bool:
        return not (await control.get("state"))["payment_webhook_enabled"]

    await eventually(switched_off)
    await control("invoices/2/pay")
    last = (await control.get("state"))["deliveries"][-1]
    assert (last["what"], last["status"], len(service.payments)) == ("invoice_paid #2", 0, 17)


async def test_a_lost_webhook_reports_nothing_and_a_doubled_one_reports_twice(
    crypto: Api, control: Api, service: Service
) -> None:
    for _ in range(2):
        await create(crypto)
    await control.turn(payment_webhook="lost")
    await control("invoices/1/pay")
    await control.turn(payment_webhook="twice")
    await control("invoices/2/pay")
    await service.until(lambda: len(service.payments) == 2)
    told = [json.loads(body)["payload"]["invoice_id"] for body in service.payments]
    assert told == [2, 2]
    assert await statuses(crypto) == ["paid", "paid"]


async def test_an_invoice_expires_by_the_worlds_clock(crypto: Api, control: Api) -> None:
    await create(crypto, expires_in=600)
    await control("skip", seconds=599)
    before = await statuses(crypto)
    await control("skip", seconds=2)
    assert (before, await statuses(crypto)) == (["active"], ["expired"])


async def test_only_an_open_invoice_is_paid_but_a_late_payment_can_be_played(
    crypto: Api, control: Api
) -> None:
    await create(crypto, expires_in=600)
    await control("skip", seconds=601)
    refused = await control.post("invoices/1/pay")
    assert (refused.status_code, refused.json()) == (
        409,
        {"error": "Invoice #1 is already expired."},
    )
    paid = await control("invoices/1/pay", late=True)
    assert (paid["status"], paid["paid_at"] < paid["expiration_date"]) == ("paid", True)
    again = await control.post("invoices/1/pay", late=True)
    assert (again.status_code, again.json()["error"]) == (409, "Invoice #1 is already paid.")
    expire = await control.post("invoices/1/expire")
    assert expire.status_code == 409


async def test_a_test_can_say_what_was_paid(crypto: Api, control: Api) -> None:
    await create(crypto)
    await crypto("createInvoice", asset="USDT", amount="5")
    fiat = await control("invoices/1/pay", amount="0.01", fiat="EUR")
    crypto_paid = await control("invoices/2/pay", asset="TON", amount="0.01")
    assert (fiat["amount"], fiat["fiat"]) == ("0.01", "EUR")
    assert (crypto_paid["asset"], crypto_paid["paid_amount"]) == ("TON", "0.01")
    for wrong in ({"asset": "DOGE"}, {"amount": "much"}, {"amount": "-1"}):
        await create(crypto)
        assert (await control.post("invoices/3/pay", **wrong)).status_code == 400


async def test_the_invoice_belongs_to_the_user_whose_chat_shows_it(
    crypto: Api, telegram: Api, control: Api, anna: int
) -> None:
    invoice = await create(crypto)
    button = {"text": "Pay", "url": invoice["bot_invoice_url"]}
    keyboard = {"inline_keyboard": [[button]]}
    await telegram("sendMessage", chat_id=anna, text="Pay here", reply_markup=keyboard)
    assert (await control.get("state"))["invoices"][0]["person_id"] == anna


async def test_parameters_come_as_query_form_or_json(client: httpx.AsyncClient) -> None:
    headers = {"Crypto-Pay-API-Token": "77:crypto"}
    url = "/cryptopay/api/createInvoice"
    answers = [
        await client.get(url, params=PLAN, headers=headers),
        await client.post(url, data=PLAN, headers=headers),
        await client.post(url, json=PLAN, headers=headers),
    ]
    assert [answer.json()["result"]["invoice_id"] for answer in answers] == [1, 2, 3]
    for content, status in ((b"{", 400), (b"[]", 400), (b"[" * 70_000, 413)):
        wrong = await client.post(
            url, content=content, headers={**headers, "Content-Type": "application/json"}
        )
        assert wrong.status_code == status


async def test_a_deleted_invoice_is_gone_and_cannot_be_paid(crypto: Api, control: Api) -> None:
    for _ in range(2):
        await create(crypto)
    assert (await crypto("deleteInvoice", invoice_id=1))["result"] is True
    listed = await crypto("getInvoices", invoice_ids="1,2")
    assert [item["invoice_id"] for item in listed["result"]["items"]] == [2]
    for late in (False, True):
        refused = await control.post("invoices/1/pay", late=late)
        assert (refused.status_code, refused.json()) == (
            409,
            {"error": "Invoice #1 is already deleted."},
        )


@pytest.mark.parametrize(
    ("invoice_id", "name"),
    [
        (1, "INVOICE_NOT_FOUND"),  # paid
        (2, "INVOICE_NOT_FOUND"),  # expired
        (99, "INVOICE_NOT_FOUND"),
        ("x", "INVOICE_ID_INVALID"),
        ("", "INVOICE_ID_REQUIRED"),
    ],
)
async def test_only_an_invoice_that_waits_is_deleted(
    crypto: Api, control: Api, invoice_id: object, name: str
) -> None:
    for _ in range(2):
        await create(crypto)
    await control("invoices/1/pay")
    await control("invoices/2/expire")
    answer = await crypto.post("deleteInvoice", invoice_id=invoice_id)
    assert (answer.status_code, answer.json()["error"]["name"]) == (400, name)
    assert await statuses(crypto) == ["expired", "paid"]
