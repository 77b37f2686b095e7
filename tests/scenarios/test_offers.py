"""P15 through the whole shop: a real process, real webhooks, five invoices for one promo code."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.support.books import Books
from tests.support.command_line import command_line
from tests.support.eventually import eventually
from tests.support.instance import ended_after
from tests.support.service_under_test import ServiceUnderTest, open_service_under_test
from tests.support.shop import BEN, OLGA, ChatUser, has, is_key, order, text_of
from tests.support.zygote import Zygote

PLACES = ((0, 0), (0, 1), (0, 2), (0, 3), (1, 0))  # plan and term, as the shop lists them


@pytest.fixture
async def sut(
    fresh_database_url: str, redis_url: str, tmp_path: Path, zygote: Zygote
) -> AsyncIterator[ServiceUnderTest]:
    """With one instance that serves it, and a promo code for a single use."""
    added = await command_line(
        {"DATABASE_URL": fresh_database_url}, "promo add SALE percent 20 --uses 1"
    )
    assert added.exit_code == 0, added.error
    async with open_service_under_test(fresh_database_url, redis_url, tmp_path) as sut:
        instance = sut.instance("service", zygote.fork)
        sut.router.target = instance.url
        async with ended_after(instance):
            instance.start()
            await instance.wait_role("active")
            yield sut


async def order_five(sut: ServiceUnderTest, user: ChatUser) -> list[int]:
    await user.send("/start promo_sale")
    await user.wait_for(lambda message: "20% cheaper" in text_of(message))
    return [await order(user, sut.world, plan, term) for plan, term in PLACES]


async def test_five_invoices_of_a_code_for_one_use_are_one_discounted_sale(
    sut: ServiceUnderTest, fresh_database_url: str
) -> None:
    """P15, P2: Crypto Pay deletes none, and all five are paid at once."""
    ben, olga, books = sut.world.user(BEN), sut.world.user(OLGA), Books(fresh_database_url)
    await olga.send("/start")
    with sut.wire.hold("/deleteInvoice"):
        invoices = await order_five(sut, ben)
        await asyncio.gather(*(sut.world.pay(invoice) for invoice in reversed(invoices)))
        await sut.wait_taken()

    await ben.wait_for(is_key)
    assert (await books.statuses()).count("paid") == 1
    ledger = await books.ledger()
    assert sorted(kind for kind, _ in ledger) == ["payment"] * 5 + ["sale"]
    (sale,) = [minor for kind, minor in ledger if kind == "sale"]
    assert -sale in [minor for kind, minor in ledger if kind == "payment"]
    assert await books.column("SELECT count(*) FROM subscriptions") == [1]
    assert await books.count_notified("payment-offer-over") == 4
    assert await books.count_notified("operator-payment-offer-over") == 4
    noted = "SELECT count(*) FROM audit WHERE action = 'payment_left_on_balance'"
    assert await books.column(noted) == [4]

    async def has_four() -> bool:
        notifications = [text_of(message) for message in await ben.received()]
        return sum("this offer is over" in notification for notification in notifications) == 4

    await eventually(has_four)
    notifications = [message for message in await ben.received() if has(message, "again:")]
    assert len(notifications) == 4, "each with its button to buy from the balance"


async def test_an_invoice_that_was_left_is_deleted_and_cannot_be_paid(
    sut: ServiceUnderTest,
) -> None:
    """P15: of the five only the last one can be paid; the key comes, and no money is astray."""
    ben = sut.world.user(BEN)
    *left, last = await order_five(sut, ben)

    async def are_deleted() -> bool:
        states = {row["invoice_id"]: row["status"] for row in await sut.world.invoices()}
        return [states[invoice] for invoice in left] == ["deleted"] * 4

    await eventually(are_deleted)
    for invoice in left:
        with pytest.raises(httpx.HTTPStatusError, match="409"):
            await sut.world.pay(invoice)
    await sut.world.pay(last)
    await ben.wait_for(is_key)
