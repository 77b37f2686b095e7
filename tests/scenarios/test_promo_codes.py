"""A promo code from the operator's command line to a key in the chat, through the whole shop."""

import asyncio

from tests.support.books import Books, expect_one_sale
from tests.support.command_line import command_line
from tests.support.shop import (
    ANNA,
    BEN,
    Shop,
    find,
    has,
    is_key,
    open_order,
    order,
    text_of,
)


async def _add(database_url: str, line: str) -> None:
    added = await command_line({"DATABASE_URL": database_url}, f"promo add {line}")
    assert added.exit_code == 0, added.error


async def test_a_code_from_a_link_makes_the_invoice_cheaper(shop: Shop, database_url: str) -> None:
    """P2: in effect without a restart; the invoice, the sale and the key follow the price."""
    await _add(database_url, "SALE percent 20")
    ben = shop.world.user(BEN)
    await ben.send("/start promo_sale")
    await ben.wait_for(lambda message: "20% cheaper" in text_of(message))
    invoice_id = await order(ben, shop.world)
    (invoice,) = await shop.world.invoices()
    assert (invoice["amount"], invoice["fiat"]) == ("3.99", "USD")
    await shop.world.pay(invoice_id)
    await ben.wait_for(is_key)
    await expect_one_sale(Books(database_url), price_minor=399)


async def test_a_code_typed_for_an_order_can_make_it_free(shop: Shop, database_url: str) -> None:
    """P2: nothing to pay, no invoice, and a key all the same."""
    await _add(database_url, "FREE100 percent 100")
    anna = shop.world.user(ANNA)
    opened = await open_order(anna)
    await anna.tap(opened, "promo")
    await anna.wait_for(lambda message: "Отправьте его" in text_of(message))
    await anna.send("free100")
    free = await anna.wait_for(lambda message: has(message, "full:"))
    assert [key.rpartition(":")[2] for key in find(free, "pay:")] == ["balance"]
    await anna.tap(free, "pay:")
    await anna.wait_for(lambda message: "Заказ подтверждён" in text_of(message))
    await anna.wait_for(is_key)
    assert await shop.world.invoices() == []


async def test_days_given_by_a_code_bring_a_key_once(shop: Shop, database_url: str) -> None:
    """P2: however often it is sent."""
    await _add(database_url, "WEEK days 7")
    ben = shop.world.user(BEN)
    await asyncio.gather(*(ben.send("/promo WEEK") for _ in range(5)))
    await ben.wait_for(is_key)
    await ben.wait_for(lambda message: "This code doesn’t work here" in text_of(message))
    assert len([message for message in await ben.received() if is_key(message)]) == 1
    assert len((await shop.world.state())["panel_users"]) == 1
