"""The process is killed between any two steps of a refund with Stars, and started again."""

from typing import Any

import pytest

from tests.support.eventually import eventually
from tests.support.killing import Site, Where, answered, asked, at_commit, before
from tests.support.shop import OLGA, ChatUser, find, has, is_key, open_order, text_of, urls

STARS = 1_000

TAKEN_BACK = ("INSERT ON ledger_entries", "NEW.kind = 'refund'")
PAID_OUT = ("UPDATE ON purchases", "NEW.payout = 'done'")
REMOVED = ("UPDATE ON subscriptions", "NEW.activation_status = 'removed'")

POINTS: dict[str, Where] = {
    "nothing is taken back": before(*TAKEN_BACK),
    "the refund's commit was sent": at_commit(*TAKEN_BACK),
    "Telegram is not asked yet": asked("/refundStarPayment"),
    "Telegram's answer is not heard": answered("/refundStarPayment"),
    "the payout is not noted": before(*PAID_OUT),
    "the payout's commit was sent": at_commit(*PAID_OUT),
    "the key is not off the panel": before(*REMOVED),
    "the key's removal was committed": at_commit(*REMOVED),
}


@pytest.fixture
async def buyer(site: Site) -> ChatUser:
    """Who has a key that was paid with Stars."""
    if not site.instance.is_running():
        await site.start()
    buyer = await site.sut.new_user()
    await buyer.change(stars=STARS)
    opened = await open_order(buyer)
    await buyer.tap(opened, next(key for key in find(opened, "pay:") if key.endswith(":stars")))
    invoice = await buyer.wait_for(lambda message: bool(urls(message)) and has(message, "cancel:"))
    paid = await buyer.http.post(
        f"/world/people/{buyer.id}/stars/pay", json={"link": urls(invoice)[0]}
    )
    assert paid.json()["status"] == "paid", paid.text
    await buyer.wait_for(is_key)
    return buyer


@pytest.mark.parametrize("where", POINTS.values(), ids=POINTS)
async def test_a_refund_survives_a_kill(site: Site, buyer: ChatUser, where: Where) -> None:
    """P2, P3, P9: taken back once and returned once, wherever the process dies."""
    purchase = await _purchase(site, buyer)
    number = purchase["id"].hex[:8].upper()
    olga = site.sut.world.user(OLGA)
    await olga.send(f"/refund {number} killed")
    preview = await olga.wait_for(
        lambda message: number in text_of(message) and has(message, "refund:")
    )
    async with where(site) as stop:
        await olga.tap(preview, "refund:")
        await stop.wait_reached()
        await site.instance.kill()
    await site.start_again()

    await eventually(lambda: _is_returned(site, buyer))
    await site.sut.wait_taken()
    await expect_refunded_once(site, buyer)


async def _is_returned(site: Site, buyer: ChatUser) -> bool:
    """And nothing waits to be said."""
    purchase = await _purchase(site, buyer)
    removed = await site.books.rows(
        "SELECT 1 FROM subscriptions WHERE user_id = $1 AND activation_status = 'removed'", buyer.id
    )
    waiting = await site.books.rows(
        "SELECT 1 FROM outbox WHERE chat_id = $1 AND status = 'waiting'", buyer.id
    )
    return purchase["payout"] == "done" and bool(removed) and not waiting


async def expect_refunded_once(site: Site, buyer: ChatUser) -> None:
    assert (await _purchase(site, buyer))["status"] == "refunded"
    ledger = await site.books.rows(
        "SELECT kind, amount_minor FROM ledger_entries WHERE user_id = $1 ORDER BY id", buyer.id
    )
    assert [tuple(row.values()) for row in ledger] == [
        ("payment", 499),
        ("sale", -499),
        ("refund", 499),
        ("payout", -499),
    ]
    state = await site.sut.world.state()
    (user,) = [one for one in state["people"] if one["id"] == buyer.id]
    assert user["stars"] == STARS
    told = await site.books.column("SELECT template FROM outbox WHERE chat_id = $1", buyer.id)
    assert sorted(told) == ["key-ready", "payment-received", "refund-paid-out", "refunded"]
    (subscription,) = await site.books.rows(
        "SELECT access_id FROM subscriptions WHERE user_id = $1", buyer.id
    )
    accounts = [account["uuid"] for account in state["panel_users"]]
    assert str(subscription["access_id"]) not in accounts


async def _purchase(site: Site, buyer: ChatUser) -> dict[str, Any]:
    (purchase,) = await site.books.rows(
        "SELECT * FROM purchases WHERE user_id = $1 AND status IN ('paid', 'refunded')", buyer.id
    )
    return purchase
