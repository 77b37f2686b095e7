from tests.support.books import Books, expect_one_sale
from tests.support.eventually import eventually
from tests.support.shop import ANNA, BEN, Shop, callbacks, has, is_key, order, text_of
from tests.support.stopwatch import Stopwatch


async def test_a_429_storm_delays_messages_and_loses_none(shop: Shop, database_url: str) -> None:
    """P3, P4, P10: what Telegram refuses for now is sent later, once and in order."""
    user = shop.world.user(BEN)
    invoice_id = await order(user, shop.world)
    await shop.world.turn(telegram="flood", telegram_retry_after=1)
    await shop.world.pay(invoice_id)
    books = Books(database_url)

    async def is_refused() -> bool:
        waiting = await books.column("SELECT status FROM outbox WHERE attempts > 0")
        return "waiting" in waiting

    await eventually(is_refused)
    await shop.world.turn(telegram="ok")

    await user.wait_for(is_key)
    await expect_one_sale(books)
    keys = [message for message in await user.received() if is_key(message)]
    assert len(keys) == 1


async def test_who_blocked_the_bot_is_marked_and_finds_the_key_on_coming_back(
    shop: Shop, database_url: str
) -> None:
    """P3: an unreachable user holds up nobody, and what was bought is still there."""
    user, other = shop.world.user(ANNA), shop.world.user(BEN)
    invoice_id = await order(user, shop.world)
    await user.change(bot_blocked=True)
    await shop.world.pay(invoice_id)
    books = Books(database_url)

    async def is_marked() -> bool:
        marked = await books.column(
            "SELECT unreachable_at IS NOT NULL FROM users WHERE id = $1", ANNA
        )
        delivered = await books.column("SELECT delivered_at IS NOT NULL FROM purchases")
        return list(marked) == [True] and list(delivered) == [True]

    await eventually(is_marked)
    other_invoice_id = await order(other, shop.world)
    await shop.world.pay(other_invoice_id)
    await other.wait_for(is_key)

    await user.change(bot_blocked=False)
    await user.send("/subscription")
    page = await user.wait_for(lambda message: "/panel/sub/" in text_of(message))
    assert any(key.startswith("qr") for key in callbacks(page))
    assert await books.column("SELECT unreachable_at FROM users WHERE id = $1", ANNA) == [None]


async def test_while_telegram_is_down_messages_wait_in_order(shop: Shop, database_url: str) -> None:
    """P3: the key arrives when Telegram is back, and the receipt with it or before it."""
    user = shop.world.user(BEN)
    invoice_id = await order(user, shop.world)
    await shop.world.turn(telegram="down")
    await shop.world.pay(invoice_id)
    books = Books(database_url)

    async def is_provisioned() -> bool:
        return list(await books.column("SELECT activation_status FROM subscriptions")) == ["active"]

    await eventually(is_provisioned)
    await shop.world.turn(telegram="ok")

    await user.wait_for(is_key)
    await expect_one_sale(books)
    sent = await books.column(
        "SELECT template FROM outbox WHERE status = 'sent' AND chat_id = $1 ORDER BY sent_at", BEN
    )
    assert list(sent) in (["key-ready"], ["payment-received", "key-ready"])
    receipts = [one for one in await user.received() if "Payment received" in text_of(one)]
    assert len(receipts) == 1


async def test_ten_rapid_commands_are_answered_at_once(shop: Shop) -> None:
    """P8, P10: no answer is left out, and Telegram has nothing to refuse."""
    user = shop.world.user(BEN)
    await user.send("/start")
    await user.wait_for(lambda message: has(message, "plans"))
    before = len(await user.received())
    watch = Stopwatch()
    for _ in range(10):
        await user.send("/help")

    async def all_answered() -> bool:
        return len(await user.received()) == before + 10

    await eventually(all_answered)
    assert watch.seconds < 4  # two on an idle machine, seven where they are queued
    assert (await shop.world.state())["limit_429s"] == 0
