"""P15: whether an offer still holds is checked when the money arrives, however late it is."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core import clock
from app.core.money import Money
from app.db.models import EventOutcome, Plan, PromoCode, PromoUse
from app.domain.payments import PurchaseStatus
from app.services.payments import checkout
from app.services.promotions.promo_code_entry import apply_promo_code
from app.services.purchases import orders
from tests.conftest import Skip
from tests.support.locks import until_waiting
from tests.support.offers import (
    add_code,
    crowd,
    discounted,
    expect_one_discounted_sale,
    settle,
    top_up,
)
from tests.support.stall import ANNA, BEN, OLGA, Stall

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PLANS = ("month", "quarter", "year", "pro-1", "pro-3")


@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(order=st.permutations(range(5)))
async def test_of_five_invoices_with_a_code_for_one_use_one_is_sold_in_any_order(
    stall: Stall, order: list[int]
) -> None:
    """P15, P9: one discounted sale; the other four read that their money is on the balance."""
    number = len(await stall.rows(PromoCode))
    (user,) = await crowd(stall, 3_000 + number, 1)
    code = await add_code(stall, code=f"SALE{number}", max_uses=1)
    placed = []
    for plan in PLANS:
        term = await stall.term(plan)
        new = await orders.place_order(stall.db, stall.panel, user, term.id, None, is_separate=True)
        placed.append(await stall.pay(await apply_promo_code(stall.db, user, new.id, code.code)))

    outcomes = [await settle(stall, placed[which]) for which in order]

    assert outcomes == [EventOutcome.SETTLED, *[EventOutcome.DISPUTED] * 4]
    await expect_one_discounted_sale(stall, placed)
    assert await settle(stall, placed[order[1]]) is EventOutcome.REPEATED


async def test_of_five_invoices_paid_at_the_same_moment_one_is_sold(
    stall: Stall, database_url: str
) -> None:
    """P15, P2: all five have begun before the first one ends."""
    await add_code(stall, max_uses=1)
    placed = [await discounted(stall, plan=plan) for plan in PLANS]
    admin = await asyncpg.connect(database_url)
    async with admin.transaction():
        await admin.execute("SELECT 1 FROM users WHERE id = $1 FOR UPDATE", ANNA)
        payments = [asyncio.ensure_future(settle(stall, row)) for row in placed]
        await until_waiting(admin, 5)
    outcomes = await asyncio.gather(*payments)
    await admin.close()

    assert sorted(outcomes) == [*[EventOutcome.DISPUTED] * 4, EventOutcome.SETTLED]
    await expect_one_discounted_sale(stall, placed)


async def test_of_five_users_orders_with_the_last_use_one_is_sold(
    stall: Stall, database_url: str, skip: Skip
) -> None:
    """P15: each had it for an hour and paid in time; the provider sends all five at once."""
    await add_code(stall, max_uses=1)
    placed = []
    for user in await crowd(stall, 4_000, 5):
        placed.append(await discounted(stall, user))
        stall.provider.pay(placed[-1].invoice_id)
        skip(HOUR + MINUTE)
    told = [stall.provider.invoices[row.invoice_id or ""] for row in placed]
    admin = await asyncpg.connect(database_url)
    async with admin.transaction():
        await admin.execute("SELECT 1 FROM promo_codes FOR UPDATE")
        payments = [asyncio.ensure_future(stall.settle(invoice)) for invoice in told]
        await until_waiting(admin, 5)
    outcomes = await asyncio.gather(*payments)
    await admin.close()

    assert sorted(outcomes) == [*[EventOutcome.DISPUTED] * 4, EventOutcome.SETTLED]
    await expect_one_discounted_sale(stall, placed)


async def test_who_comes_late_does_not_take_the_use_of_an_order_that_is_open(
    stall: Stall, skip: Skip
) -> None:
    """P15: Ben's order has the last use; Anna's had it, ran out, and is paid now."""
    await add_code(stall, max_uses=1)
    late = await discounted(stall, ANNA)
    skip(HOUR + 5 * MINUTE)
    in_time = await discounted(stall, BEN)

    assert await settle(stall, late) is EventOutcome.DISPUTED
    assert await settle(stall, in_time) is EventOutcome.SETTLED
    assert await stall.balance(ANNA) == Money(399, "USD")


async def test_the_order_that_was_not_carried_out_shows_no_invoice_any_more(
    stall: Stall, skip: Skip
) -> None:
    """P15: its page would ask for the same money again."""
    late = await stall.buy()
    await checkout.save_checkout_message(stall.db, late.id, 55)
    await stall.change(await stall.term(), price_minor=599)
    skip(2 * HOUR)

    await settle(stall, late)

    edits = {
        notification.template: notification.edit_message_id
        for notification in await stall.notifications()
    }
    assert edits == {"payment-offer-over": None, "invoice-expired": 55}


async def test_a_late_payment_at_a_price_that_has_risen_goes_to_the_balance(
    stall: Stall, skip: Skip
) -> None:
    """P1, P15: reported with today's price, and with what to buy."""
    late = await stall.buy()
    await stall.change(await stall.term(), price_minor=599)
    skip(2 * HOUR)

    assert await settle(stall, late) is EventOutcome.DISPUTED

    assert await stall.balance() == Money(499, "USD")
    assert (await stall.again(late)).status is PurchaseStatus.EXPIRED
    (notification,) = await stall.notifications()
    assert notification.template == "payment-offer-over"
    assert notification.values == {
        "paid": "4.99 USD",
        "price": "4.99 USD",
        "today": "5.99 USD",
        "term": late.term_id,
        "subscription": None,
        "is_separate": 0,
        "is_gift": 0,
    }
    assert await stall.notified(OLGA) == ["operator-payment-offer-over"]


@pytest.mark.parametrize(
    ("change", "is_sold"),
    [
        ({"price_minor": 499}, True),
        ({"price_minor": 399}, True),
        ({"price_minor": 500}, False),
        ({"currency": "EUR"}, False),
        ({"days": 31}, True),
        ({"days": 29}, False),
        ({"traffic_limit_bytes": 0}, True),
        ({"traffic_limit_bytes": 99 * 1024**3}, False),
        ({"device_limit": 0}, True),
        ({"device_limit": 2}, False),
    ],
)
async def test_a_late_payment_is_weighed_against_what_is_sold_today(
    stall: Stall, skip: Skip, change: dict[str, object], *, is_sold: bool
) -> None:
    """P15: delivered as ordered where the same costs no more now."""
    late = await stall.buy()
    await stall.change(await stall.term(), **change)
    skip(30 * DAY)

    outcome = await settle(stall, late)

    assert outcome is (EventOutcome.SETTLED if is_sold else EventOutcome.DISPUTED)
    assert await stall.balance() == Money(0 if is_sold else 499, "USD")
    if is_sold:
        sold = await stall.again(late)
        assert (sold.price_minor, sold.days, sold.device_limit) == (499, 30, 3)


async def test_paid_in_time_the_price_holds_however_late_it_is_reported(
    stall: Stall, skip: Skip
) -> None:
    """P1, P15: the webhook was lost for a day, the code is over and the plan dearer."""
    code = await add_code(stall)
    order = await discounted(stall)
    skip(59 * MINUTE)
    invoice = stall.provider.pay(order.invoice_id)
    await stall.change(await stall.term(), price_minor=999)
    await stall.change(code, archived_at=clock.now())
    skip(DAY)

    assert await stall.settle(invoice) is EventOutcome.SETTLED
    assert await stall.balance() == Money(0, "USD")


@pytest.mark.parametrize("which", ["plan", "term"])
@pytest.mark.parametrize("is_paid_before", [True, False])
async def test_what_was_archived_is_sold_to_who_paid_before(
    stall: Stall, skip: Skip, which: str, *, is_paid_before: bool
) -> None:
    """P15: money that comes after it buys something else, from the balance."""
    order = await stall.buy()
    if is_paid_before:
        stall.provider.pay(order.invoice_id)
    skip(MINUTE)
    (plan,) = await stall.rows(Plan, Plan.code == "standard")
    await stall.change(plan if which == "plan" else await stall.term(), archived_at=clock.now())
    skip(MINUTE)
    invoice = stall.provider.invoices[order.invoice_id or ""]
    invoice = invoice if is_paid_before else stall.provider.pay(order.invoice_id)

    outcome = await stall.settle(invoice)

    assert outcome is (EventOutcome.SETTLED if is_paid_before else EventOutcome.DISPUTED)
    assert await stall.balance() == Money(0 if is_paid_before else 499, "USD")
    if not is_paid_before:
        (notification,) = await stall.notifications()
        assert (notification.template, notification.values["today"]) == ("payment-offer-over", None)


@pytest.mark.parametrize("over", ["ends_at", "archived_at"])
async def test_a_promotion_that_ended_behind_the_orders_life_is_not_paid_late(
    stall: Stall, skip: Skip, over: str
) -> None:
    """P15."""
    code = await add_code(stall)
    order = await discounted(stall)
    await stall.change(code, **{over: clock.now() + MINUTE})
    skip(2 * HOUR)

    assert await settle(stall, order) is EventOutcome.DISPUTED
    assert await stall.balance() == Money(399, "USD")


async def test_a_promotion_that_still_runs_is_paid_late(stall: Stall, skip: Skip) -> None:
    """P15: today's price is the same."""
    await add_code(stall)
    order = await discounted(stall)
    skip(2 * HOUR)

    assert await settle(stall, order) is EventOutcome.SETTLED
    assert await stall.balance() == Money(0, "USD")


async def test_where_the_price_fell_as_far_the_order_is_sold_without_its_code(
    stall: Stall, skip: Skip
) -> None:
    """P15: today's price is not more, and the code was not what made it so."""
    code = await add_code(stall)
    order = await discounted(stall)
    await stall.change(code, archived_at=clock.now())
    await stall.change(await stall.term(), price_minor=399)
    skip(2 * HOUR)

    assert await settle(stall, order) is EventOutcome.SETTLED

    sold = await stall.again(order)
    assert (sold.price_minor, sold.discount_minor) == (399, 0)
    assert await stall.rows(PromoUse) == []
    assert await stall.balance() == Money(0, "USD")


async def test_a_change_of_plan_is_not_carried_out_behind_its_life(
    stall: Stall, skip: Skip
) -> None:
    """P15: its credit melts; three minutes late is late."""
    await stall.buy_and_pay()
    change = await stall.pay(await stall.order(plan="pro-1"))
    assert change.is_change
    skip(HOUR + 3 * MINUTE)

    assert await settle(stall, change) is EventOutcome.DISPUTED
    assert (await stall.notified())[-1] == "payment-changed"
    assert await stall.balance() == change.charge


async def test_a_late_top_up_is_money_like_any_other(stall: Stall, skip: Skip) -> None:
    """P1."""
    invoice = await top_up(stall, 2_000)
    skip(30 * DAY)
    assert await stall.settle(invoice) is EventOutcome.SETTLED
    assert await stall.balance() == Money(2_000, "USD")
