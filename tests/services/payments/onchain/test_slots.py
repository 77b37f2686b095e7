"""An exact amount at an address belongs to one order."""

import asyncio
from datetime import timedelta

import pytest

from app.core import clock
from app.core.money import Money
from app.db.models import OnchainInvoice, Purchase
from app.db.unit_of_work import Database
from app.domain.onchain.addresses import ChainFamily
from app.domain.onchain.states import OnchainState
from app.domain.payment_methods import PaymentMethodClosedError
from app.domain.payments import PurchaseStatus
from app.domain.ports import InvoiceStatus
from app.domain.shop_settings import ShopSettings
from app.services.payments.onchain.provider import Onchain
from app.services.payments.onchain.slots import TooManyAmountsError, expire_invoices, release_slots
from app.services.users import TelegramProfile, upsert_user
from tests.support.onchain import SHOP_EVM, SHOP_TRON, OnchainStall
from tests.support.stall import ANNA, BEN, Stall

SHOP = ShopSettings()


@pytest.fixture
async def shop(stall: Stall) -> OnchainStall:
    shop = OnchainStall(stall)
    await shop.begin()
    return shop


async def test_an_order_gets_its_amount_and_keeps_it(shop: OnchainStall) -> None:
    stall = shop.stall
    order = await stall.order()
    invoice = await shop.open(order)

    assert invoice.address == SHOP_EVM
    assert 0 < invoice.amount_micro - order.price_minor * 10_000 < 10_000
    assert (await shop.open(order)).amount_micro == invoice.amount_micro
    on_ethereum = await shop.open(order, "usdc-eth")
    assert (on_ethereum.id, on_ethereum.networks) == (invoice.id, ["usdt-bsc", "usdc-eth"])
    on_tron = await shop.open(order, "usdt-tron")
    assert (on_tron.address, on_tron.id == invoice.id) == (SHOP_TRON, False)

    purchase = await stall.again(order)
    assert (purchase.status, purchase.charge) == (PurchaseStatus.PENDING, purchase.due)
    [known] = await shop.onchain.get_invoices([str(order.id)])
    assert (known.status, known.amount) == (InvoiceStatus.ACTIVE, f"{purchase.due.amount:f}")


async def test_an_address_change_moves_no_open_invoice(shop: OnchainStall) -> None:
    """Invariant 12."""
    order = await shop.stall.order()
    await shop.open(order)
    shop.addresses.by_family["evm"] = "0x" + "77" * 20
    assert (await shop.open(order, "usdt-eth")).address == SHOP_EVM
    assert (await shop.open(await shop.stall.order(BEN))).address == "0x" + "77" * 20


async def test_a_hundred_orders_at_once_share_no_amount(shop: OnchainStall) -> None:
    """Invariant 5: more than the 99 tails of one cent."""
    stall = shop.stall
    stall.db = Database(stall.db.engine, stall.wakes.append, at_once=16)  # of the pool's 25
    shop.onchain = Onchain(stall.db, shop.addresses.find_address, ("bsc",))
    await shop.onchain.refresh()
    users = range(5000, 5100)

    async def buy(user: int) -> OnchainInvoice:
        await upsert_user(stall.db, TelegramProfile(user, "N", None, "en"))
        return await shop.open(await stall.order(user))

    invoices = await asyncio.gather(*map(buy, users))

    assert len({invoice.amount_micro for invoice in invoices}) == 100
    amounts = [invoice.amount_micro for invoice in invoices]
    assert max(amounts) - min(amounts) < 99_900


async def test_one_user_does_not_hold_them_all(shop: OnchainStall) -> None:
    plans = ["month", "quarter", "year", "pro-1", "pro-3", "pro-12"]
    orders = [await shop.stall.order(ANNA, plan) for plan in plans]
    for order in orders[:5]:
        await shop.open(order)
        await shop.open(order, "usdt-tron")
    with pytest.raises(TooManyAmountsError):
        await shop.open(orders[5])


async def test_an_amount_is_free_when_its_hold_was_read_to_the_end(shop: OnchainStall) -> None:
    stall = shop.stall
    invoice = await shop.open(await stall.order())
    evm, now, chains = ChainFamily.EVM, clock.now(), shop.onchain.list_chains(ChainFamily.EVM)
    over = {"expires_at": now - timedelta(hours=25), "hold_until": now - timedelta(hours=1)}
    await stall.change(invoice, **over)

    await shop.read_up_to(now - timedelta(hours=2))

    async with stall.db.unit_of_work() as session:
        assert await expire_invoices(session, evm) == 1
        assert await release_slots(session, evm, chains) == 0  # not read so far
    assert (await stall.again(invoice)).state is OnchainState.EXPIRED
    [known] = await shop.onchain.get_invoices([str(invoice.purchase_id)])
    assert known.status is InvoiceStatus.EXPIRED
    await shop.read_up_to(now, "eth")
    async with stall.db.unit_of_work() as session:
        assert await release_slots(session, evm, chains) == 0  # BSC is behind
    await shop.read_up_to(now)
    async with stall.db.unit_of_work() as session:
        assert await release_slots(session, evm, chains) == 1
    assert (await stall.again(invoice)).state is OnchainState.CLOSED
    # The same amount may be another's now.
    second = await shop.open(await stall.order(BEN))
    await stall.change(second, amount_micro=invoice.amount_micro)


async def test_it_is_offered_where_it_can_be_paid_and_read(shop: OnchainStall) -> None:
    price, due = shop.onchain.payment_method.price, Money(499, "USD")
    assert price(due, SHOP) == due
    assert price(Money(45_000, "RUB"), SHOP) is None  # no rate for it
    shop.addresses.by_family.pop("tron")
    await shop.onchain.refresh()
    assert {one.chain for one in shop.onchain.networks} == {"eth", "bsc"}
    assert "cell-eth" not in [one.key for one in shop.onchain.networks]
    with pytest.raises(PaymentMethodClosedError):
        shop.onchain.on("usdt-tron")
    shop.addresses.by_family.clear()
    await shop.onchain.refresh()
    assert price(due, SHOP) is None


async def test_a_cancelled_order_keeps_its_amount(shop: OnchainStall) -> None:
    order = await shop.stall.order()
    invoice = await shop.open(order)
    await shop.stall.change(order, status=PurchaseStatus.CANCELLED)
    assert (await shop.stall.again(invoice)).released_at is None
    (purchase,) = await shop.stall.rows(Purchase)
    assert purchase.status is PurchaseStatus.CANCELLED
