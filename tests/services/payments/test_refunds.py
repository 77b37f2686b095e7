"""A refund: money and access together, once, whatever happens at the same moment."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from app.clients.balance import Balance
from app.core import clock
from app.core.money import Money
from app.db.models import (
    AuditEntry,
    EntryKind,
    EventOutcome,
    LedgerEntry,
    Purchase,
    Subscription,
)
from app.domain.payments import Payout, PurchaseKind, PurchaseStatus
from app.domain.ports import Invoice, RefusedError, UnavailableError
from app.domain.shop_settings import ShopSettings
from app.domain.subscriptions import ActivationStatus
from app.services.access import activation, expiry
from app.services.payments import payouts, refunds, settlement
from app.services.payments.methods import PaymentMethods
from app.services.purchases import orders, sales
from app.services.purchases.orders import build_purchase
from app.services.users import lock_user
from tests.conftest import Skip
from tests.support.payback import PayingBack
from tests.support.periods import period_of, time_left
from tests.support.stall import ANNA, BEN, OLGA, Stall

DAY = timedelta(days=1)
MONTH = 30 * DAY


class Counter:
    """Where refunds are made: the stall with a method that pays back beside those that don't."""

    def __init__(self, stall: Stall) -> None:
        self.stall = stall
        self.stars = PayingBack()
        self.payment_methods = PaymentMethods([stall.provider, Balance(), self.stars])

    async def refund(self, purchase: Purchase, reason: str = "asked for it") -> Purchase:
        return await refunds.refund_purchase(
            self.stall.db, self.payment_methods, purchase.id, OLGA, reason
        )

    async def buy_with_stars(self, user_id: int = ANNA, plan: str = "month") -> Purchase:
        return await self.pay_with_stars(await self.stall.order(user_id, plan))

    async def pay_with_stars(self, order: Purchase) -> Purchase:
        paid = await self.stall.pay(order, self.stars)
        outcome = await self.settle(self.stars.pay(paid.invoice_id))
        assert outcome is EventOutcome.SETTLED
        return await self.stall.again(paid)

    async def settle(self, invoice: Invoice) -> EventOutcome:
        async with self.stall.db.unit_of_work() as session:
            return await settlement.settle_invoice(session, "stars", invoice)

    async def note(self, payment_id: str | None) -> bool | None:
        async with self.stall.db.unit_of_work() as session:
            return await refunds.record_provider_refund(session, "stars", payment_id or "")

    async def pay_out_due(self) -> dict[str, int]:
        return await payouts.pay_out_due_refunds(self.stall.db, self.payment_methods)

    async def top_up(self, minor: int) -> Purchase:
        order = build_purchase(ANNA, PurchaseKind.TOP_UP)
        order.price_minor = minor
        async with self.stall.db.unit_of_work() as session:
            session.add(order)
        return await self.pay_with_stars(order)


@pytest.fixture
def desk(stall: Stall) -> Counter:
    return Counter(stall)


async def ledger(stall: Stall, user_id: int = ANNA) -> list[tuple[str, int]]:
    rows = await stall.rows(LedgerEntry, LedgerEntry.user_id == user_id)
    return [(row.kind.value, row.amount_minor) for row in rows]


async def provision(stall: Stall) -> None:
    await activation.provision_due_subscriptions(stall.db, stall.panel)


async def expect_whole(stall: Stall, user_id: int = ANNA) -> None:
    """What is paid for and not over is exactly what the subscription still runs."""
    now = clock.now()
    for subscription in await stall.rows(Subscription, Subscription.user_id == user_id):
        covers = await stall.rows(
            Purchase,
            Purchase.subscription_id == subscription.id,
            Purchase.status == PurchaseStatus.PAID,
            Purchase.covers_until > now,
        )
        assert time_left(covers, now) == max(subscription.expires_at - now, timedelta())


async def test_money_and_access_go_back_together(stall: Stall, desk: Counter) -> None:
    """P2, P3, P9: ledger, purchase, subscription, audit and notification in one transaction."""
    purchase = await stall.buy_and_pay()
    await provision(stall)
    refunded = await desk.refund(purchase, "wrong plan")

    assert (refunded.status, refunded.payout) == (PurchaseStatus.REFUNDED, None)
    assert await ledger(stall) == [("payment", 499), ("sale", -499), ("refund", 499)]
    assert await stall.balance() == Money(499, "USD")
    (returned,) = await stall.rows(LedgerEntry, LedgerEntry.kind == EntryKind.REFUND)
    assert returned.purchase_id == purchase.id
    subscription = await stall.subscription()
    assert subscription.activation_status is ActivationStatus.REMOVAL_PENDING
    assert subscription.ends_at <= clock.now()
    assert "fast_expiry_cleanup" in stall.wakes
    notification = (await stall.notifications())[-1]
    assert notification.template == "refunded"
    assert notification.values == {
        "outside": None,
        "balance": "4.99 USD",
        "has_ended": 1,
        "expires_at": None,
    }
    (entry,) = await stall.rows(AuditEntry, AuditEntry.action == "purchase_refunded")
    assert (entry.actor, entry.details["reason"]) == (f"user:{OLGA}", "wrong plan")
    await expiry.deprovision_ended_subscriptions(stall.db, stall.panel)
    assert stall.panel.removed == [subscription.access_id]


async def test_stars_go_back_the_way_they_came(stall: Stall, desk: Counter) -> None:
    """P5."""
    purchase = await desk.buy_with_stars()
    refunded = await desk.refund(purchase)

    assert refunded.payout is Payout.DONE
    assert (await stall.again(purchase)).payout is Payout.DONE
    assert desk.stars.refunded == [(ANNA, purchase.payment_id)]
    assert await ledger(stall) == [
        ("payment", 499),
        ("sale", -499),
        ("refund", 499),
        ("payout", -499),
    ]
    assert (await stall.notified())[-2:] == ["refunded", "refund-paid-out"]
    assert (await stall.notifications())[-1].values == {"amount": "300 XTR"}


async def test_what_came_from_the_balance_goes_back_to_it(stall: Stall, desk: Counter) -> None:
    await desk.refund(await stall.buy_and_pay(plan="month"))
    order = await stall.order(plan="quarter")
    await orders.set_order_balance_use(stall.db, order.id, ANNA, use=True)
    purchase = await desk.pay_with_stars(order)
    paid = purchase.due.minor
    assert 0 < paid < purchase.cost.minor
    await desk.refund(purchase)
    assert await stall.balance() == Money(499, "USD")
    assert (await ledger(stall))[-1] == ("payout", -paid)


async def test_an_absent_provider_is_asked_again_until_it_paid(stall: Stall, desk: Counter) -> None:
    """P2: the refund holds, and its money is due for as long as it takes."""
    purchase = await desk.buy_with_stars()
    desk.stars.failures = [UnavailableError("away"), UnavailableError("away")]
    assert (await desk.refund(purchase)).payout is Payout.DUE
    assert await desk.pay_out_due() == {"due": 1, "paid_out": 0}
    assert (await stall.notified())[-1] == "refunded"
    assert await desk.pay_out_due() == {"due": 1, "paid_out": 1}
    assert await desk.pay_out_due() == {"due": 0, "paid_out": 0}
    assert desk.stars.refunded == [(ANNA, purchase.payment_id)]
    assert await stall.balance() == Money(0, "USD")
    assert (await stall.notified()).count("refund-paid-out") == 1


async def test_one_payout_that_breaks_keeps_no_other_waiting(desk: Counter) -> None:
    """P6."""
    bought = [await desk.buy_with_stars(ANNA), await desk.buy_with_stars(BEN)]
    desk.stars.failures = [UnavailableError("away"), UnavailableError("away")]
    for purchase in bought:
        await desk.refund(purchase)
    desk.stars.failures = [ZeroDivisionError("a bug")]
    assert await desk.pay_out_due() == {"due": 2, "paid_out": 1}
    assert await desk.pay_out_due() == {"due": 1, "paid_out": 1}
    assert sorted(user for user, _ in desk.stars.refunded) == [ANNA, BEN]


async def test_money_that_a_provider_refuses_to_return_stays_on_the_balance(
    stall: Stall, desk: Counter
) -> None:
    """P9: nothing is lost, and an operator decides."""
    purchase = await desk.buy_with_stars()
    desk.stars.failures = [RefusedError("CHARGE_NOT_FOUND")]
    assert (await desk.refund(purchase)).payout is Payout.REFUSED
    assert await stall.balance() == Money(499, "USD")
    assert (await stall.notified())[-1] == "refund-refused"
    assert await stall.notified(OLGA) == ["operator-refund-refused"]
    assert await desk.pay_out_due() == {"due": 0, "paid_out": 0}

    # It went back after all, and Telegram says so.
    assert await desk.note(purchase.payment_id)
    assert not await desk.note(purchase.payment_id)
    assert await stall.balance() == Money(0, "USD")
    assert (await stall.again(purchase)).payout is Payout.DONE
    taken = await stall.rows(AuditEntry, AuditEntry.action == "payment_taken_out")
    assert [entry.actor for entry in taken] == ["provider:stars", "provider:stars"]


async def test_the_second_of_two_taps_reads_that_it_is_done(stall: Stall, desk: Counter) -> None:
    """P2."""
    purchase = await desk.buy_with_stars()
    results = await asyncio.gather(
        desk.refund(purchase), desk.refund(purchase), return_exceptions=True
    )
    (error,) = [result for result in results if isinstance(result, BaseException)]
    assert isinstance(error, refunds.AlreadyRefundedError)
    assert (await ledger(stall)).count(("refund", 499)) == 1
    assert len(desk.stars.refunded) == 1
    assert (await stall.notified()).count("refunded") == 1


async def test_only_what_was_paid_can_be_refunded(stall: Stall, desk: Counter) -> None:
    with pytest.raises(refunds.PurchaseNotPaidError):
        await desk.refund(await stall.buy())
    with pytest.raises(refunds.UnknownPurchaseNumberError):
        await refunds.refund_purchase(stall.db, desk.payment_methods, uuid4(), OLGA, "x")
    assert await ledger(stall) == []


async def test_a_top_up_goes_back_while_the_balance_holds_it(stall: Stall, desk: Counter) -> None:
    """P9: what was spent cannot be returned as well."""
    first, second = await desk.top_up(400), await desk.top_up(300)
    await stall.pay(await stall.order(), Balance())
    assert await stall.balance() == Money(201, "USD")
    for purchase in (first, second):
        with pytest.raises(refunds.MoneySpentError):
            await desk.refund(purchase)
    (plan,) = await stall.rows(Purchase, Purchase.kind == PurchaseKind.PLAN)
    await desk.refund(plan)
    await desk.refund(first)
    assert await stall.balance() == Money(300, "USD")
    assert desk.stars.refunded == [(ANNA, first.payment_id)]


async def test_a_top_up_that_cannot_go_back_stays(stall: Stall, desk: Counter) -> None:
    order = build_purchase(ANNA, PurchaseKind.TOP_UP)
    order.price_minor = 500
    async with stall.db.unit_of_work() as session:
        session.add(order)
    paid = await stall.pay(order)
    await stall.settle(stall.provider.pay(paid.invoice_id))
    with pytest.raises(refunds.RefundUnsupportedError):
        await desk.refund(paid)
    assert (await stall.again(paid)).status is PurchaseStatus.PAID


async def test_the_first_of_two_periods_lets_the_second_move_up(
    stall: Stall, desk: Counter, skip: Skip
) -> None:
    first, second = await stall.buy_and_pay(), await stall.buy_and_pay()
    before = await stall.subscription()
    await provision(stall)
    skip(10 * DAY)
    await desk.refund(first)

    subscription, second = await stall.subscription(), await stall.again(second)
    assert subscription.expires_at == second.covers_until
    since, until = period_of(second)
    assert until - since == MONTH
    assert abs(subscription.expires_at - clock.now() - MONTH) < timedelta(seconds=5)
    assert subscription.traffic_limit_bytes == second.traffic_limit_bytes
    assert subscription.device_limit == second.device_limit
    assert subscription.revision > before.revision
    await expect_whole(stall)
    await provision(stall)
    assert stall.panel.provisioned[-1].expires_at == subscription.ends_at
    notification = next(one for one in await stall.notifications() if one.template == "refunded")
    assert notification.values["expires_at"] == subscription.expires_at.isoformat()


async def test_a_period_in_the_future_is_taken_off_the_end(
    stall: Stall, desk: Counter, skip: Skip
) -> None:
    first, second = await stall.buy_and_pay(), await stall.buy_and_pay(plan="quarter")
    skip(10 * DAY)
    await desk.refund(second)
    subscription = await stall.subscription()
    assert subscription.expires_at == (await stall.again(first)).covers_until
    assert (subscription.term_id, subscription.traffic_limit_bytes) == (
        first.term_id,
        first.traffic_limit_bytes,
    )
    assert subscription.activation_status is ActivationStatus.PENDING
    await expect_whole(stall)


async def test_after_the_end_only_money_is_returned(
    stall: Stall, desk: Counter, skip: Skip
) -> None:
    first = await stall.buy_and_pay()
    await provision(stall)
    skip(MONTH + DAY)
    await expiry.end_expired_subscriptions(stall.db)
    await expiry.deprovision_ended_subscriptions(stall.db, stall.panel)
    second = await stall.buy_and_pay()
    before = await stall.subscription()
    await desk.refund(first)
    after = await stall.subscription()
    assert (after.expires_at, after.revision) == (before.expires_at, before.revision)
    assert after.traffic_limit_bytes == second.traffic_limit_bytes
    assert await stall.balance() == Money(499, "USD")
    assert (await stall.notifications())[-1].values["has_ended"] == 0


async def test_a_change_of_plan_does_not_bring_the_old_one_back(
    stall: Stall, desk: Counter, skip: Skip
) -> None:
    """P9: what the change credited is on the balance, and is not returned a second time."""
    old = await stall.buy_and_pay()
    await provision(stall)
    skip(15 * DAY)
    order = await stall.order(plan="pro-1")
    assert order.is_change
    credit = order.credit_minor
    assert 0 < credit < old.cost.minor
    paid = await stall.pay(order)
    await stall.settle(stall.provider.pay(paid.invoice_id))

    await desk.refund(order)
    assert await stall.balance() == Money(order.cost.minor, "USD")
    assert (await stall.subscription()).activation_status is ActivationStatus.REMOVAL_PENDING
    await desk.refund(old)
    # All that ever came in from outside is there, and not a cent more.
    assert await stall.balance() == Money(old.cost.minor + order.due.minor, "USD")


@pytest.mark.parametrize("differs", ["subscription", "currency"])
async def test_what_ends_at_the_same_moment_elsewhere_shares_no_credit(
    stall: Stall, desk: Counter, skip: Skip, differs: str
) -> None:
    """P9: a change's credit is of its own subscription's periods, in its own currency."""
    old = await stall.buy_and_pay()
    await provision(stall)
    aside = await stall.buy_another()
    skip(15 * DAY)
    order = await stall.order(plan="pro-1", subscription_id=old.subscription_id)
    paid = await stall.pay(order)
    await stall.settle(stall.provider.pay(paid.invoice_id))
    old = await stall.again(old)
    (elsewhere,) = await stall.rows(Purchase, Purchase.subscription_id == aside.id)
    own = (
        {"subscription_id": old.subscription_id, "currency": "EUR"} if differs == "currency" else {}
    )
    await stall.change(elsewhere, covers_until=old.covers_until, **own)
    before = await stall.balance()

    await desk.refund(old)

    returned = (await stall.balance()).minor - before.minor
    assert returned == old.cost.minor - order.credit_minor


@pytest.mark.parametrize("differs", ["subscription", "currency"])
async def test_a_change_elsewhere_takes_nothing_from_a_refund(
    stall: Stall, desk: Counter, differs: str
) -> None:
    """P9."""
    bought = await stall.buy_and_pay()
    aside = await stall.buy_another()
    bought = await stall.again(bought)
    (change,) = await stall.rows(Purchase, Purchase.subscription_id == aside.id)
    own = {"subscription_id": bought.subscription_id, "currency": "EUR"}
    await stall.change(
        change,
        is_change=True,
        credit_minor=100,
        covers_from=bought.covers_until,
        **own if differs == "currency" else {},
    )

    await desk.refund(bought)

    assert await stall.balance() == bought.cost


async def test_a_trial_and_a_gift_give_back_access_only(stall: Stall, desk: Counter) -> None:
    async with stall.db.unit_of_work() as session:
        await lock_user(session, ANNA)
        gift = build_purchase(ANNA, PurchaseKind.GIFT)
        gift.days, gift.traffic_limit_bytes, gift.device_limit = 5, 1000, 1
        session.add(gift)
        await session.flush()
        await sales.complete_sale(session, gift, ShopSettings())
    await desk.refund(gift)
    assert (await stall.subscription()).activation_status is ActivationStatus.REMOVAL_PENDING
    assert await stall.balance() == Money(0, "USD")
    assert "refund" not in [kind for kind, _ in await ledger(stall)]
    assert (await stall.notifications())[-1].values["balance"] is None


async def test_a_plan_bought_on_a_trial_leaves_the_trial(stall: Stall, desk: Counter) -> None:
    async with stall.db.unit_of_work() as session:
        await lock_user(session, ANNA)
        trial = build_purchase(ANNA, PurchaseKind.TRIAL)
        trial.days, trial.traffic_limit_bytes, trial.device_limit = 3, 1000, 1
        session.add(trial)
        await session.flush()
        await sales.complete_sale(session, trial, ShopSettings())
    plan = await stall.buy_and_pay()
    assert not (await stall.subscription()).is_trial
    await desk.refund(plan)
    subscription = await stall.subscription()
    assert (subscription.is_trial, subscription.plan_id, subscription.term_id) == (True, None, None)
    assert (subscription.traffic_limit_bytes, subscription.device_limit) == (1000, 1)
    assert subscription.expires_at == subscription.ends_at == trial.covers_until


async def test_a_renewal_that_is_refunded_is_not_bought_again(stall: Stall, desk: Counter) -> None:
    first = await stall.buy_and_pay()
    await stall.change(await stall.subscription(), auto_renew=True)
    await desk.top_up(1000)
    renewal = await renew(stall)
    await desk.refund(renewal)
    subscription = await stall.subscription()
    assert not subscription.auto_renew
    assert subscription.expires_at == (await stall.again(first)).covers_until


async def renew(stall: Stall) -> Purchase:
    subscription = await stall.subscription()
    term = await stall.term()
    async with stall.db.unit_of_work() as session:
        await lock_user(session, ANNA)
        renewal = build_purchase(ANNA, PurchaseKind.RENEWAL)
        renewal.term_id, renewal.plan_id = term.id, term.plan_id
        renewal.days, renewal.price_minor = term.days, term.price_minor
        renewal.traffic_limit_bytes = term.traffic_limit_bytes
        renewal.device_limit = term.device_limit
        renewal.subscription_id = subscription.id
        session.add(renewal)
        await session.flush()
        await sales.complete_sale(session, renewal, ShopSettings())
    return renewal


async def test_a_refund_outside_takes_the_same_back(stall: Stall, desk: Counter) -> None:
    """P2: once, however often Telegram says so, and nothing is paid out again."""
    purchase = await desk.buy_with_stars()
    assert await desk.note(purchase.payment_id)
    assert not await desk.note(purchase.payment_id)
    again = await stall.again(purchase)
    assert (again.status, again.payout) == (PurchaseStatus.REFUNDED, Payout.DONE)
    assert await stall.balance() == Money(0, "USD")
    assert (await stall.subscription()).activation_status is ActivationStatus.REMOVAL_PENDING
    assert desk.stars.refunded == []
    assert await desk.pay_out_due() == {"due": 0, "paid_out": 0}
    assert not await desk.note("nobody knows it")


async def test_the_echo_of_our_own_refund_changes_nothing(stall: Stall, desk: Counter) -> None:
    purchase = await desk.buy_with_stars()

    async def echo() -> None:
        desk.stars.on_call = nothing
        assert await desk.note(purchase.payment_id)

    desk.stars.on_call = echo
    assert (await desk.refund(purchase)).payout is Payout.DONE
    assert not await desk.note(purchase.payment_id)
    assert await ledger(stall) == [
        ("payment", 499),
        ("sale", -499),
        ("refund", 499),
        ("payout", -499),
    ]
    assert (await stall.notified()).count("refund-paid-out") == 1


async def nothing() -> None:
    """The provider is asked for it again."""


async def test_a_top_up_that_was_spent_and_went_back_outside_is_reported(
    stall: Stall, desk: Counter
) -> None:
    """P9: the balance stays above zero, and the operator decides."""
    top_up = await desk.top_up(600)
    await stall.pay(await stall.order(), Balance())
    assert await desk.note(top_up.payment_id)
    assert await stall.balance() == Money(0, "USD")
    (notification,) = await stall.notifications(OLGA)
    assert (notification.template, notification.values["amount"]) == (
        "operator-refund-missing",
        "4.99 USD",
    )


async def test_a_payment_that_came_twice_goes_back_alone(stall: Stall, desk: Counter) -> None:
    purchase = await desk.buy_with_stars()
    invoice = desk.stars.invoices[purchase.invoice_id or ""]
    assert await desk.settle(replace(invoice, payment_id="second")) is EventOutcome.DISPUTED
    assert await stall.balance() == Money(499, "USD")
    assert await desk.note("second")
    assert not await desk.note("second")
    assert await stall.balance() == Money(0, "USD")
    assert (await stall.again(purchase)).status is PurchaseStatus.PAID


@pytest.mark.parametrize("round_", range(3))
async def test_a_refund_and_another_payment_at_once(
    stall: Stall, desk: Counter, round_: int
) -> None:
    """Neither waits for the other for ever, and both are whole."""
    first = await desk.buy_with_stars()
    second = await stall.buy()
    invoice = stall.provider.pay(second.invoice_id)
    again = desk.stars.invoices[first.invoice_id or ""]
    calls = [desk.refund(first), stall.settle(invoice), desk.settle(again)]
    await asyncio.gather(*(calls[round_:] + calls[:round_]))

    assert await stall.balance() == Money(0, "USD")
    for subscription in await stall.rows(Subscription):
        running = subscription.activation_status is ActivationStatus.PENDING
        assert running == (subscription.id == (await stall.again(second)).subscription_id)
    await expect_whole(stall)


async def test_a_refund_and_a_renewal_at_once(stall: Stall, desk: Counter) -> None:
    purchase = await desk.buy_with_stars()
    await desk.top_up(499)
    await asyncio.gather(desk.refund(purchase), renew(stall))
    assert await stall.balance() == Money(0, "USD")
    (renewal,) = await stall.rows(Purchase, Purchase.kind == PurchaseKind.RENEWAL)
    assert renewal.status is PurchaseStatus.PAID
    subscription = await stall.subscription()
    assert subscription.activation_status is ActivationStatus.PENDING
    assert subscription.expires_at == renewal.covers_until
    await expect_whole(stall)


async def test_the_panel_ends_up_as_the_row_says_while_it_provisions(
    stall: Stall, desk: Counter, skip: Skip
) -> None:
    """P2: a key that is on its way when its purchase is refunded is taken back."""
    purchase = await stall.buy_and_pay()

    async def refund_meanwhile() -> None:
        stall.panel.on_call = nothing
        await desk.refund(purchase)

    stall.panel.on_call = refund_meanwhile
    await provision(stall)
    assert "key-ready" not in await stall.notified()
    skip(timedelta(minutes=2))
    await expiry.deprovision_ended_subscriptions(stall.db, stall.panel)
    subscription = await stall.subscription()
    assert subscription.activation_status is ActivationStatus.REMOVED
    assert stall.panel.removed == [subscription.access_id]


async def test_delivery_and_refund_do_not_wait_for_each_other(stall: Stall, desk: Counter) -> None:
    first, second = await stall.buy_and_pay(), await stall.buy_and_pay()
    for _ in range(3):
        await asyncio.gather(provision(stall), desk.refund(first), return_exceptions=True)
    await asyncio.gather(provision(stall), desk.refund(second))
    await provision(stall)
    await expiry.deprovision_ended_subscriptions(stall.db, stall.panel)
    assert (await stall.subscription()).activation_status is ActivationStatus.REMOVED
    assert await stall.balance() == Money(998, "USD")


async def test_a_number_finds_its_purchase(stall: Stall, desk: Counter) -> None:
    purchase = await desk.buy_with_stars()
    for number in (purchase.number, f"#{purchase.number.lower()}", str(purchase.id)):
        found = await refunds.preview_refund(stall.db, desk.payment_methods, number)
        assert (found.purchase.id, found.owner.first_name) == (purchase.id, "Anna")
        assert (found.amounts.to_balance.minor, found.amounts.outside.minor) == (499, 499)
        assert found.access is not None
        assert found.access.expires_at is None
    for number in ("", "12", "zzzzzzzz", "00000000", "'; --"):
        with pytest.raises(refunds.UnknownPurchaseNumberError):
            await refunds.preview_refund(stall.db, desk.payment_methods, number)


async def test_a_number_of_two_purchases_says_so(stall: Stall, desk: Counter) -> None:
    for tail in ("1", "2"):
        async with stall.db.unit_of_work() as session:
            await lock_user(session, BEN)
            gift = build_purchase(BEN, PurchaseKind.GIFT)
            gift.id, gift.days, gift.device_limit = UUID(f"abcdef12{tail:0>24}"), 5, 1
            session.add(gift)
            await session.flush()
            await sales.complete_sale(session, gift, ShopSettings())
    with pytest.raises(refunds.AmbiguousPurchaseNumberError):
        await refunds.preview_refund(stall.db, desk.payment_methods, "abcdef12")
    found = await refunds.preview_refund(stall.db, desk.payment_methods, f"abcdef12{'1':0>24}")
    assert found.purchase.user_id == BEN
