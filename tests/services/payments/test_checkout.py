"""From the tap to an invoice: our row first, then the provider, then its answer."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from app.clients.balance import Balance
from app.core import clock
from app.db.models import EventOutcome, Plan, Purchase, Subscription
from app.domain.payments import PurchaseStatus, parse_invoice_payload
from app.domain.ports import RefusedError, UnavailableError
from app.services.access.subscriptions import SubscriptionGoneError
from app.services.payments import checkout
from app.services.payments.checkout import BalanceShortError, cancel_order, get_purchase
from app.services.purchases import orders
from app.services.purchases.orders import PurchaseGoneError
from app.services.purchases.plans import PlanGoneError, list_plan_offers
from tests.conftest import Skip
from tests.support.fakes import FakeProvider
from tests.support.locks import until_waiting
from tests.support.stall import ANNA, BEN, Stall


async def test_a_tap_makes_a_purchase_with_an_invoice_to_pay(stall: Stall) -> None:
    """P5: our row first, and nothing held while the provider thinks."""
    purchase = await stall.buy()

    assert purchase.status is PurchaseStatus.PENDING
    (invoice,) = stall.provider.invoices.values()
    assert (purchase.invoice_id, purchase.pay_url) == (invoice.invoice_id, invoice.pay_url)
    assert (invoice.amount, invoice.currency) == ("4.99", "USD")
    assert parse_invoice_payload(invoice.payload) == (purchase.id, ANNA)


async def test_our_row_is_committed_before_the_provider_gets_its_request(stall: Stall) -> None:
    """P1: an invoice without a row of ours would be money of nobody."""
    seen: list[PurchaseStatus] = []

    async def look() -> None:
        seen.extend(row.status for row in await stall.rows(Purchase))

    stall.provider.on_call = look
    await stall.buy()

    assert seen == [PurchaseStatus.CREATED]


async def test_the_order_is_a_snapshot_of_the_plan(stall: Stall) -> None:
    """P9."""
    purchase = await stall.buy()
    term = await stall.term()
    (plan,) = await stall.rows(Plan, Plan.id == term.plan_id)

    await stall.change(plan, titles={"en": "New"})
    await stall.change(term, price_minor=1, days=1, traffic_limit_bytes=1)

    kept = await stall.again(purchase)
    assert (kept.price_minor, kept.days, kept.titles["en"]) == (499, 30, "Standard")
    assert kept.traffic_limit_bytes == term.traffic_limit_bytes


async def test_a_second_tap_shows_the_same_invoice(stall: Stall) -> None:
    first, second = await stall.buy(), await stall.buy()

    assert (second.id, second.pay_url) == (first.id, first.pay_url)
    assert len(stall.provider.invoices) == 1


async def test_two_taps_at_once_are_one_purchase_and_show_one_invoice(stall: Stall) -> None:
    """P1: polling asks for the invoice that was shown."""
    calls = 0
    second_creates = asyncio.Event()

    async def create_after_both_have_looked() -> None:
        nonlocal calls
        calls += 1
        if calls == 1:  # the first tap creates; the second looks, finds nothing, and creates too
            await second_creates.wait()
        elif calls == 3:
            second_creates.set()

    stall.provider.on_call = create_after_both_have_looked
    first, second = await asyncio.gather(stall.buy(), stall.buy())

    assert len(stall.provider.invoices) == 2
    assert first.id == second.id
    assert first.invoice_id == second.invoice_id
    assert first.pay_url == second.pay_url
    assert stall.provider.invoices[first.invoice_id or ""].pay_url == first.pay_url


async def test_the_second_of_two_taps_waits_until_it_can_see_the_firsts_purchase(
    stall: Stall, database_url: str
) -> None:
    """P2: on two instances for a moment, too."""
    admin = await asyncpg.connect(database_url)
    async with admin.transaction():
        await admin.execute("SELECT 1 FROM users WHERE id = $1 FOR UPDATE", ANNA)
        taps = [asyncio.ensure_future(stall.buy()) for _ in range(2)]
        await until_waiting(admin, 2)
    await asyncio.gather(*taps)
    await admin.close()

    assert len(await stall.rows(Purchase)) == 1


async def test_taps_of_two_users_are_two_purchases(stall: Stall) -> None:
    first, second = await stall.buy(ANNA), await stall.buy(BEN)
    assert first.id != second.id


@pytest.mark.parametrize(
    "change",
    [
        {"price_minor": 599},
        {"currency": "EUR"},
        {"days": 31},
        {"traffic_limit_bytes": 0},
        {"device_limit": 1},
    ],
)
async def test_other_terms_are_another_purchase(stall: Stall, change: dict[str, object]) -> None:
    """P9: nobody pays yesterday's price for what is sold today, nor today's for yesterday's."""
    first = await stall.buy()
    await stall.change(await stall.term(), **change)

    second = await stall.buy()

    assert second.id != first.id
    assert (await stall.again(first)).status is PurchaseStatus.PENDING


async def test_an_invoice_that_ends_soon_is_not_shown_again(stall: Stall, skip: Skip) -> None:
    first = await stall.buy()
    skip(timedelta(minutes=51))

    assert (await stall.buy()).id != first.id


@pytest.mark.parametrize("tapped_before", [False, True])
async def test_an_archived_plan_is_sold_no_more(stall: Stall, *, tapped_before: bool) -> None:
    (plan,) = await stall.rows(Plan, Plan.code == "standard")
    if tapped_before:
        await stall.buy()
    await stall.change(plan, archived_at=clock.now())

    with pytest.raises(PlanGoneError):
        await stall.buy()
    assert [offer.plan.code for offer in await list_plan_offers(stall.db)] == ["pro"]


async def test_an_archived_term_leaves_the_plans_others(stall: Stall) -> None:
    await stall.change(await stall.term("quarter"), archived_at=clock.now())

    with pytest.raises(PlanGoneError):
        await stall.buy(plan="quarter")
    standard, _ = await list_plan_offers(stall.db)
    assert [term.months for term in standard.terms] == [1, 6, 12]


async def test_a_term_that_never_was_is_not_sold(stall: Stall) -> None:
    with pytest.raises(PlanGoneError):
        await orders.place_order(stall.db, stall.panel, ANNA, 999_999, None)
    assert await stall.rows(Purchase) == []


async def test_another_users_subscription_cannot_be_bought_for(stall: Stall) -> None:
    """P12."""
    await stall.buy_and_pay(BEN)
    (bens,) = await stall.rows(Subscription)

    with pytest.raises(SubscriptionGoneError):
        await stall.order(ANNA, subscription_id=bens.id)


async def test_with_the_provider_away_the_row_waits_for_the_next_tap(stall: Stall) -> None:
    stall.provider.failures = [UnavailableError("away")]
    with pytest.raises(UnavailableError):
        await stall.buy()
    (row,) = await stall.rows(Purchase)
    assert (row.status, row.invoice_id) == (PurchaseStatus.CREATED, None)

    purchase = await stall.buy()

    assert (purchase.id, purchase.status) == (row.id, PurchaseStatus.PENDING)
    assert len(stall.provider.invoices) == 1


async def test_an_invoice_whose_answer_was_lost_is_found_and_not_made_twice(
    stall: Stall,
) -> None:
    """P2: the provider has no idempotency key."""
    stall.provider.loses_answers = True
    with pytest.raises(UnavailableError):
        await stall.buy()
    stall.provider.loses_answers = False

    purchase = await stall.buy()

    assert list(stall.provider.invoices) == [purchase.invoice_id]


async def test_a_refusal_leaves_no_invoice_and_the_next_tap_tries_again(stall: Stall) -> None:
    stall.provider.failures = [RefusedError("AMOUNT_TOO_SMALL")]
    with pytest.raises(RefusedError):
        await stall.buy()

    assert (await stall.buy()).status is PurchaseStatus.PENDING


async def test_a_payment_faster_than_our_second_commit_stays_paid(stall: Stall) -> None:
    """P1: the webhook overtakes the answer to createInvoice."""
    purchase = await stall.buy()
    invoice = stall.provider.invoices[purchase.invoice_id or ""]
    await stall.change(purchase, status=PurchaseStatus.CREATED, invoice_id=None, pay_url=None)
    assert await stall.settle(stall.provider.pay(invoice.invoice_id)) is EventOutcome.SETTLED

    async with stall.db.unit_of_work() as session:
        attached = await checkout.attach_invoice(session, purchase.id, invoice)

    assert attached.status is PurchaseStatus.PAID
    assert (await stall.again(purchase)).invoice_id == invoice.invoice_id


async def test_after_a_cancel_the_next_tap_is_a_new_purchase(stall: Stall) -> None:
    first = await stall.buy()
    await cancel_order(stall.db, first.id, ANNA)

    assert (await stall.again(first)).status is PurchaseStatus.CANCELLED
    assert (await stall.buy()).id != first.id


async def test_what_is_over_cannot_be_cancelled(stall: Stall) -> None:
    """P1: a paid purchase stays paid."""
    cancelled, paid = await stall.buy(BEN), await stall.buy_and_pay(ANNA)
    await cancel_order(stall.db, cancelled.id, BEN)

    for purchase, owner in ((cancelled, BEN), (paid, ANNA)):
        with pytest.raises(PurchaseGoneError):
            await cancel_order(stall.db, purchase.id, owner)
    assert (await stall.again(paid)).status is PurchaseStatus.PAID


async def test_another_users_purchase_is_neither_shown_nor_cancelled(stall: Stall) -> None:
    purchase = await stall.buy(ANNA)

    assert await get_purchase(stall.db, purchase.id, BEN) is None
    with pytest.raises(PurchaseGoneError):
        await cancel_order(stall.db, purchase.id, BEN)
    assert (await stall.again(purchase)).status is PurchaseStatus.PENDING
    assert await get_purchase(stall.db, uuid4(), ANNA) is None


async def test_plans_are_listed_in_the_shops_order(stall: Stall) -> None:
    (standard,) = await stall.rows(Plan, Plan.code == "standard")
    await stall.change(standard, position=9)

    assert [offer.plan.code for offer in await list_plan_offers(stall.db)] == ["pro", "standard"]


async def test_another_payment_method_is_another_order_and_both_can_still_be_paid(
    stall: Stall,
) -> None:
    """P1: an invoice that was left is paid all the same."""
    stars = FakeProvider("stars")
    first = await stall.buy()
    second = await stall.pay(first, stars)

    assert second.id != first.id
    assert (await stall.again(first)).status is PurchaseStatus.CANCELLED
    assert (second.status, second.provider) == (PurchaseStatus.PENDING, "stars")

    assert await stall.settle(stall.provider.pay(first.invoice_id)) is EventOutcome.SETTLED
    assert await stall.settle(stars.pay(second.invoice_id), "stars") is EventOutcome.SETTLED
    days = ((await stall.subscription()).expires_at - clock.now()) / timedelta(days=1)
    assert 59.9 < days < 60.1


async def test_an_order_that_is_over_can_be_paid_by_no_method(stall: Stall, skip: Skip) -> None:
    order = await stall.order()
    skip(timedelta(hours=1))

    with pytest.raises(PurchaseGoneError):
        await stall.pay(order)
    assert stall.provider.invoices == {}


async def test_without_the_money_on_the_balance_nothing_is_bought_with_it(stall: Stall) -> None:
    """P9."""
    order = await stall.order()

    with pytest.raises(BalanceShortError):
        await stall.pay(order, Balance())
    again = await stall.again(order)
    assert (again.status, again.provider) == (PurchaseStatus.CREATED, None)
