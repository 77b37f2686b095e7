"""Claims by hash: what is one's own is credited, and a stranger's hash credits no one."""

import json
from datetime import timedelta

import pytest

from app.core import clock
from app.core.money import Money
from app.db.models import AttentionItem, OnchainClaim, OnchainInvoice
from app.services.payments.onchain.claims import (
    ClaimOutcome,
    NotAHashError,
    NothingToAssignError,
    NoValueError,
    TooManyClaimsError,
    assign_transfer,
    claim_transfer,
    dismiss_transfer,
    parse_tx_hash,
    reject_claim,
)
from app.services.privacy.export import export_user_data
from app.services.shop_settings import change_shop_setting
from tests.support.onchain import SHOP_EVM, OnchainStall, require_network
from tests.support.stall import ANNA, BEN, OLGA, Stall


@pytest.fixture
async def shop(stall: Stall) -> OnchainStall:
    shop = OnchainStall(stall)
    await shop.begin()
    return shop


async def let_go(shop: OnchainStall, invoice: OnchainInvoice) -> None:
    """Its hold ends."""
    past = clock.now() - timedelta(hours=2)
    await shop.stall.change(invoice, expires_at=past, hold_until=past)
    for chain in shop.chains:
        shop.chains[chain].mine(5)
        await shop.read(chain)
    assert (await shop.stall.again(invoice)).state == "closed"


async def test_money_after_the_hold_is_claimed_by_who_sent_that_amount(shop: OnchainStall) -> None:
    invoice = await shop.open(await shop.stall.order())
    await let_go(shop, invoice)
    tx = await shop.pay(invoice)

    stranger = await claim_transfer(shop.stall.db, BEN, tx.hash)
    assert stranger.outcome is ClaimOutcome.ASKED  # and credits nothing
    spelled = tx.hash[2:].upper()
    result = await claim_transfer(shop.stall.db, ANNA, spelled)

    value = Money(invoice.amount_micro // 10_000, "USD")
    assert (result.outcome, result.money) == (ClaimOutcome.CREDITED, value)
    assert (await shop.stall.balance(), await shop.stall.balance(BEN)) == (value, Money(0, "USD"))
    assert (await claim_transfer(shop.stall.db, ANNA, tx.hash)).outcome is ClaimOutcome.YOURS
    assert (await claim_transfer(shop.stall.db, BEN, tx.hash)).outcome is ClaimOutcome.TAKEN
    (transfer,) = await shop.transfers()
    assert (transfer.assignment, transfer.assigned_by) == ("claimed", "claim")
    assert (await shop.stall.again(invoice)).state == "credited"
    assert [one.settled_at is not None for one in await shop.stall.rows(AttentionItem)] == [
        True,
        True,
    ]
    assert [one.settled_at is not None for one in await shop.stall.rows(OnchainClaim)] == [True]


async def test_an_order_made_after_the_transfer_proves_nothing(shop: OnchainStall) -> None:
    """Invariant 11: who reads the chain could order until the amount fits."""
    invoice = await shop.open(await shop.stall.order(ANNA))
    tx = await shop.pay(invoice, more_micro=2_000_000)
    await let_go(shop, invoice)
    other = await shop.open(await shop.stall.order(BEN))
    await shop.stall.change(other, amount_micro=invoice.amount_micro + 2_000_000)
    assert (await claim_transfer(shop.stall.db, BEN, tx.hash)).outcome is ClaimOutcome.ASKED
    assert await shop.stall.balance(BEN) == Money(0, "USD")


async def test_too_little_goes_to_an_operator_and_then_to_the_balance(shop: OnchainStall) -> None:
    order = await shop.stall.order()
    invoice = await shop.open(order)
    tx = await shop.pay(invoice, more_micro=-500_000)

    assert (await claim_transfer(shop.stall.db, ANNA, tx.hash)).outcome is ClaimOutcome.ASKED
    assert (await claim_transfer(shop.stall.db, ANNA, tx.hash)).outcome is ClaimOutcome.ASKED
    assert (await claim_transfer(shop.stall.db, BEN, tx.hash)).outcome is ClaimOutcome.TAKEN
    assert "operator-onchain-claim" in await shop.stall.notified(OLGA)
    (transfer,) = await shop.transfers()
    money = await assign_transfer(shop.stall.db, OLGA, transfer.id, ANNA)

    assert await shop.stall.balance() == money
    assert money.minor == (invoice.amount_micro - 500_000) // 10_000
    assert (await shop.stall.again(invoice)).state == "waiting"  # and can still be paid
    assert await shop.stall.notified() == ["onchain-credited"]
    (transfer,) = await shop.transfers()
    assert (transfer.assignment, transfer.assigned_by) == ("claimed", f"user:{OLGA}")
    with pytest.raises(NothingToAssignError):
        await assign_transfer(shop.stall.db, OLGA, transfer.id, BEN)
    with pytest.raises(NothingToAssignError):
        await dismiss_transfer(shop.stall.db, OLGA, transfer.id, "Mine")


@pytest.mark.parametrize(("currency", "share"), [("USDT", 1), ("RUB", None)])
async def test_without_an_order_it_is_worth_the_shop_s_currency(
    shop: OnchainStall, currency: str, share: int | None
) -> None:
    """One to one with dollars; in another currency an operator says what it is worth."""
    invoice = await shop.open(await shop.stall.order())
    await shop.pay(invoice, more_micro=1)
    await change_shop_setting(shop.stall.db, "currency", currency)
    (transfer,) = await shop.transfers()
    if share is None:
        with pytest.raises(NoValueError):
            await assign_transfer(shop.stall.db, OLGA, transfer.id, ANNA)
    else:
        money = await assign_transfer(shop.stall.db, OLGA, transfer.id, ANNA)
        assert money == Money(invoice.amount_micro + 1, currency)


async def test_operators_reject_and_dismiss(shop: OnchainStall) -> None:
    invoice = await shop.open(await shop.stall.order())
    tx = await shop.pay(invoice, more_micro=1)
    await claim_transfer(shop.stall.db, BEN, tx.hash)
    (transfer,) = await shop.transfers()
    await reject_claim(shop.stall.db, OLGA, transfer.id)
    assert (await claim_transfer(shop.stall.db, ANNA, tx.hash)).outcome is ClaimOutcome.ASKED
    await dismiss_transfer(shop.stall.db, OLGA, transfer.id, "Mine")
    assert await shop.assignments() == ["ignored"]
    assert (await claim_transfer(shop.stall.db, ANNA, tx.hash)).outcome is ClaimOutcome.TAKEN
    assert await shop.stall.balance() == Money(0, "USD")


async def test_what_is_not_final_is_only_said(shop: OnchainStall) -> None:
    bsc = shop.chains["bsc"]
    invoice = await shop.open(await shop.stall.order())
    assert (await claim_transfer(shop.stall.db, ANNA, "0x" + "1" * 64)).outcome == "unknown"
    tx = shop.send(invoice)
    bsc.mine()
    await shop.read()
    assert (await claim_transfer(shop.stall.db, ANNA, tx.hash)).outcome is ClaimOutcome.WAITING


async def test_a_token_without_a_rate_is_no_sum(shop: OnchainStall) -> None:
    tx = shop.chains["eth"].send((require_network("cell-eth").contract, SHOP_EVM, 10**19))
    shop.chains["eth"].finalize()
    await shop.read("eth")
    assert (await claim_transfer(shop.stall.db, ANNA, tx.hash)).outcome is ClaimOutcome.ASKED
    (transfer,) = await shop.transfers()
    with pytest.raises(NoValueError):
        await assign_transfer(shop.stall.db, OLGA, transfer.id, ANNA)


async def test_one_user_asks_about_few_at_once(shop: OnchainStall) -> None:
    invoice = await shop.open(await shop.stall.order())
    hashes = [(await shop.pay(invoice, more_micro=more)).hash for more in (1, 2, 3, 4)]
    for tx_hash in hashes[:3]:
        await claim_transfer(shop.stall.db, BEN, tx_hash)
    with pytest.raises(TooManyClaimsError):
        await claim_transfer(shop.stall.db, BEN, hashes[3])


@pytest.mark.parametrize("text", ["", "0x12", "g" * 64, "https://example.org/tx/1"])
def test_what_is_no_hash_is_refused(text: str) -> None:
    with pytest.raises(NotAHashError):
        parse_tx_hash(text)


def test_each_spelling_is_one_hash() -> None:
    assert {parse_tx_hash(" 0x" + "aB" * 32), parse_tx_hash("AB" * 32)} == {"0x" + "ab" * 32}


async def test_the_copy_of_ones_data_has_ones_transfers_and_claims(shop: OnchainStall) -> None:
    invoice = await shop.open(await shop.stall.order())
    await let_go(shop, invoice)
    tx = await shop.pay(invoice)
    await claim_transfer(shop.stall.db, BEN, tx.hash)
    await claim_transfer(shop.stall.db, ANNA, tx.hash)

    anna = json.loads(await export_user_data(shop.stall.db, ANNA))
    ben = json.loads(await export_user_data(shop.stall.db, BEN))

    (payment,) = anna["on-chain payments"]
    assert (payment["transaction"], payment["to"]) == (tx.hash, SHOP_EVM.lower())
    assert anna["on-chain transfers claimed"] == []  # credited at once, nothing to decide
    assert ben["on-chain payments"] == []
    (claim,) = ben["on-chain transfers claimed"]
    assert (claim["transaction"], claim["decided"] is not None) == (tx.hash, True)
    assert "from" not in claim
