"""Events of payments and refunds in any order, any number of times, by any path: one right end."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from itertools import permutations

import asyncpg
import pytest

from app.core.money import Money
from app.db.models import EventOutcome, ExternalEvent, LedgerEntry, Purchase
from app.domain.payments import Payout, PurchaseStatus, build_invoice_payload
from app.domain.ports import Invoice
from app.domain.stars import STARS_METHOD, build_paid_invoice
from app.services.payments.events import INVOICE_PAID, receive_payment_event
from app.services.payments.polling import poll_payments
from app.services.payments.provider_refunds import PAYMENT_REFUNDED
from tests.support.locks import until_waiting
from tests.support.payback import PayingBack
from tests.support.stall import ANNA, Stall

LONG_CHARGE = "stx" + "é" * 3_000


async def buy(stall: Stall) -> Purchase:
    return await stall.pay(await stall.order(), PayingBack())


def charged(purchase: Purchase, charge_id: str) -> Invoice:
    payload = build_invoice_payload(purchase.id, purchase.user_id)
    return build_paid_invoice(payload, 300, charge_id, purchase.created_at)


async def hear(stall: Stall, purchase: Purchase, event: str) -> EventOutcome:
    """`event`: "+a" is the payment with charge a, "-a" its refund."""
    kind = INVOICE_PAID if event[0] == "+" else PAYMENT_REFUNDED
    invoice = charged(purchase, f"{purchase.id}-{event[1:]}")
    return await receive_payment_event(stall.db, STARS_METHOD, event.encode(), (kind, invoice))


@pytest.mark.parametrize("order", list(permutations(["+a", "-a"])))
@pytest.mark.parametrize("repeats", [1, 2])
async def test_a_refund_before_its_payment_waits_for_it(
    stall: Stall, order: Sequence[str], repeats: int
) -> None:
    """P1, P2, P9."""
    purchase = await buy(stall)

    for event in order:
        for _ in range(repeats):
            await hear(stall, purchase, event)

    ended = await stall.again(purchase)
    assert (ended.status, ended.payout) == (PurchaseStatus.REFUNDED, Payout.DONE)
    assert await stall.balance() == Money(0, "USD")
    entries = Counter((entry.kind, entry.amount_minor) for entry in await stall.rows(LedgerEntry))
    assert entries == {
        ("payment", 499): 1,
        ("sale", -499): 1,
        ("refund", 499): 1,
        ("payout", -499): 1,
    }
    subscription = await stall.subscription()
    assert subscription.activation_status == "removal_pending"
    assert (await stall.notified()).count("payment-received") == 1
    assert (await stall.notified()).count("refunded") == 1
    outcomes = {event.outcome for event in await stall.rows(ExternalEvent)}
    assert outcomes == {EventOutcome.SETTLED}


async def test_an_early_refund_is_kept_and_pending(stall: Stall) -> None:
    """P1: not the end of the matter."""
    purchase = await buy(stall)

    assert await hear(stall, purchase, "-a") is EventOutcome.RECEIVED

    (event,) = await stall.rows(ExternalEvent)
    assert (event.body, event.outcome) == (b"-a", EventOutcome.RECEIVED)
    assert (await stall.again(purchase)).status is PurchaseStatus.PENDING


@pytest.mark.parametrize(
    "events", [["+a", "+b", "-a"], ["+a", "+b", "-a", "-b"], ["+a", "+b", "-b", "+a"]]
)
async def test_an_order_paid_twice_keeps_its_money_in_every_order(
    stall: Stall, events: Sequence[str]
) -> None:
    """P2, P9: what came in less what went back is on the balance or was sold."""
    kept = 499 * (len(set(events) & {"+a", "+b"}) - len(set(events) & {"-a", "-b"}))
    for order in set(permutations(events)):
        purchase = await buy(stall)
        before = await stall.balance()

        for event in order:
            await hear(stall, purchase, event)

        ended = await stall.again(purchase)
        sold = 499 if ended.status is PurchaseStatus.PAID else 0
        on_balance = (await stall.balance()).minor - before.minor
        assert (order, sold + on_balance) == (order, kept)
        assert ended.status in {PurchaseStatus.PAID, PurchaseStatus.REFUNDED}
        if not kept:
            assert ended.status is PurchaseStatus.REFUNDED


async def test_a_payment_that_polling_finds_meets_its_early_refund(stall: Stall) -> None:
    """P1."""
    provider = PayingBack()
    purchase = await stall.pay(await stall.order(), provider)
    paid = provider.pay(purchase.invoice_id)
    refund = (PAYMENT_REFUNDED, paid)
    await receive_payment_event(stall.db, STARS_METHOD, b"refund", refund)

    await poll_payments(stall.db, [provider])

    assert (await stall.again(purchase)).status is PurchaseStatus.REFUNDED
    assert await stall.balance() == Money(0, "USD")


async def test_a_payment_and_its_refund_at_the_same_moment_see_each_other(
    stall: Stall, database_url: str
) -> None:
    """P2: the payment waits for its user, so the refund comes while neither has committed."""
    purchase = await buy(stall)
    admin = await asyncpg.connect(database_url)
    async with admin.transaction():
        await admin.execute("SELECT 1 FROM users WHERE id = $1 FOR UPDATE", ANNA)
        payment = asyncio.ensure_future(hear(stall, purchase, "+a"))
        await until_waiting(admin, 1)
        refund = asyncio.ensure_future(hear(stall, purchase, "-a"))
        await until_waiting(admin, 2)
    await admin.close()

    assert await payment is EventOutcome.SETTLED
    assert await refund is EventOutcome.SETTLED
    assert (await stall.again(purchase)).status is PurchaseStatus.REFUNDED


async def test_an_id_of_any_length_settles_and_is_refunded(stall: Stall) -> None:
    """P1: no column and no key bounds what a provider calls its payments."""
    purchase = await buy(stall)
    invoice = charged(purchase, LONG_CHARGE)
    second = charged(purchase, LONG_CHARGE + "\0")

    for told in (invoice, invoice, second):
        await receive_payment_event(stall.db, STARS_METHOD, b"{}", (INVOICE_PAID, told))
    assert (await stall.again(purchase)).payment_id == LONG_CHARGE
    assert await stall.balance() == Money(499, "USD")
    for told in (second, invoice):
        await receive_payment_event(stall.db, STARS_METHOD, b"{}", (PAYMENT_REFUNDED, told))

    assert (await stall.again(purchase)).status is PurchaseStatus.REFUNDED
    assert await stall.balance() == Money(0, "USD")
    assert {event.outcome for event in await stall.rows(ExternalEvent)} <= {
        EventOutcome.SETTLED,
        EventOutcome.DISPUTED,
    }
