"""Everything that can arrive has its rule, its words and its row."""

from datetime import timedelta

import pytest

from app.core import clock
from app.core.money import Money
from app.db.models import AttentionItem, LedgerEntry, OnchainTransfer
from app.domain.onchain.amounts import to_token_units
from app.domain.payments import PurchaseStatus
from app.services.payments.checkout import cancel_order
from app.services.payments.polling import poll_payments
from tests.support.onchain import SHOP_EVM, OnchainStall, require_network
from tests.support.stall import ANNA, BEN, OLGA, Stall

USDT_BSC = require_network("usdt-bsc")


@pytest.fixture
async def shop(stall: Stall) -> OnchainStall:
    shop = OnchainStall(stall)
    await shop.begin()
    return shop


@pytest.mark.parametrize("network", ["usdt-bsc", "usdt-eth", "usdc-bsc", "usdc-eth", "usdt-tron"])
async def test_an_exact_payment_is_a_sale_and_no_overpayment(
    shop: OnchainStall, network: str
) -> None:
    order = await shop.stall.order()
    invoice = await shop.open(order, network)
    await shop.pay(invoice)

    purchase = await shop.stall.again(order)
    assert purchase.status is PurchaseStatus.PAID
    assert await shop.assignments() == ["matched"]
    assert await shop.stall.balance() == Money(0, "USD")
    assert await shop.stall.notified() == ["payment-received"]
    assert await shop.stall.notified(OLGA) == []
    (transfer,) = await shop.transfers()
    assert purchase.payment_id == f"{transfer.chain}:{transfer.tx_hash}:0"
    assert transfer.credited_minor == purchase.due.minor


async def test_mined_is_shown_and_credits_nothing_until_it_is_final(shop: OnchainStall) -> None:
    """Invariant 3: reorganised at each depth above the final block, without effect."""
    bsc, order = shop.chains["bsc"], await shop.stall.order()
    invoice = await shop.open(order)
    await shop.stall.change(order, message_id=77)
    shop.send(invoice)
    for depth in range(1, bsc.final_after):
        bsc.mine(1 if depth == 1 else depth)
        await shop.read()
        assert (await shop.stall.again(invoice)).state == "mined"
        bsc.reorganise(depth)
        await shop.read()
        assert (await shop.stall.again(invoice)).state == "reorganised"
        assert await shop.stall.rows(LedgerEntry) == []
    bsc.finalize()
    await shop.read()
    assert (await shop.stall.again(invoice)).state == "paid"
    assert await shop.assignments() == ["matched"]
    notified = await shop.stall.notified()
    assert notified[:2] == ["onchain-mined", "onchain-reorganised"]
    assert notified[-1] == "payment-received"


async def test_what_left_the_chain_for_good_was_never_money(shop: OnchainStall) -> None:
    bsc = shop.chains["bsc"]
    invoice = await shop.open(await shop.stall.order())
    shop.send(invoice)
    bsc.mine()
    await shop.read()
    bsc.reorganise(1, keeps=False)
    bsc.finalize()
    await shop.read()
    (transfer,) = await shop.transfers()
    assert (transfer.state, transfer.assignment) == ("gone", None)
    assert (await shop.stall.again(invoice)).state == "reorganised"


@pytest.mark.parametrize("more", [-1, 1, -50_000, 1_000_000])
async def test_another_amount_is_nobody_s_by_itself(shop: OnchainStall, more: int) -> None:
    """No likeness counts: an operator, or a claim, decides."""
    invoice = await shop.open(await shop.stall.order())
    await shop.pay(invoice, more_micro=more)
    assert await shop.assignments() == ["unmatched"]
    assert (await shop.stall.again(invoice)).state == "waiting"
    (item,) = await shop.stall.rows(AttentionItem)
    assert item.template == "operator-onchain-unmatched"
    assert await shop.stall.rows(LedgerEntry) == []


async def test_a_residue_of_a_chain_s_units_is_cut(shop: OnchainStall) -> None:
    """Invariant 10: 10⁻¹⁸ more is exact, 10⁻¹⁸ less is not."""
    bsc = shop.chains["bsc"]
    first, second = [await shop.open(await shop.stall.order(user)) for user in (ANNA, BEN)]
    for invoice, residue in ((first, 10**12 - 1), (second, -1)):
        units = to_token_units(invoice.amount_micro, 18) + residue
        bsc.send((USDT_BSC.contract, SHOP_EVM, units))
    bsc.finalize()
    await shop.read()
    assert await shop.assignments() == ["matched", "unmatched"]


async def test_paid_twice_is_one_sale_and_the_rest_is_balance(shop: OnchainStall) -> None:
    order = await shop.stall.order()
    invoice = await shop.open(order)
    await shop.pay(invoice)
    await shop.pay(invoice)
    assert await shop.assignments() == ["matched", "balance"]
    assert await shop.stall.balance() == order.due
    assert await shop.stall.notified() == ["payment-received", "payment-second"]
    assert (await shop.stall.again(invoice)).state == "paid"


async def test_several_in_one_transaction_are_several_payments(shop: OnchainStall) -> None:
    """Invariant 8: by the log's place in its transaction, which a reorganisation keeps."""
    bsc = shop.chains["bsc"]
    invoices = [await shop.open(await shop.stall.order(user)) for user in (ANNA, BEN)]
    bsc.send(("0x" + "ff" * 20, SHOP_EVM, 5))  # of another contract, before them in the block
    tx = bsc.send(
        *((USDT_BSC.contract, SHOP_EVM, to_token_units(one.amount_micro, 18)) for one in invoices)
    )
    bsc.mine()
    await shop.read()
    bsc.reorganise(1)
    bsc.pool.reverse()  # another place in the block, and other indexes of the logs
    bsc.finalize()
    await shop.read()
    transfers = await shop.transfers()
    assert [(one.tx_hash, one.ordinal, one.assignment) for one in transfers] == [
        (tx.hash, 0, "matched"),
        (tx.hash, 1, "matched"),
    ]


async def test_what_is_no_payment_has_no_effect(shop: OnchainStall) -> None:
    """Invariant 9: a token of the same name by another contract, nothing, and dust."""
    bsc, invoice = shop.chains["bsc"], await shop.open(await shop.stall.order())
    fake = "0x" + "fa" * 20
    bsc.send((fake, SHOP_EVM, to_token_units(invoice.amount_micro, 18)))
    bsc.send((USDT_BSC.contract, SHOP_EVM, 0))
    bsc.send((USDT_BSC.contract, SHOP_EVM, 10**16))
    bsc.finalize()
    await shop.read()
    assert await shop.assignments() == ["ignored", "ignored"]
    assert await shop.stall.notified(OLGA) == []
    assert (await shop.stall.again(invoice)).state == "waiting"


async def test_on_another_network_than_was_chosen_it_is_balance(shop: OnchainStall) -> None:
    """The right person's, and said to them; never the order in silence."""
    order = await shop.stall.order()
    invoice = await shop.open(order)
    await shop.pay(invoice, "usdc-eth")
    assert await shop.assignments() == ["balance"]
    balance = await shop.stall.balance()
    assert balance == Money(invoice.amount_micro // 10_000, "USD")
    assert (await shop.stall.again(order)).status is PurchaseStatus.PENDING
    assert await shop.stall.notified() == ["onchain-other-network"]
    await shop.pay(invoice)  # and then as was asked for
    assert (await shop.stall.again(order)).status is PurchaseStatus.PAID


async def test_a_token_without_a_rate_waits_for_an_operator(shop: OnchainStall) -> None:
    cell = require_network("cell-eth")
    shop.chains["eth"].send((cell.contract, SHOP_EVM, 10**18))
    shop.chains["eth"].finalize()
    await shop.read("eth")
    assert await shop.assignments() == ["unmatched"]


async def test_in_time_is_what_the_block_says(shop: OnchainStall) -> None:
    """Read an hour late, it is in time; the order may have expired or been cancelled meanwhile."""
    """Invariant 15."""
    bsc = shop.chains["bsc"]
    orders = [await shop.stall.order(user) for user in (ANNA, BEN)]
    invoices = [await shop.open(order) for order in orders]
    for invoice in invoices:
        shop.send(invoice)
    bsc.finalize()
    past = clock.now() - timedelta(hours=2)
    bsc.blocks = [
        type(one)(one.number, one.hash, one.parent_hash, past, one.txs) for one in bsc.blocks
    ]
    await cancel_order(shop.stall.db, orders[1].id, BEN)
    for order, invoice in zip(orders, invoices, strict=True):
        soon = past + timedelta(minutes=1)
        await shop.stall.change(order, expires_at=soon)
        await shop.stall.change(invoice, expires_at=soon)
    await poll_payments(shop.stall.db, [shop.onchain])
    await shop.read()
    assert [(await shop.stall.again(one)).status for one in orders] == ["paid", "paid"]
    assert await shop.assignments() == ["matched", "matched"]


async def test_late_within_the_hold_the_offer_is_judged(shop: OnchainStall) -> None:
    """P15: today's price is no more, so it is carried out; with a higher one it is balance."""
    orders = [await shop.stall.order(user) for user in (ANNA, BEN)]
    invoices = [await shop.open(order) for order in orders]
    for order, invoice in zip(orders, invoices, strict=True):
        past = clock.now() - timedelta(hours=3)
        await shop.stall.change(order, expires_at=past)
        await shop.stall.change(invoice, expires_at=past)
    await poll_payments(shop.stall.db, [shop.onchain])
    await shop.read()
    await poll_payments(shop.stall.db, [shop.onchain])
    assert (await shop.stall.again(orders[0])).status is PurchaseStatus.EXPIRED
    await shop.pay(invoices[0])
    term = await shop.stall.term()
    await shop.stall.change(term, price_minor=term.price_minor + 100)
    await shop.pay(invoices[1])
    assert await shop.assignments() == ["matched", "balance"]
    assert await shop.stall.balance(BEN) == orders[1].due
    assert (await shop.stall.again(invoices[1])).state == "credited"


async def test_after_the_hold_it_is_unmatched(shop: OnchainStall) -> None:
    invoice = await shop.open(await shop.stall.order())
    past = clock.now() - timedelta(hours=2)
    await shop.stall.change(invoice, expires_at=past, hold_until=past)
    for chain in shop.chains:
        shop.chains[chain].mine(5)
        await shop.read(chain)
    assert (await shop.stall.again(invoice)).released_at is not None
    await shop.pay(invoice)
    assert await shop.assignments() == ["unmatched"]


async def test_one_that_fails_holds_up_no_other(shop: OnchainStall) -> None:
    """P6: it stays due, and operators are notified."""
    broken, fine = [await shop.open(await shop.stall.order(user)) for user in (ANNA, BEN)]
    await shop.stall.change(broken, networks=[])
    shop.send(broken, "usdt-bsc")
    await shop.stall.change(broken, purchase_id=broken.purchase_id)
    await shop.pay(fine)
    assert len(await shop.stall.rows(OnchainTransfer)) == 2
    assert (await shop.stall.again(fine)).state == "paid"
