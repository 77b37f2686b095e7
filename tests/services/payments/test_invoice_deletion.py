"""Invoices of cancelled orders are deleted at their provider, whatever it answers (P15)."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from app.core import clock
from app.db.models import EventOutcome, Purchase
from app.domain.payments import PurchaseStatus
from app.domain.ports import UnavailableError
from app.services.payments.checkout import cancel_order
from app.services.payments.invoice_deletion import delete_due_invoices
from app.services.payments.methods import PaymentMethods
from app.services.payments.polling import poll_payments
from app.services.purchases import orders
from tests.conftest import Skip
from tests.support.fakes import FakeProvider
from tests.support.payback import PayingBack
from tests.support.stall import ANNA, BEN, Stall

HOUR = timedelta(hours=1)


async def delete(stall: Stall, *others: FakeProvider) -> dict[str, int]:
    return await delete_due_invoices(stall.db, PaymentMethods([stall.provider, *others]))


async def test_a_cancelled_order_leaves_nothing_to_pay(stall: Stall) -> None:
    """P5, P15: and the worker is woken at once; an open order keeps its invoice."""
    kept, order = await stall.buy(BEN), await stall.buy(ANNA)
    stall.wakes.clear()
    await cancel_order(stall.db, order.id, ANNA)
    assert "invoice_deletion" in stall.wakes

    assert await delete(stall) == {"due": 1, "deleted": 1}

    assert stall.provider.deleted == [order.invoice_id]
    assert list(stall.provider.invoices) == [kept.invoice_id]
    assert await delete(stall) == {"due": 0, "deleted": 0}


async def test_another_method_deletes_the_invoice_of_the_first(stall: Stall) -> None:
    """P15: also a change of mind about the balance; Stars know no deleting and are not asked."""
    star_like = PayingBack()
    first = await stall.buy()
    second = await stall.pay(first, star_like)
    third = await stall.pay(second)
    await orders.set_order_balance_use(stall.db, third.id, ANNA, use=False)

    await delete(stall, star_like)

    assert Counter(stall.provider.deleted) == Counter([first.invoice_id, third.invoice_id])
    assert star_like.deleted == []


async def test_one_copy_paid_closes_the_others_and_deletes_their_invoices(stall: Stall) -> None:
    """P15: the older invoice was still open, and paid before it could be deleted."""
    crypto_like = FakeProvider("other")
    first = await stall.buy()
    second = await stall.pay(first, crypto_like)
    bens = await stall.buy(BEN)

    assert await stall.settle(stall.provider.pay(first.invoice_id)) is EventOutcome.SETTLED
    await delete(stall, crypto_like)

    assert (await stall.again(second)).status is PurchaseStatus.CANCELLED
    assert crypto_like.deleted == [second.invoice_id]
    assert (await stall.again(bens)).status is PurchaseStatus.PENDING


async def test_who_pays_beside_the_deletion_is_served(stall: Stall) -> None:
    """P1: the provider refuses to delete what was paid, and the payment is settled."""
    order = await stall.buy()
    await cancel_order(stall.db, order.id, ANNA)

    async def pay_first() -> None:
        stall.provider.pay(order.invoice_id)

    stall.provider.on_call = pay_first
    await delete(stall)
    assert stall.provider.deleted == []
    invoice = stall.provider.invoices[order.invoice_id or ""]

    assert await stall.settle(invoice) is EventOutcome.SETTLED
    assert (await delete(stall))["due"] == 0


async def test_an_absent_provider_is_asked_again_until_the_invoice_has_ended(
    stall: Stall, skip: Skip
) -> None:
    """P6: one that fails keeps no other from being deleted."""
    placed = [await stall.buy(user) for user in (ANNA, BEN)]
    for order in placed:
        await cancel_order(stall.db, order.id, order.user_id)
    stall.provider.failures = [UnavailableError("away")]
    with pytest.raises(UnavailableError):
        await delete(stall)
    assert len(stall.provider.deleted) == 1
    assert await delete(stall) == {"due": 1, "deleted": 1}
    assert sorted(stall.provider.deleted) == sorted(row.invoice_id or "" for row in placed)

    late = await stall.buy(ANNA)
    await cancel_order(stall.db, late.id, ANNA)
    skip(HOUR)
    assert await delete(stall) == {"due": 0, "deleted": 0}


async def test_an_order_cancelled_while_its_invoice_was_made_is_deleted_too(stall: Stall) -> None:
    """P15: the provider's answer comes after the cancelling."""
    before = stall.provider.on_call

    async def cancel_meanwhile() -> None:
        stall.provider.on_call = before
        (row,) = await stall.rows(Purchase)
        await cancel_order(stall.db, row.id, ANNA)

    stall.provider.on_call = cancel_meanwhile
    order = await stall.buy()
    assert order.status is PurchaseStatus.CANCELLED
    await delete(stall)
    assert stall.provider.deleted == [order.invoice_id]


async def test_an_invoice_made_late_in_an_orders_life_is_not_given_up(
    stall: Stall, skip: Skip
) -> None:
    """P1: the round of polling that looks for lost invoices leaves one that is being made."""
    order = await stall.order()
    skip(timedelta(minutes=50))
    looked = asyncio.Event()
    before = stall.provider.on_call

    async def poll_meanwhile() -> None:
        stall.provider.on_call = before
        await poll_payments(stall.db, [stall.provider])
        looked.set()

    stall.provider.on_call = poll_meanwhile
    order = await stall.pay(order)
    assert looked.is_set()
    assert order.status is PurchaseStatus.PENDING
    assert order.expires_at - clock.now() < timedelta(minutes=11)
