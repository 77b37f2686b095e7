"""Buying again: more of the same, or another plan for what is left of the old one."""

from datetime import timedelta

import pytest

from app.clients.balance import Balance
from app.core import clock
from app.core.money import Money
from app.db.models import (
    EventOutcome,
    LedgerEntry,
    Plan,
    Purchase,
    Subscription,
)
from app.domain.payments import PurchaseStatus
from app.domain.ports import UnavailableError, Usage
from app.services.access.activation import provision_due_subscriptions
from app.services.access.subscriptions import get_subscription_page
from app.services.purchases import orders
from app.services.purchases.orders import PurchaseGoneError
from app.services.purchases.plans import PlanGoneError
from tests.conftest import Skip
from tests.support.stall import ANNA, Stall

GIB = 1024**3


async def own(stall: Stall, plan: str = "month", used_bytes: int = 0) -> Subscription:
    """Bought and delivered; so much of its traffic is used."""
    stall.panel.usage = Usage(used_bytes, None)
    await stall.buy_and_pay(plan=plan)
    return await provision(stall)


async def provision(stall: Stall) -> Subscription:
    await provision_due_subscriptions(stall.db, stall.panel)
    return await stall.subscription()


async def settle(stall: Stall, purchase: Purchase) -> EventOutcome:
    """Somebody pays its invoice."""
    return await stall.settle(stall.provider.pay(purchase.invoice_id))


async def expect_sound_books(stall: Stall) -> None:
    """P9: what came in is what was sold, credited and is left."""
    entries = await stall.rows(LedgerEntry)
    assert (await stall.balance()).minor == sum(entry.amount_minor for entry in entries) >= 0


# --- extending --------------------------------------------------------------------------------


async def test_an_extension_adds_days_and_traffic_and_resets_nothing(
    stall: Stall, skip: Skip
) -> None:
    """Known failure: a renewal that wipes traffic or devices."""
    old = await own(stall, used_bytes=40 * GIB)
    skip(timedelta(days=10))

    await stall.buy_and_pay(plan="quarter")
    new = await provision(stall)

    assert new.expires_at == old.expires_at + timedelta(days=90)
    assert (new.traffic_limit_bytes, new.device_limit) == (400 * GIB, 5)
    assert (new.access_id, new.used_before_bytes) == (old.access_id, 0)
    assert stall.panel.removed == []
    assert stall.panel.provisioned[-1].access_id == old.access_id
    await stall.buy_and_pay(plan="month")
    assert (await provision(stall)).device_limit == 5


async def test_the_price_that_was_shown_is_charged_though_the_plan_became_dearer(
    stall: Stall,
) -> None:
    """Known failure: the plan changed between showing and paying."""
    order = await stall.order()
    await stall.change(await stall.term(), price_minor=9_999, days=1, traffic_limit_bytes=1)

    order = await stall.pay(order)
    assert await settle(stall, order) is EventOutcome.SETTLED

    sold = await stall.again(order)
    assert (sold.status, sold.price_minor, sold.days) == (PurchaseStatus.PAID, 499, 30)
    assert stall.provider.invoices[order.invoice_id or ""].amount == "4.99"
    assert (await stall.subscription()).traffic_limit_bytes == 100 * GIB
    assert (await stall.order()).price_minor == 9_999  # a new one is at the new price


async def test_an_archived_plan_keeps_its_buyer(stall: Stall) -> None:
    """Theirs until its end; only more of it is not on sale."""
    kept = await own(stall)
    paid = await stall.buy(plan="quarter")
    invoice = stall.provider.pay(paid.invoice_id)
    (plan,) = await stall.rows(Plan, Plan.code == "standard")
    await stall.change(plan, archived_at=clock.now())

    page = await get_subscription_page(stall.db, stall.panel, ANNA)
    assert page is not None
    assert page.plan is not None
    assert page.plan.code == "standard"
    with pytest.raises(PlanGoneError):
        await orders.get_last_term_id(stall.db, ANNA, kept.id)
    with pytest.raises(PlanGoneError):
        await orders.place_order(stall.db, stall.panel, ANNA, (await stall.term()).id, kept.id)
    # What was paid before is still sold.
    assert await stall.settle(invoice) is EventOutcome.SETTLED
    assert (await stall.subscription()).expires_at == kept.expires_at + timedelta(days=90)


# --- changing ---------------------------------------------------------------------------------


async def test_a_dearer_plan_costs_what_is_left_of_the_old_one_less(
    stall: Stall, skip: Skip
) -> None:
    """To the minor unit, from now on, with the same key."""
    old = await own(stall, used_bytes=10 * GIB)
    skip(timedelta(days=15))

    order = await stall.order(plan="pro-1")

    assert order.is_change
    assert order.credit_minor == 249  # half of 4.99, rounded down; by traffic 4.49 would be left
    assert order.due == Money(650, "USD")
    order = await stall.pay(order)
    assert await settle(stall, order) is EventOutcome.SETTLED
    new = await provision(stall)
    sold = await stall.again(order)
    assert (new.plan_id, new.access_id, new.id) == (sold.plan_id, old.access_id, old.id)
    assert abs(new.expires_at - clock.now() - timedelta(days=30)) < timedelta(minutes=1)
    assert (new.traffic_limit_bytes, new.device_limit) == (0, 10)
    assert (await stall.balance()).minor == 0
    assert [(row.kind, row.amount_minor) for row in await stall.rows(LedgerEntry)] == [
        ("payment", 499),
        ("sale", -499),
        ("payment", 650),
        ("credit", 249),
        ("sale", -899),
    ]


async def test_a_user_who_has_used_the_traffic_has_less_left(stall: Stall, skip: Skip) -> None:
    """The lesser of both: a tenth of the traffic is left, though half of the time."""
    await own(stall, used_bytes=90 * GIB)
    skip(timedelta(days=15))

    assert (await stall.order(plan="pro-1")).credit_minor == 49


async def test_a_cheaper_plan_leaves_the_rest_on_the_balance(stall: Stall) -> None:
    """Nothing is to be paid, and nothing waits for a payment that never comes."""
    await own(stall, plan="pro-3")
    order = await stall.order(plan="month")
    assert order.due.minor == 0
    assert order.credit_minor in {2398, 2399}  # what a second or two cost

    paid = await stall.pay(order, Balance())

    assert paid.status is PurchaseStatus.PAID
    new = await provision(stall)
    assert (await stall.balance()).minor == order.credit_minor - 499
    assert (new.traffic_limit_bytes, new.device_limit) == (100 * GIB, 3)
    assert abs(new.expires_at - clock.now() - timedelta(days=30)) < timedelta(minutes=1)
    await expect_sound_books(stall)


async def test_the_new_plans_traffic_begins_behind_what_was_used(stall: Stall) -> None:
    """The panel's counter goes on: it must not eat the new traffic."""
    await own(stall, plan="pro-3", used_bytes=70 * GIB)
    await stall.pay(await stall.order(plan="month"), Balance())
    await provision(stall)

    assert stall.panel.provisioned[-1].traffic_limit_bytes == 170 * GIB


async def test_a_change_paid_after_an_extension_goes_to_the_balance_and_is_reported(
    stall: Stall,
) -> None:
    """P1, P9: what was credited would be credited twice; the money is never lost."""
    await own(stall)
    change = await stall.pay(await stall.order(plan="pro-1"))
    await stall.buy_and_pay(plan="month")
    before = await provision(stall)

    assert await settle(stall, change) is EventOutcome.DISPUTED

    after = await stall.subscription()
    assert (after.plan_id, after.expires_at) == (before.plan_id, before.expires_at)
    assert await stall.balance() == change.charge
    assert (await stall.notified())[-1] == "payment-changed"
    assert (await stall.again(change)).status is PurchaseStatus.EXPIRED
    await expect_sound_books(stall)


async def test_of_two_changes_ordered_and_paid_one_is_carried_out(stall: Stall) -> None:
    """P9: one credit; the other's money is on the balance, and buys the next one."""
    await own(stall)
    first = await stall.pay(await stall.order(plan="pro-1"))
    second = await stall.pay(await stall.order(plan="pro-3"))

    assert await settle(stall, first) is EventOutcome.SETTLED
    assert await settle(stall, second) is EventOutcome.DISPUTED

    subscription = await stall.subscription()
    assert subscription.term_id == first.term_id
    assert await stall.balance() == second.charge
    entries = await stall.rows(LedgerEntry, LedgerEntry.kind == "credit")
    assert [entry.purchase_id for entry in entries] == [first.id]
    await expect_sound_books(stall)


async def test_changing_back_and_forth_gains_nobody_anything(stall: Stall, skip: Skip) -> None:
    """P9."""
    await own(stall)
    paid = 499
    for plan in ("pro-1", "month", "pro-3", "quarter", "pro-1"):
        skip(timedelta(hours=7))
        order = await stall.order(plan=plan)
        paid += order.due.minor
        if order.due.minor:
            assert await settle(stall, await stall.pay(order)) is EventOutcome.SETTLED
        else:
            await stall.pay(order, Balance())
        await provision(stall)
        worth = (await stall.order(plan="year" if "pro" in plan else "pro-12")).credit_minor
        assert (await stall.balance()).minor + worth <= paid
    await expect_sound_books(stall)


async def test_what_is_left_cannot_be_kept_by_choosing_payment_methods_for_ever(
    stall: Stall, skip: Skip
) -> None:
    """P9, P15: or one would use up the old plan and be credited all of it."""
    await own(stall)
    order = await stall.pay(await stall.order(plan="pro-1"))
    skip(timedelta(minutes=50))
    draft = await orders.set_order_balance_use(stall.db, order.id, ANNA, use=False)
    again = await stall.pay(draft)
    skip(timedelta(minutes=9))
    assert await settle(stall, again) is EventOutcome.SETTLED

    late = await stall.pay(await stall.order(plan="year"))
    assert late.is_change
    skip(timedelta(minutes=61))
    with pytest.raises(PurchaseGoneError):
        await orders.set_order_balance_use(stall.db, late.id, ANNA, use=False)


async def test_a_change_that_is_paid_days_later_is_not_carried_out_at_the_old_credit(
    stall: Stall, skip: Skip
) -> None:
    """P9: the money is on the balance."""
    await own(stall)
    order = await stall.pay(await stall.order(plan="pro-1"))
    skip(timedelta(days=20))

    assert await settle(stall, order) is EventOutcome.DISPUTED
    assert await stall.balance() == order.charge
    assert (await stall.notified())[-1] == "payment-changed"


async def test_a_change_that_was_paid_in_time_holds_however_late_it_is_reported(
    stall: Stall, skip: Skip
) -> None:
    """P1."""
    await own(stall)
    order = await stall.pay(await stall.order(plan="pro-1"))
    invoice = stall.provider.pay(order.invoice_id)
    skip(timedelta(hours=9))

    assert await stall.settle(invoice) is EventOutcome.SETTLED


async def test_without_the_panel_no_change_is_offered(stall: Stall) -> None:
    """Nobody could say what is left; an extension needs no panel."""
    await own(stall)
    stall.panel.failures = [UnavailableError("down")]
    with pytest.raises(UnavailableError):
        await stall.order(plan="pro-1")
    stall.panel.failures = [UnavailableError("down")]
    assert not (await stall.order(plan="quarter")).is_change
