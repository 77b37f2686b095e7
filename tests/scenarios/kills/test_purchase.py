"""The process is killed between any two steps of a purchase, and started again."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from tests.support.eventually import eventually
from tests.support.killing import Site, Where, answered, asked, at_commit, before, claimed, marked
from tests.support.shop import (
    ChatUser,
    Message,
    find,
    has,
    is_key,
    open_order,
    open_terms,
    order,
    order_with_stars,
    pay_stars,
    text_of,
    urls,
)


@dataclass(frozen=True)
class Point:
    """`while_` is choosing, ordering, paying (by the webhook) or polling (it was lost).

    Waiting is paying while the panel is slow, so that the receipt goes first.

    And with Stars: asking_stars (before the payment), paying_stars or polling_stars.
    """

    while_: str
    where: Where
    most_keys: int = 1
    """How often the key's message may come."""

    @property
    def is_with_stars(self) -> bool:
        return self.while_.endswith("stars")

    @property
    def is_with_a_slow_panel(self) -> bool:
        """Or the receipt would come with the key."""
        return self.while_ == "waiting"


ORDER_STORED = ("INSERT ON purchases", "NEW.status = 'created'")
WAY_STORED = ("UPDATE ON purchases", "NEW.provider IS NOT NULL AND OLD.provider IS NULL")
INVOICE_STORED = ("UPDATE ON purchases", "NEW.status = 'pending' AND OLD.status = 'created'")
MESSAGE_STORED = ("UPDATE ON purchases", "NEW.message_id IS DISTINCT FROM OLD.message_id")
STARS_STORED = ("INSERT ON external_events", "NEW.provider = 'stars'")
SETTLED = ("INSERT ON outbox", "NEW.template = 'payment-received'")
ACCESS_CLAIMED = ("UPDATE ON subscriptions", "NEW.lease_token IS NOT NULL")
DELIVERED = ("UPDATE ON subscriptions", "NEW.activation_status = 'active'")
WITHDRAWN = ("UPDATE ON outbox", "NEW.status = 'withdrawn'")
SLOW_PANEL_MILLISECONDS = 3_000

POINTS = {
    # From the tap on a term to the order in the chat.
    "the order is not stored": Point("choosing", before(*ORDER_STORED)),
    "the order's commit was sent": Point("choosing", at_commit(*ORDER_STORED)),
    "the order is not shown": Point("choosing", asked("/editMessageText")),
    # From the payment method to the invoice in the chat.
    "the way to pay is not stored": Point("ordering", before(*WAY_STORED)),
    "the way's commit was sent": Point("ordering", at_commit(*WAY_STORED)),
    "the provider is not asked yet": Point("ordering", asked("/createInvoice")),
    "the provider's invoice is not heard of": Point("ordering", answered("/createInvoice")),
    "the invoice is not stored": Point("ordering", before(*INVOICE_STORED)),
    "the invoice is stored": Point("ordering", at_commit(*INVOICE_STORED)),
    "the invoice is not shown": Point("ordering", asked("/editMessageText")),
    "the invoice is shown": Point("ordering", answered("/editMessageText")),
    "its message is not remembered": Point("ordering", before(*MESSAGE_STORED)),
    "its message is remembered": Point("ordering", at_commit(*MESSAGE_STORED)),
    "the tap is not answered": Point("ordering", asked("/answerCallbackQuery")),
    # From the payment to the key.
    "the payment is not settled": Point("paying", before(*SETTLED)),
    "the settlement's commit was sent": Point("paying", at_commit(*SETTLED)),
    "the provider does not hear 200": Point("paying", answered("/webhooks/cryptobot")),
    "the access is not claimed": Point("paying", before(*ACCESS_CLAIMED)),
    "the access's claim was sent": Point("paying", at_commit(*ACCESS_CLAIMED)),
    "the panel is not told": Point("paying", asked("/panel/add-user")),
    "the panel's account is not heard of": Point("paying", answered("/panel/add-user")),
    "the delivery is not stored": Point("paying", before(*DELIVERED)),
    "the delivery's commit was sent": Point("paying", at_commit(*DELIVERED)),
    "the receipt is not withdrawn": Point("paying", before(*WITHDRAWN)),
    "the receipt's withdrawal was sent": Point("paying", at_commit(*WITHDRAWN)),
    "the receipt is not claimed": Point("waiting", before(*claimed("payment-received"))),
    "the receipt is claimed": Point("waiting", at_commit(*claimed("payment-received"))),
    "the receipt is not sent": Point("waiting", asked("/editMessageText")),
    "the receipt is sent": Point("waiting", answered("/editMessageText")),
    "the receipt is not marked": Point("waiting", before(*marked("payment-received"))),
    "the receipt is marked": Point("waiting", at_commit(*marked("payment-received"))),
    "the key is not claimed": Point("paying", before(*claimed("key-ready"))),
    "the key is claimed": Point("paying", at_commit(*claimed("key-ready"))),
    "the key is not sent": Point("paying", asked("/sendPhoto")),
    # The window that nobody can close: Telegram has it, and we cannot ask.
    "the key is sent": Point("paying", answered("/sendPhoto"), most_keys=2),
    "the order is not removed": Point("paying", asked("/deleteMessage"), most_keys=2),
    "the order is removed": Point("paying", answered("/deleteMessage"), most_keys=2),
    "the key is not marked": Point("paying", before(*marked("key-ready"))),
    "the key is marked": Point("paying", at_commit(*marked("key-ready"))),
    # From a payment with Stars to its settlement; what follows is the same.
    "Telegram's question is not heard of": Point("asking_stars", asked("/answerPreCheckoutQuery")),
    "Telegram's question is answered": Point("asking_stars", answered("/answerPreCheckoutQuery")),
    "Telegram does not hear 200 to its question": Point(
        "asking_stars", answered("/telegram/webhook")
    ),
    "the Stars are not settled": Point("paying_stars", before(*SETTLED)),
    "the Stars' event is not stored": Point("paying_stars", before(*STARS_STORED)),
    "the Stars' settlement's commit was sent": Point("paying_stars", at_commit(*SETTLED)),
    "the polled Stars are not settled": Point("polling_stars", before(*SETTLED)),
    "the polled Stars' commit was sent": Point("polling_stars", at_commit(*SETTLED)),
    # The same when polling finds the payment.
    "polling heard of the payment": Point(
        "polling", answered("/getInvoices", containing=b'"status":"paid"')
    ),
    "the polled payment is not settled": Point("polling", before(*SETTLED)),
    "the polled settlement's commit was sent": Point("polling", at_commit(*SETTLED)),
}


@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS)
async def test_a_purchase_survives_a_kill(site: Site, buyer: ChatUser, point: Point) -> None:
    """P1, P2, P3, P4, P7: paid, delivered and reported once, wherever the process dies."""
    if point.while_ in {"choosing", "ordering"}:
        invoice_id = await _killed_while_ordering(site, buyer, point)
        await site.sut.world.pay(invoice_id)
    elif point.is_with_stars:
        await _killed_while_paying_stars(site, buyer, point)
    else:
        await _killed_while_paying(site, buyer, point)

    await buyer.wait_for(is_key)
    await _all_is_quiet(site, buyer)
    await expect_sold_once(site, buyer, point)


async def _killed_while_ordering(site: Site, buyer: ChatUser, point: Point) -> int:
    if point.while_ == "choosing":
        opened = await open_terms(buyer)
        tapped = "buy:"
    else:
        opened = await open_order(buyer)
        tapped = next(key for key in find(opened, "pay:") if key.endswith(":cryptobot"))
    async with point.where(site) as stop:
        await buyer.tap(opened, tapped)
        await stop.wait_reached()
        await site.instance.kill()
    await site.start_again()
    if point.while_ == "choosing":
        chosen = await buyer.wait_for(lambda message: has(message, "pay:"))
        await buyer.tap(chosen, "pay:")
    await buyer.wait_for(_is_checkout)
    await _all_is_quiet(site, buyer)
    (invoice,) = await _invoices(site, buyer)
    return int(invoice["invoice_id"])


async def _killed_while_paying(site: Site, buyer: ChatUser, point: Point) -> None:
    invoice_id = await order(buyer, site.sut.world)
    await _all_is_quiet(site, buyer)
    if point.while_ == "polling":
        await site.sut.world.turn(payment_webhook="lost")
    if point.is_with_a_slow_panel:
        await site.sut.world.turn(panel="slow", panel_delay_ms=SLOW_PANEL_MILLISECONDS)
    async with point.where(site) as stop:
        await site.sut.world.pay(invoice_id)
        await stop.wait_reached()
        await site.instance.kill()
    await site.start_again()


async def _killed_while_paying_stars(site: Site, buyer: ChatUser, point: Point) -> None:
    link = urls(await order_with_stars(buyer))[0]
    await _all_is_quiet(site, buyer)
    if point.while_ == "polling_stars":
        await site.sut.world.turn(stars="lost")
    async with point.where(site) as stop:
        paying = asyncio.create_task(pay_stars(buyer, link))
        await stop.wait_reached()
        await site.instance.kill()
    await site.start_again()
    if (await paying)["status"] != "paid":  # nobody answered Telegram's question in time
        assert (await pay_stars(buyer, link))["status"] == "paid"


async def _all_is_quiet(site: Site, buyer: ChatUser) -> None:
    """Nothing waits to be said, on either side."""

    async def is_quiet() -> bool:
        waiting = "SELECT 1 FROM outbox WHERE chat_id = $1 AND status = 'waiting'"
        return not await site.books.rows(waiting, buyer.id)

    await site.sut.wait_taken()
    await eventually(is_quiet)


async def expect_sold_once(site: Site, buyer: ChatUser, point: Point) -> None:
    purchases = await _rows(site, "purchases", buyer)
    (paid,) = [row for row in purchases if row["status"] == "paid"]
    assert paid["delivered_at"] is not None
    # One that the provider was never asked for may have been given up.
    assert {row["status"] for row in purchases} <= {"paid", "expired"}
    ledger = await _rows(site, "ledger_entries", buyer)
    assert sorted((row["kind"], row["amount_minor"]) for row in ledger) == [
        ("payment", 499),
        ("sale", -499),
    ]
    (subscription,) = await _rows(site, "subscriptions", buyer)
    assert (subscription["revision"], subscription["activation_status"]) == (1, "active")
    term = subscription["expires_at"] - paid["paid_at"]
    assert abs(term - timedelta(days=paid["days"])) < timedelta(seconds=30)

    (account,) = [
        account
        for account in (await site.sut.world.state())["panel_users"]
        if account["uuid"] == str(subscription["access_id"])
    ]
    assert account["created_calls"] == 1
    if point.is_with_stars:
        stars = (await site.sut.world.state())["star_transactions"]
        assert [one["amount"] for one in stars if one["person_id"] == buyer.id] == [300]
    else:
        (invoice,) = await _invoices(site, buyer)
        assert invoice["status"] == "paid"

    told = await site.books.rows(
        "SELECT template, status FROM outbox WHERE chat_id = $1 ORDER BY template", buyer.id
    )
    assert [row["template"] for row in told] == ["key-ready", "payment-received"]
    key_status, receipt_status = [row["status"] for row in told]
    assert key_status == "sent"
    assert receipt_status in {"sent", "withdrawn"}
    received = await buyer.received()
    keys = [message for message in received if is_key(message)]
    assert 1 <= len(keys) <= point.most_keys
    receipts = [message for message in received if "Payment received" in text_of(message)]
    if receipt_status == "withdrawn":
        assert receipts == keys
    else:
        assert len(receipts) == 1
        assert receipts[0]["message_id"] < keys[0]["message_id"]
        assert "Payment received" not in text_of(keys[0])
    assert [message for message in received if _is_checkout(message)] == []


async def _rows(site: Site, table: str, buyer: ChatUser) -> list[dict[str, Any]]:
    return await site.books.rows(f"SELECT * FROM {table} WHERE user_id = $1", buyer.id)


async def _invoices(site: Site, buyer: ChatUser) -> list[dict[str, Any]]:
    """Those that the provider made for the buyer's orders, shown or not."""
    payload_end = f".{buyer.id}"
    return [
        invoice
        for invoice in await site.sut.world.invoices()
        if invoice["payload"].endswith(payload_end)
    ]


def _is_checkout(message: Message) -> bool:
    return any("#invoice-" in url or "#stars-" in url for url in urls(message))
