"""P15 through the whole shop: a real process, real webhooks, five invoices for one promo code."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.support.books import Books
from tests.support.command_line import command_line
from tests.support.eventually import eventually
from tests.support.house import House, open_house
from tests.support.instance import ended_after
from tests.support.shop import BEN, OLGA, Person, has, is_key, order, text_of
from tests.support.zygote import Zygote

PLACES = ((0, 0), (0, 1), (0, 2), (0, 3), (1, 0))  # plan and term, as the shop lists them


@pytest.fixture
async def house(
    fresh_database_url: str, redis_url: str, tmp_path: Path, zygote: Zygote
) -> AsyncIterator[House]:
    """With one instance that serves it, and a promo code for a single use."""
    added = await command_line(
        {"DATABASE_URL": fresh_database_url}, "promo add SALE percent 20 --uses 1"
    )
    assert added.exit_code == 0, added.error
    async with open_house(fresh_database_url, redis_url, tmp_path) as house:
        instance = house.instance("service", zygote.fork)
        house.router.target = instance.url
        async with ended_after(instance):
            instance.start()
            await instance.wait_role("active")
            yield house


async def order_five(house: House, person: Person) -> list[int]:
    await person.send("/start promo_sale")
    await person.wait_for(lambda message: "20% cheaper" in text_of(message))
    return [await order(person, house.world, plan, term) for plan, term in PLACES]


async def test_five_invoices_of_a_code_for_one_use_are_one_discounted_sale(
    house: House, fresh_database_url: str
) -> None:
    """P15, P2: Crypto Pay cannot be told to delete one, and all five are paid at once."""
    ben, olga, books = house.world.person(BEN), house.world.person(OLGA), Books(fresh_database_url)
    await olga.send("/start")
    with house.wire.hold("/deleteInvoice"):
        invoices = await order_five(house, ben)
        await asyncio.gather(*(house.world.pay(invoice) for invoice in reversed(invoices)))
        await house.wait_taken()

    await ben.wait_for(is_key)
    assert (await books.statuses()).count("paid") == 1
    ledger = await books.ledger()
    assert sorted(kind for kind, _ in ledger) == ["payment"] * 5 + ["sale"]
    (sale,) = [minor for kind, minor in ledger if kind == "sale"]
    assert -sale in [minor for kind, minor in ledger if kind == "payment"]
    assert await books.column("SELECT count(*) FROM subscriptions") == [1]
    assert await books.told("payment-offer-over") == 4
    assert await books.told("operator-payment-offer-over") == 4
    noted = "SELECT count(*) FROM audit WHERE action = 'payment_left_on_balance'"
    assert await books.column(noted) == [4]

    async def has_four() -> bool:
        letters = [text_of(message) for message in await ben.received()]
        return sum("this offer is over" in letter for letter in letters) == 4

    await eventually(has_four)
    letters = [message for message in await ben.received() if has(message, "again:")]
    assert len(letters) == 4, "each with its button to buy from the balance"


async def test_an_invoice_that_was_left_is_deleted_and_cannot_be_paid(house: House) -> None:
    """P15: of the five only the last one can be paid; the key comes, and no money is astray."""
    ben = house.world.person(BEN)
    *left, last = await order_five(house, ben)

    async def are_deleted() -> bool:
        states = {row["invoice_id"]: row["status"] for row in await house.world.invoices()}
        return [states[invoice] for invoice in left] == ["deleted"] * 4

    await eventually(are_deleted)
    for invoice in left:
        with pytest.raises(httpx.HTTPStatusError, match="409"):
            await house.world.pay(invoice)
    await house.world.pay(last)
    await ben.wait_for(is_key)
