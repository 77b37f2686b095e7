"""Money for the balance, and orders that are paid with it: whole, in part, and all at once."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from app.clients.balance import Balance
from app.core import clock
from app.core.money import Money
from app.db.models import AuditEntry, EventOutcome, LedgerEntry, Purchase, Subscription
from app.domain.payment_methods import PaymentMethodClosedError
from app.domain.payments import PurchaseKind, PurchaseStatus
from app.services import shop_settings
from app.services.payments.checkout import BalanceShortError
from app.services.payments.methods import PaymentMethods
from app.services.payments.order_page import get_order_page
from app.services.payments.polling import poll_payments
from app.services.purchases import orders, top_ups
from app.services.purchases.top_ups import TopUpAmountError
from tests.conftest import Skip
from tests.support.stall import ANNA, BEN, OLGA, Stall

BALANCE = Balance()


def usd(minor: int) -> Money:
    return Money(minor, "USD")


async def give(stall: Stall, minor: int, user_id: int = ANNA) -> Purchase:
    """Top up and pay for it."""
    order = await stall.pay(await top_ups.place_top_up(stall.db, user_id, usd(minor)))
    assert await stall.settle(stall.provider.pay(order.invoice_id)) is EventOutcome.SETTLED
    return await stall.again(order)


async def entries(stall: Stall) -> list[tuple[str, int]]:
    return [(row.kind.value, row.amount_minor) for row in await stall.rows(LedgerEntry)]


async def test_a_paid_top_up_is_on_the_balance_and_reported(stall: Stall) -> None:
    """P2, P3: the money and its notification are one transaction; no subscription comes of it."""
    order = await give(stall, 1250)
    assert (order.kind, order.status, order.cost) == (
        PurchaseKind.TOP_UP,
        PurchaseStatus.PAID,
        usd(1250),
    )
    assert await stall.balance() == usd(1250)
    assert await entries(stall) == [("payment", 1250)]
    assert await stall.notified() == ["topped-up"]
    (notification,) = await stall.notifications()
    assert notification.values == {"amount": "12.50 USD", "balance": "12.50 USD"}
    assert await stall.rows(Subscription) == []


async def test_a_second_tap_finds_the_order_of_the_first_until_it_is_nearly_over(
    stall: Stall, skip: Skip
) -> None:
    first = await top_ups.place_top_up(stall.db, ANNA, usd(500))
    assert (await top_ups.place_top_up(stall.db, ANNA, usd(500))).id == first.id
    assert (await top_ups.place_top_up(stall.db, ANNA, usd(600))).id != first.id
    assert (await top_ups.place_top_up(stall.db, BEN, usd(500))).id != first.id
    skip(first.expires_at - clock.now() - timedelta(minutes=9))
    assert (await top_ups.place_top_up(stall.db, ANNA, usd(500))).id != first.id


async def test_a_top_up_reported_twice_counts_once(stall: Stall) -> None:
    """P2: whatever path the payment comes by."""
    order = await give(stall, 500)
    invoice = stall.provider.invoices[order.invoice_id or ""]
    assert await stall.settle(invoice) is EventOutcome.REPEATED
    assert await stall.balance() == usd(500)
    assert await stall.notified() == ["topped-up"]


async def test_a_top_up_paid_after_its_end_or_cancelling_still_counts(stall: Stall) -> None:
    """P1: PAID beats EXPIRED and CANCELLED."""
    for status in (PurchaseStatus.EXPIRED, PurchaseStatus.CANCELLED):
        order = await stall.pay(await top_ups.place_top_up(stall.db, ANNA, usd(700)))
        await stall.change(order, status=status)
        assert await stall.settle(stall.provider.pay(order.invoice_id)) is EventOutcome.SETTLED
    assert await stall.balance() == usd(1400)


async def test_a_second_tap_finds_the_first_order(stall: Stall) -> None:
    first = await top_ups.place_top_up(stall.db, ANNA, usd(500))
    assert (await top_ups.place_top_up(stall.db, ANNA, usd(500))).id == first.id
    assert (await top_ups.place_top_up(stall.db, ANNA, usd(600))).id != first.id
    assert (await top_ups.place_top_up(stall.db, BEN, usd(500))).id != first.id
    again = await asyncio.gather(
        *(top_ups.place_top_up(stall.db, ANNA, usd(800)) for _ in range(5))
    )
    assert len({order.id for order in again}) == 1


@pytest.mark.parametrize(
    "amount",
    [usd(99), usd(100_001), usd(0), usd(-500), usd(10**30), Money(500, "EUR"), Money(500, "gold")],
)
async def test_amounts_out_of_bounds_are_refused(stall: Stall, amount: Money) -> None:
    """P9: what a button carries comes from outside."""
    with pytest.raises(TopUpAmountError):
        await top_ups.place_top_up(stall.db, ANNA, amount)
    assert await stall.rows(Purchase) == []


async def test_the_bounds_are_those_of_now(stall: Stall) -> None:
    await shop_settings.change_shop_setting(stall.db, "top_up_least_minor", "600")
    with pytest.raises(TopUpAmountError):
        await top_ups.place_top_up(stall.db, ANNA, usd(500))
    assert (await top_ups.place_top_up(stall.db, ANNA, usd(600))).price == usd(600)


async def test_a_top_up_cannot_be_paid_with_the_balance(stall: Stall) -> None:
    """P9: neither in whole nor in part, whatever somebody's client sends."""
    await give(stall, 2000)
    order = await top_ups.place_top_up(stall.db, ANNA, usd(1000))
    payment_methods = PaymentMethods([stall.provider, BALANCE])
    page = await get_order_page(stall.db, payment_methods, order.id, ANNA)
    assert [payment_method.name for payment_method in page.payment_methods] == ["cryptobot"]
    with pytest.raises(PaymentMethodClosedError):
        await stall.pay(order, BALANCE)
    with pytest.raises(PaymentMethodClosedError):
        await orders.set_order_balance_use(stall.db, order.id, ANNA, use=True)
    assert await stall.balance() == usd(2000)


async def test_an_expired_top_up_says_so_in_its_own_words(stall: Stall) -> None:
    order = await stall.pay(await top_ups.place_top_up(stall.db, ANNA, usd(500)))
    await stall.change(order, message_id=5)
    stall.provider.expire(order.invoice_id)
    await poll_payments(stall.db, [stall.provider])
    assert (await stall.again(order)).status is PurchaseStatus.EXPIRED
    assert await stall.notified() == ["top-up-expired"]


# --- paying with it ---------------------------------------------------------------------------


async def test_the_balance_pays_a_whole_order(stall: Stall) -> None:
    await give(stall, 500)
    order = await stall.pay(await stall.order(), BALANCE)
    assert (order.status, order.due.minor) == (PurchaseStatus.PAID, 0)
    assert await stall.balance() == usd(1)
    assert await entries(stall) == [("payment", 500), ("sale", -499)]


async def test_a_part_from_the_balance_and_the_rest_with_crypto(stall: Stall) -> None:
    """P9: what the provider asks for is the rest, and the ledger sums to what is left."""
    await give(stall, 200)
    order = await orders.set_order_balance_use(stall.db, (await stall.order()).id, ANNA, use=True)
    order = await stall.pay(order)
    assert order.charge == usd(299)
    assert await stall.settle(stall.provider.pay(order.invoice_id)) is EventOutcome.SETTLED
    assert await entries(stall) == [("payment", 200), ("payment", 299), ("sale", -499)]
    assert await stall.balance() == usd(0)
    assert await stall.notified() == ["topped-up", "payment-received"]


async def test_a_part_spent_meanwhile_leaves_the_rest_on_the_balance(stall: Stall) -> None:
    """P1, P9: nothing is lost, nothing is negative, and the user reads how to go on."""
    await give(stall, 300)
    first = await orders.set_order_balance_use(stall.db, (await stall.order()).id, ANNA, use=True)
    first = await stall.pay(first)
    second = await stall.order(plan="quarter")
    second = await stall.pay(
        await orders.set_order_balance_use(stall.db, second.id, ANNA, use=True)
    )
    assert second.from_balance_minor == 300  # the same money in both

    assert await stall.settle(stall.provider.pay(first.invoice_id)) is EventOutcome.SETTLED
    assert await stall.balance() == usd(0)
    assert await stall.settle(stall.provider.pay(second.invoice_id)) is EventOutcome.DISPUTED
    assert await stall.balance() == second.charge
    assert (await stall.again(second)).status is PurchaseStatus.EXPIRED
    assert (await stall.notified())[-1] == "payment-balance-short"
    assert await stall.notified(OLGA) == ["operator-payment-balance-short"]
    assert len(await stall.rows(Subscription)) == 1

    # The next step that the notification names: the same plan, with all that is there.
    again = await stall.order(plan="quarter")
    again = await stall.pay(await orders.set_order_balance_use(stall.db, again.id, ANNA, use=True))
    assert again.charge == usd(300)
    assert await stall.settle(stall.provider.pay(again.invoice_id)) is EventOutcome.SETTLED
    assert await stall.balance() == usd(0)


async def _draft_orders(stall: Stall, count: int) -> Sequence[Purchase]:
    """That many different orders of one user: the shop gives the same one to each tap."""
    drafts = []
    for _ in range(count):
        drafts.append(order := await stall.order())
        await stall.change(order, expires_at=order.created_at + timedelta(minutes=9))
    return drafts


async def test_twenty_orders_at_once_with_money_for_one_sell_one(stall: Stall) -> None:
    """P9: a balance is spent once, and the late one keeps an open order."""
    await give(stall, 700)
    drafts = await _draft_orders(stall, 20)
    assert len({order.id for order in drafts}) == 20
    outcomes = await asyncio.gather(
        *(stall.pay(order, BALANCE) for order in drafts), return_exceptions=True
    )
    sold = [outcome for outcome in outcomes if isinstance(outcome, Purchase)]
    assert [order.status for order in sold] == [PurchaseStatus.PAID]
    refused = [outcome for outcome in outcomes if not isinstance(outcome, Purchase)]
    assert {type(error) for error in refused} == {BalanceShortError}
    assert await stall.balance() == usd(201)
    assert await entries(stall) == [("payment", 700), ("sale", -499)]
    paid = await stall.rows(Purchase, Purchase.status == PurchaseStatus.PAID)
    assert len(paid) == 2  # the top-up and one of the twenty
    opened = await stall.rows(Purchase, Purchase.status == PurchaseStatus.CREATED)
    assert len(opened) == 19
    assert len(await stall.rows(Subscription)) == 1


async def test_many_taps_on_one_order_sell_it_once(stall: Stall) -> None:
    """P2: a double tap, ten times over; nobody waits for another for ever."""
    await give(stall, 2000)
    order = await stall.order()
    outcomes = await asyncio.gather(*(stall.pay(order, BALANCE) for _ in range(10)))
    assert {outcome.status for outcome in outcomes} == {PurchaseStatus.PAID}
    assert await entries(stall) == [("payment", 2000), ("sale", -499)]
    assert (await stall.notified()).count("payment-received") == 1
    audited = [row for row in await stall.rows(AuditEntry) if row.action == "purchase_paid"]
    assert len(audited) == 2


async def test_the_method_is_chosen_while_the_payment_comes_in(stall: Stall) -> None:
    """P6: taps and webhooks of one order lock the same rows in the same order."""
    order = await stall.buy()
    paid = stall.provider.pay(order.invoice_id)
    outcomes = await asyncio.gather(
        *(stall.settle(paid) for _ in range(5)), *(stall.pay(order) for _ in range(5))
    )
    assert outcomes.count(EventOutcome.SETTLED) == 1
    assert await stall.balance() == usd(0)


async def test_a_balance_that_shrank_leaves_the_order_open(stall: Stall, skip: Skip) -> None:
    """P8: the user reads that it does not suffice, tops up, and taps again."""
    await give(stall, 500)
    drafts = await _draft_orders(stall, 2)
    await stall.pay(drafts[0], BALANCE)
    with pytest.raises(BalanceShortError):
        await stall.pay(drafts[1], BALANCE)
    skip(timedelta(minutes=1))
    await give(stall, 500)
    assert (await stall.pay(drafts[1], BALANCE)).status is PurchaseStatus.PAID
    assert await stall.balance() == usd(2)
