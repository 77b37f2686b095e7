"""The process is killed while a gift is settled and while it is redeemed, and started again."""

import pytest

from tests.support.eventually import eventually
from tests.support.killing import Site, Where, asked, at_commit, before
from tests.support.shop import ChatUser, Message, find, has, is_key, open_order, text_of, urls

MADE = ("INSERT ON gifts", "TRUE")
REDEEMED = ("UPDATE ON gifts", "NEW.redeemed_at IS NOT NULL")

SETTLING: dict[str, Where] = {
    "the gift is not made": before(*MADE),
    "the gift's commit was sent": at_commit(*MADE),
    "the card is not sent": asked("/sendPhoto"),
}
REDEEMING: dict[str, Where] = {
    "nothing is redeemed": before(*REDEEMED),
    "the redemption's commit was sent": at_commit(*REDEEMED),
}


def is_card(message: Message) -> bool:
    return "photo" in message and any("start=gift_" in url for url in urls(message))


async def order_gift(site: Site, giver: ChatUser) -> int:
    """The invoice that waits to be paid."""
    opened = await open_order(giver)
    await giver.tap(opened, "gift:")
    own = await giver.wait_for(lambda message: has(message, "pay:") and has(message, "buy:"))
    await giver.tap(own, next(key for key in find(own, "pay:") if key.endswith(":cryptobot")))
    await giver.wait_for(lambda message: has(message, "paid:"))
    return max(int(invoice["invoice_id"]) for invoice in await site.sut.world.invoices())


async def open_card(site: Site, giver: ChatUser) -> tuple[ChatUser, Message]:
    """The receiver with the gift before them."""
    link = urls(await giver.wait_for(is_card))[0]
    receiver = await site.sut.new_user()
    await receiver.send(f"/start {link.partition('start=')[2]}")
    return receiver, await receiver.wait_for(lambda message: has(message, "redeem:"))


async def expect_given_once(site: Site, giver: ChatUser, receiver: ChatUser) -> None:
    """P1, P2, P3, P4: one sale, one gift, one access, and each notification once."""
    await receiver.wait_for(is_key)

    async def is_quiet() -> bool:
        waiting = "SELECT 1 FROM outbox WHERE chat_id = ANY($1) AND status = 'waiting'"
        return not await site.books.rows(waiting, [giver.id, receiver.id])

    await eventually(is_quiet)
    await site.sut.wait_taken()
    entries = await site.books.rows(
        "SELECT kind, amount_minor FROM ledger_entries WHERE user_id = ANY($1) ORDER BY id",
        [giver.id, receiver.id],
    )
    assert [tuple(row.values()) for row in entries] == [
        ("payment", 499),
        ("sale", -499),
        ("sale", 0),
    ]
    owners = "SELECT user_id FROM subscriptions WHERE user_id = ANY($1)"
    assert await site.books.column(owners, [giver.id, receiver.id]) == [receiver.id]
    told = "SELECT template FROM outbox WHERE chat_id = $1"
    assert sorted(await site.books.column(told, giver.id)) == [
        "gift-card",
        "gift-paid",
        "gift-redeemed",
    ]
    assert await site.books.column(told, receiver.id) == ["key-ready"]
    assert len([message for message in await giver.received() if is_card(message)]) == 1


@pytest.mark.parametrize("where", SETTLING.values(), ids=SETTLING)
async def test_a_paid_gift_survives_a_kill(site: Site, buyer: ChatUser, where: Where) -> None:
    invoice_id = await order_gift(site, buyer)
    async with where(site) as stop:
        await site.sut.world.pay(invoice_id)
        await stop.wait_reached()
        await site.instance.kill()
    await site.start_again()

    receiver, opened = await open_card(site, buyer)
    await receiver.tap(opened, "redeem:")
    await expect_given_once(site, buyer, receiver)


@pytest.mark.parametrize("where", REDEEMING.values(), ids=REDEEMING)
async def test_a_redemption_survives_a_kill(site: Site, buyer: ChatUser, where: Where) -> None:
    """The tap comes again, and finds what the first one made."""
    await site.sut.world.pay(await order_gift(site, buyer))
    receiver, opened = await open_card(site, buyer)
    async with where(site) as stop:
        await receiver.tap(opened, "redeem:")
        await stop.wait_reached()
        await site.instance.kill()
    await site.start_again()

    await expect_given_once(site, buyer, receiver)
    await receiver.wait_for(lambda message: "gift is yours" in text_of(message))
