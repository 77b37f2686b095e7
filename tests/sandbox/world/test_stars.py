"""Telegram Stars: invoices, the question before the payment, the payment, and what comes back."""

import asyncio
import copy

import httpx
import pytest
from starlette.responses import Response

from sandbox.world import WorldConfig, WorldServer, serve_world
from tests.sandbox.world.peers import Api, Json, Service
from tests.support.plain_http import NO_CERTIFICATES

PLAN: Json = {
    "title": "VPN, 30 days",
    "description": "One key for all devices",
    "payload": "order:7",
    "currency": "XTR",
    "prices": [{"label": "30 days", "amount": 300}],
}


@pytest.fixture(autouse=True)
def hear_of_checkouts(config: WorldConfig) -> None:
    config.pre_checkout_seconds = 5


@pytest.fixture
async def link(telegram: Api) -> str:
    answer = await telegram("createInvoiceLink", **PLAN)
    link: str = answer["result"]
    return link


def kinds(service: Service, kind: str) -> list[Json]:
    """What the bot got of this kind, be it an update or a message of its own."""
    return [
        update[kind] if kind in update else update["message"]
        for update in service.updates
        if kind in update or kind in update.get("message", {})
    ]


class Till:
    """Answers every question before a payment as the test says."""

    def __init__(self, telegram: Api, service: Service, control: Api) -> None:
        self._telegram = telegram
        self._service = service
        self._control = control

    async def pay(self, person_id: int, answer: Json | None, **what: object) -> Json:
        """What the user's sheet shows; with no answer the bot stays silent."""
        asked = len(kinds(self._service, "pre_checkout_query"))
        paying = asyncio.create_task(self._control(f"people/{person_id}/stars/pay", **what))
        if answer is not None:
            service = self._service
            await service.until(lambda: len(kinds(service, "pre_checkout_query")) > asked)
            query = kinds(service, "pre_checkout_query")[-1]
            said = await self.answer(query["id"], **answer)
            assert said == {"ok": True, "result": True}
        return await paying

    async def answer(self, query_id: str, **answer: object) -> Json:
        return await self._telegram(
            "answerPreCheckoutQuery", pre_checkout_query_id=query_id, **answer
        )


@pytest.fixture
def till(telegram: Api, service: Service, control: Api, webhook: str) -> Till:
    assert webhook
    return Till(telegram, service, control)


async def test_a_payment_is_asked_for_taken_and_reported(
    till: Till, link: str, service: Service, control: Api, server: WorldServer
) -> None:
    assert link.startswith(f"{server.url}/#stars-")
    paid = await till.pay(1001, {"ok": True}, link=link)
    await service.until(lambda: bool(kinds(service, "successful_payment")))
    (query,) = kinds(service, "pre_checkout_query")
    (message,) = kinds(service, "successful_payment")
    payment = message["successful_payment"]
    assert (query["from"]["id"], query["currency"], query["total_amount"]) == (1001, "XTR", 300)
    assert query["invoice_payload"] == payment["invoice_payload"] == "order:7"
    assert (payment["currency"], payment["total_amount"]) == ("XTR", 300)
    assert payment["telegram_payment_charge_id"] == paid["charge_id"]
    assert len(paid["charge_id"]) > 75
    assert payment["provider_payment_charge_id"]
    assert (message["message_id"], message["chat"]["id"]) == (paid["message_id"], 1001)
    assert (await control.get("state"))["people"][0]["stars"] == 9_700


async def test_the_same_link_is_paid_by_several_users_and_again(
    till: Till, link: str, telegram: Api, control: Api
) -> None:
    ids = [
        (await till.pay(person_id, {"ok": True}, link=link))["charge_id"]
        for person_id in (1001, 1002, 1001)
    ]
    listed = (await telegram("getStarTransactions"))["result"]["transactions"]
    assert [one["id"] for one in listed] == ids
    assert (await telegram("getMyStarBalance"))["result"] == {"amount": 900}
    assert (await control.get("state"))["star_balance"] == 900


async def test_a_refusal_is_shown_in_the_bots_words_and_takes_nothing(
    till: Till, link: str, telegram: Api, control: Api
) -> None:
    answer = {"ok": False, "error_message": "This plan has just gone."}
    shown = await till.pay(1001, answer, link=link)
    assert shown == {"status": "refused", "error": "This plan has just gone."}
    assert (await telegram("getStarTransactions"))["result"] == {"transactions": []}
    assert (await control.get("state"))["people"][0]["stars"] == 10_000


async def test_a_silent_bot_fails_the_payment_and_may_not_answer_afterwards(
    till: Till, link: str, config: WorldConfig, service: Service
) -> None:
    config.pre_checkout_seconds = 0.05
    shown = await till.pay(1001, None, link=link)
    await service.until(lambda: bool(kinds(service, "pre_checkout_query")))
    late = await till.answer(kinds(service, "pre_checkout_query")[0]["id"], ok=True)
    assert shown["status"] == "no_answer"
    assert (late["error_code"], late["description"]) == (
        400,
        "Bad Request: query is too old and response timeout expired or query ID is invalid",
    )


async def test_a_bot_that_did_not_ask_for_checkouts_never_gets_one(
    telegram: Api, control: Api, service: Service, link: str, config: WorldConfig
) -> None:
    config.pre_checkout_seconds = 0.05
    url = f"{service.url}/telegram/webhook"
    await telegram("setWebhook", url=url, allowed_updates=["message"])
    shown = await control("people/1001/stars/pay", link=link)
    await control("people/1001/send", text="after")
    await service.until(lambda: bool(service.updates))
    assert shown["status"] == "no_answer"
    assert [update["message"]["text"] for update in service.updates] == ["after"]


async def test_no_to_a_checkout_needs_a_reason(telegram: Api) -> None:
    answer = await telegram("answerPreCheckoutQuery", pre_checkout_query_id="1", ok=False)
    assert answer["description"] == 'Bad Request: parameter "error_message" is required'


@pytest.mark.parametrize(("knob", "heard"), [("ok", 1), ("lost", 0), ("twice", 2)])
async def test_the_word_of_a_payment_comes_as_the_knob_says(
    till: Till, link: str, service: Service, control: Api, knob: str, heard: int
) -> None:
    await control.turn(stars=knob)
    paid = await till.pay(1001, {"ok": True}, link=link)
    await control("people/1001/send", text="the end")
    await service.until(lambda: bool(kinds(service, "text")))
    told = [one for one in service.updates if "successful_payment" in one.get("message", {})]
    assert len(told) == heard
    assert len({one["update_id"] for one in told}) == min(heard, 1)
    listed = (await control.get("state"))["star_transactions"]
    assert [one["id"] for one in listed] == [paid["charge_id"]]


async def test_a_payment_is_reported_until_the_bot_takes_it(
    till: Till, link: str, service: Service
) -> None:
    failures = iter([500, 503])

    def answer(update: Json) -> Response:
        is_payment = "successful_payment" in update.get("message", {})
        return Response(status_code=next(failures, 200) if is_payment else 200)

    service.answer_update = answer
    await till.pay(1001, {"ok": True}, link=link)
    await service.until(lambda: len(kinds(service, "successful_payment")) == 3)
    told = [one["update_id"] for one in service.updates if "message" in one]
    assert len(set(told)) == 1


async def test_a_refund_gives_the_stars_back_once(
    till: Till, link: str, service: Service, telegram: Api, control: Api
) -> None:
    charge_id = (await till.pay(1001, {"ok": True}, link=link))["charge_id"]
    refund = {"user_id": 1001, "telegram_payment_charge_id": charge_id}
    assert await telegram("refundStarPayment", **refund) == {"ok": True, "result": True}
    await service.until(lambda: bool(kinds(service, "refunded_payment")))
    again = await telegram("refundStarPayment", **refund)
    others = await telegram("refundStarPayment", **{**refund, "user_id": 1002})
    told = kinds(service, "refunded_payment")[0]["refunded_payment"]
    taken, given = (await telegram("getStarTransactions"))["result"]["transactions"]
    assert again["description"] == "Bad Request: CHARGE_ALREADY_REFUNDED"
    assert others["description"] == "Bad Request: CHARGE_NOT_FOUND"
    assert told == {
        "currency": "XTR",
        "total_amount": 300,
        "invoice_payload": "order:7",
        "telegram_payment_charge_id": charge_id,
    }
    partner = {"type": "user", "transaction_type": "invoice_payment", "invoice_payload": "order:7"}
    assert taken["source"].items() >= partner.items()
    assert given["receiver"]["user"]["id"] == 1001
    assert (taken["id"], given["id"]) == (charge_id, charge_id)
    state = await control.get("state")
    assert (state["people"][0]["stars"], state["star_balance"]) == (10_000, 0)


async def test_transactions_come_in_pages_from_the_oldest(
    till: Till, link: str, telegram: Api
) -> None:
    ids = [(await till.pay(1001, {"ok": True}, link=link))["charge_id"] for _ in range(3)]
    page = (await telegram("getStarTransactions", offset=1, limit=1))["result"]["transactions"]
    rest = (await telegram("getStarTransactions", offset=2, limit=100))["result"]["transactions"]
    assert [[one["id"] for one in page], [one["id"] for one in rest]] == [[ids[1]], [ids[2]]]


async def test_a_sent_invoice_has_a_button_and_is_paid_in_the_chat(
    till: Till, telegram: Api, anna: int
) -> None:
    sent = (await telegram("sendInvoice", chat_id=anna, **PLAN))["result"]
    paid = await till.pay(anna, {"ok": True}, message_id=sent["message_id"])
    assert sent["invoice"]["total_amount"] == 300
    assert "text" not in sent
    assert sent["reply_markup"]["inline_keyboard"][0][0]["pay"] is True
    assert paid["status"] == "paid"


async def test_who_has_too_few_stars_cannot_pay(control: Api, link: str) -> None:
    await control("people/1001", stars=299)
    refused = await control.post("people/1001/stars/pay", link=link)
    assert (refused.status_code, refused.json()) == (
        409,
        {"error": "Anna has too few Stars: 1 more are needed."},
    )


async def test_the_page_reads_an_invoice_by_its_link(control: Api, link: str) -> None:
    slug = link.rpartition("#stars-")[2]
    shown = await control.get(f"stars/{slug}")
    assert (shown["title"], shown["amount"]) == ("VPN, 30 days", 300)
    assert (await control.post("people/1001/stars/pay", link="$nothing")).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "description"),
    [
        ({"title": ""}, 'parameter "title" is required'),
        ({"payload": ""}, 'parameter "payload" is required'),
        ({"title": "x" * 33}, "INVOICE_TITLE_INVALID"),
        ({"description": "x" * 256}, "INVOICE_DESCRIPTION_INVALID"),
        ({"payload": "я" * 65}, "INVOICE_PAYLOAD_INVALID"),
        ({"currency": "EUR"}, "CURRENCY_INVALID"),
        ({"provider_token": "1:TEST"}, "STARS_INVOICE_INVALID"),
        ({"prices": []}, "STARS_INVOICE_INVALID"),
        ({"prices": PLAN["prices"] * 2}, "STARS_INVOICE_INVALID"),
        ({"prices": [{"label": "x", "amount": 0}]}, "CURRENCY_TOTAL_AMOUNT_INVALID"),
        ({"prices": "{"}, "can't parse labeled prices JSON object"),
        ({"prices": [{"amount": 1}]}, "can't parse labeled price: Can't find field \"label\""),
    ],
)
async def test_an_invoice_that_telegram_would_refuse_is_refused(
    telegram: Api, wrong: Json, description: str
) -> None:
    answer = await telegram("createInvoiceLink", **{**PLAN, **wrong})
    assert (answer["error_code"], answer["description"]) == (400, f"Bad Request: {description}")


async def test_a_pay_button_stands_only_below_an_invoice_and_there_first(
    telegram: Api, anna: int
) -> None:
    pay: Json = {"text": "Pay", "pay": True}
    plans: Json = {"text": "Plans", "callback_data": "plans"}
    wrong = await telegram(
        "sendMessage", chat_id=anna, text="x", reply_markup={"inline_keyboard": [[pay]]}
    )
    late = await telegram(
        "sendInvoice", chat_id=anna, **PLAN, reply_markup={"inline_keyboard": [[plans, pay]]}
    )
    assert wrong["description"] == "Bad Request: BUTTON_TYPE_INVALID"
    assert late["description"] == "Bad Request: REPLY_MARKUP_BUY_EMPTY"


async def test_stars_and_channels_outlive_a_restart(
    till: Till, link: str, server: WorldServer, config: WorldConfig, control: Api
) -> None:
    await till.pay(1001, {"ok": True}, link=link)
    await control("people/1002/channels", status="member")
    before = await control.get("state")
    async with (
        serve_world(copy.copy(config), snapshot=server.world.snapshot()) as again,
        httpx.AsyncClient(base_url=again.url, verify=NO_CERTIFICATES) as client,
    ):
        after = await Api(client, "/world", {}).get("state")
        invoice = await Api(client, "/world", {}).get(f"stars/{link.rpartition('#stars-')[2]}")
    for name in ("people", "chats", "star_transactions", "star_balance", "channels"):
        assert after[name] == before[name]
    assert invoice["payload"] == "order:7"
