import asyncio
import json
from datetime import timedelta

import pytest

from sandbox.world.clock import iso
from sandbox.world.cryptopay import invoices
from sandbox.world.cryptopay.webhooks import sign
from tests.conftest import Skip
from tests.support.books import Books, expect_one_sale
from tests.support.eventually import eventually
from tests.support.shop import (
    ANNA,
    BEN,
    CRYPTOBOT_TOKEN,
    OLGA,
    Shop,
    has,
    is_key,
    order,
    text_of,
    urls,
)


@pytest.mark.parametrize(
    ("person_id", "greeting", "paid", "key"),
    [
        (ANNA, "Привет", "Оплата получена", "ключ готов"),
        (BEN, "Hi, Ben", "Payment received", "key is ready"),
    ],
)
async def test_a_user_who_pays_gets_a_key_in_the_chat(
    shop: Shop, database_url: str, person_id: int, greeting: str, paid: str, key: str
) -> None:
    """P1, P2, P3: from /start to the key, in the user's language, each thing said once."""
    user = shop.world.user(person_id)
    await user.send("/start")
    menu = await user.wait_for(lambda message: greeting in text_of(message))
    await user.tap(menu, "plans")
    plans = await user.wait_for(lambda message: has(message, "plan:"))
    assert plans["message_id"] == menu["message_id"], "the menu is edited, not sent again"
    await user.tap(plans, "plan:")
    await user.tap(await user.wait_for(lambda message: has(message, "buy:")), "buy:")
    await user.tap(await user.wait_for(lambda message: has(message, "pay:")), "pay:")
    checkout = await user.wait_for(lambda message: bool(urls(message)))
    assert "#invoice-" in urls(checkout)[0]
    (invoice,) = await shop.world.invoices()
    assert (invoice["amount"], invoice["fiat"]) == ("4.99", "USD")

    await shop.world.pay(invoice["invoice_id"])
    delivered = await user.wait_for(is_key)

    assert key in text_of(delivered)
    received = await user.received()
    assert len([message for message in received if paid in text_of(message)]) == 1
    assert len([message for message in received if is_key(message)]) == 1

    async def is_order_removed() -> bool:
        return not [message for message in await user.received() if has(message, "paid:")]

    await eventually(is_order_removed)
    await expect_one_sale(Books(database_url))
    (account,) = (await shop.world.state())["panel_users"]
    assert str(account["uuid"]) in text_of(delivered)


async def test_fifty_webhooks_and_the_watcher_at_once_settle_once(
    shop: Shop, database_url: str
) -> None:
    """P2: one settlement, one key, one message each, however many report the payment."""
    user = shop.world.user(BEN)
    invoice_id = await order(user, shop.world)
    await shop.world.turn(payment_webhook="lost")
    await shop.world.pay(invoice_id)
    (invoice,) = await shop.world.invoices()
    body, headers = _event(invoice)

    answers = await asyncio.gather(
        *(shop.http.post("/webhooks/cryptobot", content=body, headers=headers) for _ in range(50))
    )

    assert {answer.status_code for answer in answers} == {200}
    await user.wait_for(is_key)
    await _two_watches(shop)
    await expect_one_sale(Books(database_url))
    (account,) = (await shop.world.state())["panel_users"]
    assert account["created_calls"] == 1
    assert len([message for message in await user.received() if is_key(message)]) == 1


async def test_a_lost_webhook_is_made_up_for_by_polling_and_the_operator_is_notified_of_it(
    shop: Shop, database_url: str, skip: Skip
) -> None:
    """P1: polling settles; the alarm says that the webhook is silent."""
    await shop.world.user(OLGA).send("/start")
    user = shop.world.user(ANNA)
    invoice_id = await order(user, shop.world)
    await shop.world.turn(payment_webhook="lost")
    _pay_a_minute_ago(shop, invoice_id)

    await user.wait_for(is_key)
    await expect_one_sale(Books(database_url))
    skip(timedelta(seconds=16))  # a webhook may be late
    alarm = await shop.world.user(OLGA).wait_for(
        lambda message: f"#{invoice_id}" in text_of(message) or str(invoice_id) in text_of(message)
    )
    assert "webhook" in text_of(alarm).lower() or "вебхук" in text_of(alarm).lower()


async def test_a_payment_of_the_last_second_reported_after_the_expiry_is_delivered(
    shop: Shop, database_url: str
) -> None:
    """P1: PAID beats EXPIRED however late."""
    user = shop.world.user(BEN)
    invoice_id = await order(user, shop.world)
    answer = await shop.world.http.post(f"/world/invoices/{invoice_id}/expire")
    answer.raise_for_status()
    books = Books(database_url)

    async def is_expired() -> bool:
        return list(await books.statuses()) == ["expired"]

    await eventually(is_expired)
    await shop.world.pay(invoice_id, late=True)

    await user.wait_for(is_key)
    await expect_one_sale(books)


async def test_a_forged_event_changes_nothing(shop: Shop, database_url: str) -> None:
    """P1, P12: wrong signature, altered body and no signature are refused."""
    user = shop.world.user(BEN)
    invoice_id = await order(user, shop.world)
    (invoice,) = await shop.world.invoices()
    body, headers = _event({**invoice, "status": "paid"})
    altered = body.replace(b'"4.99"', b'"0.01"')
    wrong = {"crypto-pay-api-signature": "0" * 64}

    for content, sent in ((body, wrong), (altered, headers), (body, {})):
        answer = await shop.http.post("/webhooks/cryptobot", content=content, headers=sent)
        assert answer.status_code == 401

    books = Books(database_url)
    assert await books.statuses() == ["pending"]
    assert await books.outcomes() == []
    assert invoice_id == invoice["invoice_id"]


@pytest.mark.parametrize(
    ("override", "outcome", "status"),
    [
        ({"amount": "0.01"}, "disputed", "expired"),
        ({"fiat": "EUR"}, "disputed", "expired"),
        ({"invoice_id": 987_654, "payload": "not ours"}, "unmatched", "pending"),
    ],
)
async def test_what_differs_from_what_was_sold_is_not_delivered_and_the_operator_is_asked(
    shop: Shop, database_url: str, override: dict[str, object], outcome: str, status: str
) -> None:
    """P9: amount, currency and owner are compared with what was sold."""
    operator = shop.world.user(OLGA)
    await operator.send("/start")
    user = shop.world.user(BEN)
    await order(user, shop.world)
    (invoice,) = await shop.world.invoices()
    body, headers = _event({**invoice, "status": "paid", **override})

    answer = await shop.http.post("/webhooks/cryptobot", content=body, headers=headers)
    replay = await shop.http.post("/webhooks/cryptobot", content=body, headers=headers)

    assert (answer.status_code, replay.status_code) == (200, 200)
    books = Books(database_url)
    assert await books.outcomes() == [outcome]
    assert await books.statuses() == [status]
    invoice_id = str(override.get("invoice_id", invoice["invoice_id"]))
    await operator.wait_for(lambda message: invoice_id in text_of(message))
    assert (await shop.world.state())["panel_users"] == []


def _event(invoice: dict[str, object]) -> tuple[bytes, dict[str, str]]:
    """A webhook as Crypto Pay sends it, signed with the shop's token."""
    event = {
        "update_id": 1,
        "update_type": "invoice_paid",
        "request_date": "2026-11-22T00:00:00Z",
        "payload": {key: value for key, value in invoice.items() if key != "person_id"},
    }
    body = json.dumps(event).encode()
    return body, {"crypto-pay-api-signature": sign(CRYPTOBOT_TOKEN, body)}


def _pay_a_minute_ago(shop: Shop, invoice_id: int) -> None:
    """In one step of the loop, so that no poll sees it in between.

    A webhook that is a second late is not silent.
    """
    world = shop.world.server.world
    invoice = invoices.pay(world, world.state.invoices[invoice_id])
    invoice.paid_at = iso(world.clock.now() - timedelta(minutes=1))


async def _two_watches(shop: Shop) -> None:
    """Until the watcher has looked twice more."""
    board = shop.parts.board
    name = "crypto_payment_watcher"
    for _ in range(2):
        last = board.statuses[name].last_end_at

        async def again(last: object = last) -> bool:
            return board.statuses[name].last_end_at != last

        await eventually(again)


async def test_a_user_without_names_and_with_a_large_id_buys_as_all_do(
    shop: Shop, database_url: str
) -> None:
    """P1, P2: no username, no language, an id beyond 32 bits; and buttons of very old messages."""
    user = await shop.world.add_user(
        id=7_300_000_001, first_name="ㅤ", username=None, language_code=None
    )
    await user.send("/start")
    menu = await user.wait_for(lambda message: has(message, "plans"))
    await user.tap(menu, "plans", inaccessible=True)
    plans = await user.wait_for(lambda message: has(message, "plan:"))
    assert plans["message_id"] > menu["message_id"], "what is out of sight is not edited"
    await shop.world.pay(await order(user, shop.world))
    await user.wait_for(is_key)
    await expect_one_sale(Books(database_url))
