"""More traffic and more devices, bought for a subscription that runs."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from app.clients.balance import Balance
from app.core import clock
from app.core.money import Money
from app.core.panel_kinds import PanelKind
from app.db.models import AuditEntry, EventOutcome, Extra, Purchase, Subscription
from app.domain.extras import ExtraKind
from app.domain.payments import PurchaseStatus
from app.domain.ports import UnavailableError, Usage
from app.domain.subscriptions import ActivationStatus
from app.services.access.activation import provision_due_subscriptions
from app.services.access.devices import DevicesUnknownError, list_subscription_devices
from app.services.access.expiry import deprovision_ended_subscriptions, end_expired_subscriptions
from app.services.access.extras import end_extra_devices
from app.services.access.traffic_warnings import warn_of_used_traffic
from app.services.operations.extra_admin import (
    ExtraName,
    set_extra_archived,
    set_extra_price,
)
from app.services.payments import refunds
from app.services.payments.methods import PaymentMethods
from app.services.purchases import orders
from app.services.purchases.extras import ExtraGoneError, list_extra_offers, place_extra_order
from app.services.purchases.order_results import get_order_result
from tests.conftest import Skip
from tests.support.extras import DEVICES, TRAFFIC, DevicesPanel, buy_extra, order_extra, sell
from tests.support.panel_lists import open_panel_site
from tests.support.payback import PayingBack
from tests.support.stall import ANNA, BEN, OLGA, Stall

Change = Callable[[Stall, Extra], Awaitable[None]]
GIB, DAY = 1024**3, timedelta(days=1)
MONTH = 30 * DAY


async def own(stall: Stall, plan: str = "month") -> Subscription:
    await stall.buy_and_pay(plan=plan)
    return await provision(stall)


async def provision(stall: Stall) -> Subscription:
    await provision_due_subscriptions(stall.db, stall.panel)
    return await stall.subscription()


async def settle(
    stall: Stall, purchase: Purchase, *, paid_at: datetime | None = None
) -> EventOutcome:
    return await stall.settle(stall.provider.pay(purchase.invoice_id, paid_at=paid_at))


async def refund(stall: Stall, purchase: Purchase) -> None:
    methods = PaymentMethods([stall.provider, Balance()])
    await refunds.refund_purchase(stall.db, methods, purchase.id, OLGA, "asked for it")


async def test_traffic_is_added_to_the_limit_and_nothing_is_reset(stall: Stall) -> None:
    """P2, P3: one account, one message with its receipt, the same key."""
    before = await own(stall)
    extra = await sell(stall, TRAFFIC, 50, "1.99")

    purchase = await buy_extra(stall, extra)
    after = await provision(stall)

    assert after.traffic_limit_bytes == 150 * GIB
    assert stall.panel.provisioned[-1].traffic_limit_bytes == 150 * GIB
    same = (after.access_id, after.link, after.expires_at, after.used_before_bytes)
    assert same == (before.access_id, before.link, before.expires_at, 0)
    purchase = await stall.again(purchase)
    assert (purchase.status, purchase.cost) == (PurchaseStatus.PAID, Money(199, "USD"))
    assert purchase.delivered_at is not None
    assert await stall.balance() == Money(0, "USD")
    assert (await stall.notified())[-2:] == ["extra-paid", "extra-delivered"]
    *_, told = await stall.notifications()
    assert (told.values["traffic_bytes"], told.values["limit_bytes"]) == (50 * GIB, 150 * GIB)
    assert told.values["paid"] == "1.99 USD"


async def test_devices_are_added_for_the_days_that_are_left_and_then_end(
    stall: Stall, skip: Skip
) -> None:
    """P4: a renewal brings none; the limit falls once, and its user is notified once."""
    await own(stall)
    extra = await sell(stall, DEVICES, 2, "3.00")
    skip(20 * DAY)
    purchase = await buy_extra(stall, extra)
    assert purchase.cost == Money(100, "USD")  # ten days of thirty
    assert (await provision(stall)).device_limit == 5

    renewed = await stall.buy_and_pay()
    result = await get_order_result(stall.db, renewed)
    assert result is not None
    assert (result.device_limit, result.extra_devices) == (3, 2)
    assert (await provision(stall)).device_limit == 5
    assert await end_extra_devices(stall.db) == 0
    skip(10 * DAY)
    assert [await end_extra_devices(stall.db) for _ in range(2)] == [1, 0]

    after = await provision(stall)
    assert (after.device_limit, after.extra_devices, after.extra_devices_until) == (3, 0, None)
    assert stall.panel.provisioned[-1].device_limit == 3
    *_, told = await stall.notifications()
    assert told.template == "extra-devices-over"
    assert (told.values["devices"], told.values["extras"]) == (2, 1)


async def test_devices_of_two_periods_end_one_after_the_other(stall: Stall, skip: Skip) -> None:
    await own(stall)
    extra = await sell(stall, DEVICES, 1, "3.00")
    await buy_extra(stall, extra)
    await stall.buy_and_pay()
    await buy_extra(stall, extra)
    assert (await provision(stall)).device_limit == 5

    limits = []
    for _ in range(2):
        skip(MONTH)
        await stall.buy_and_pay()
        await end_extra_devices(stall.db)
        limits.append((await provision(stall)).device_limit)

    assert limits == [4, 3]


async def test_what_is_left_of_extra_traffic_outlives_a_renewal_and_a_change_of_plan(
    stall: Stall,
) -> None:
    await own(stall)
    await buy_extra(stall, await sell(stall, TRAFFIC, 50, "1.99"))
    await stall.buy_and_pay()
    assert (await provision(stall)).traffic_limit_bytes == 250 * GIB

    stall.panel.usage = Usage(230 * GIB, None)  # 30 of the 50 are used
    term = await stall.term("year")
    (subscription,) = await stall.rows(Subscription)
    async with stall.db.unit_of_work() as session:  # the year belongs to another plan here
        (await session.get_one(type(term), term.id)).traffic_limit_bytes = 600 * GIB
        (await session.get_one(Subscription, subscription.id)).plan_id = (
            await stall.term("pro-1")
        ).plan_id
    change = await orders.place_order(stall.db, stall.panel, ANNA, term.id, subscription.id)
    assert change.is_change
    assert change.credit_minor == 0  # nothing of the plans' own traffic is left
    forecast = await get_order_result(stall.db, change)
    await settle(stall, await stall.pay(change))

    after = await stall.subscription()
    assert forecast is not None
    assert forecast.traffic_limit_bytes == 620 * GIB
    assert (after.traffic_limit_bytes, after.extra_traffic_bytes) == (850 * GIB, 20 * GIB)


async def test_a_subscription_that_begins_anew_has_no_traffic_of_before_and_its_devices(
    stall: Stall, skip: Skip
) -> None:
    first = await stall.buy_and_pay()
    await provision(stall)
    await buy_extra(stall, await sell(stall, TRAFFIC, 50, "1.99"))
    await buy_extra(stall, await sell(stall, DEVICES, 1, "3.00"))
    await provision(stall)
    await refund(stall, first)
    await deprovision_ended_subscriptions(stall.db, stall.panel)
    assert (await stall.subscription()).activation_status is ActivationStatus.REMOVED

    await stall.buy_and_pay()

    after = await stall.subscription()
    assert (after.traffic_limit_bytes, after.extra_traffic_bytes) == (100 * GIB, 0)
    assert after.device_limit == 4  # paid for until the end of the month
    skip(MONTH)
    await stall.buy_and_pay()
    assert (await stall.subscription()).device_limit == 4  # until the worker comes
    assert await end_extra_devices(stall.db) == 1


@pytest.mark.parametrize("kind", [TRAFFIC, DEVICES])
async def test_a_refund_takes_it_back_and_the_plan_stays(stall: Stall, kind: ExtraKind) -> None:
    before = await own(stall)
    extras = {
        TRAFFIC: await sell(stall, TRAFFIC, 50, "1.99"),
        DEVICES: await sell(stall, DEVICES, 2, "1.99"),
    }
    purchase = await buy_extra(stall, extras[kind])
    await provision(stall)

    await refund(stall, purchase)

    after = await provision(stall)
    limits = after.traffic_limit_bytes, after.device_limit, after.expires_at
    assert limits == (100 * GIB, 3, before.expires_at)
    assert (after.extra_traffic_bytes, after.extra_devices) == (0, 0)
    assert await stall.balance() == Money(199, "USD")
    assert stall.panel.provisioned[-1].traffic_limit_bytes == 100 * GIB


async def test_a_refund_of_the_plan_leaves_the_extras_of_what_stays(stall: Stall) -> None:
    first = await stall.buy_and_pay()
    await stall.buy_and_pay(plan="quarter")
    await buy_extra(stall, await sell(stall, TRAFFIC, 50, "1.99"))
    await buy_extra(stall, await sell(stall, DEVICES, 2, "1.99"))
    assert (await provision(stall)).device_limit == 7

    await refund(stall, first)

    after = await provision(stall)
    assert (after.traffic_limit_bytes, after.device_limit) == (350 * GIB, 7)
    assert await stall.balance() == Money(499, "USD")


async def test_it_is_paid_from_the_balance_and_with_stars(stall: Stall) -> None:
    """The same way as with Crypto Pay, and given back the way it came."""
    await own(stall)
    extra = await sell(stall, TRAFFIC, 50, "1.99")
    over = await stall.pay(await order_extra(stall, extra))
    await stall.settle(stall.provider.pay(over.invoice_id, "3.98"))  # the rest is on the balance
    paid = await stall.pay(await order_extra(stall, extra), Balance())
    assert paid.status is PurchaseStatus.PAID
    assert await stall.balance() == Money(0, "USD")

    stars = PayingBack()
    with_stars = await stall.pay(await order_extra(stall, extra), stars)
    outcome = await stall.settle(stars.pay(with_stars.invoice_id), "stars")

    assert outcome is EventOutcome.SETTLED
    assert (await provision(stall)).traffic_limit_bytes == 250 * GIB
    methods = PaymentMethods([stall.provider, Balance(), stars])
    await refunds.refund_purchase(stall.db, methods, with_stars.id, OLGA, "asked for it")
    assert [user_id for user_id, _ in stars.refunded] == [ANNA]
    assert (await provision(stall)).traffic_limit_bytes == 200 * GIB


async def test_devices_are_sold_only_where_the_panel_knows_them(stall: Stall) -> None:
    """P14: it may have moved since the button was sent."""
    subscription = await own(stall)
    extra = await sell(stall, DEVICES, 1, "3.00")
    for panel in (None, stall.panel):
        found = await list_extra_offers(stall.db, panel, ANNA, subscription.id, DEVICES)
        assert found.offers == []
        with pytest.raises(ExtraGoneError):
            await place_extra_order(stall.db, panel, ANNA, subscription.id, extra.id)


@pytest.mark.parametrize("kind", ["xray_api", "marzban"])
async def test_on_a_panel_that_lists_no_devices_traffic_is_sold_and_devices_are_not(
    stall: Stall, database_url: str, kind: PanelKind
) -> None:
    """P14: there is nothing that would say that all places are taken."""
    devices, traffic = await sell(stall, DEVICES, 1, "3.00"), await sell(stall, TRAFFIC, 50, "1.99")
    async with open_panel_site(kind, database_url) as site:
        await stall.buy_and_pay()
        await provision_due_subscriptions(stall.db, site.panel)
        row = await stall.subscription()
        with pytest.raises(DevicesUnknownError):
            await list_subscription_devices(stall.db, site.panel, ANNA, row.id)
        found = await list_extra_offers(stall.db, site.panel, ANNA, row.id, DEVICES)
        assert found.offers == []
        with pytest.raises(ExtraGoneError):
            await place_extra_order(stall.db, site.panel, ANNA, row.id, devices.id)

        await buy_extra(stall, traffic)
        await provision_due_subscriptions(stall.db, site.panel)
        (held,) = site.stage.held()
    assert held.traffic_limit_bytes == row.traffic_limit_bytes + 50 * GIB


async def test_a_second_tap_finds_the_first_order_until_something_changes(stall: Stall) -> None:
    await own(stall)
    extra = await sell(stall, TRAFFIC, 50, "1.99")
    first, second = [await order_extra(stall, extra) for _ in range(2)]
    await set_extra_price(stall.db, ExtraName(TRAFFIC, 50), "2.49")
    third = await order_extra(stall, extra)
    assert (first.id == second.id, third.id == first.id, third.price_minor) == (True, False, 249)


async def end_now(stall: Stall, _: Extra) -> None:
    row = await stall.subscription()
    await stall.change(row, ends_at=clock.now(), expires_at=clock.now())
    await end_expired_subscriptions(stall.db)


async def archive(stall: Stall, extra: Extra) -> None:
    await set_extra_archived(stall.db, ExtraName(extra.kind, extra.amount), archived=True)


async def make_dearer(stall: Stall, extra: Extra) -> None:
    await set_extra_price(stall.db, ExtraName(extra.kind, extra.amount), "9.99")


async def become_unlimited(stall: Stall, _: Extra) -> None:
    await stall.change(await stall.subscription(), traffic_limit_bytes=0, device_limit=0)


@pytest.mark.parametrize("kind", [TRAFFIC, DEVICES])
@pytest.mark.parametrize("change", [end_now, archive, make_dearer, become_unlimited])
async def test_money_for_what_no_longer_holds_is_on_the_balance_and_said_to_both(
    stall: Stall, skip: Skip, kind: ExtraKind, change: Change
) -> None:
    """P15: judged when the money comes; late, today's price counts as well."""
    await own(stall, "quarter")
    extra = await sell(stall, kind, 10, "1.99")
    purchase = await stall.pay(await order_extra(stall, extra))
    skip(timedelta(hours=2))
    await change(stall, extra)
    limits = (await stall.subscription()).traffic_limit_bytes
    skip(timedelta(hours=1))

    assert await settle(stall, purchase) is EventOutcome.DISPUTED

    assert (await stall.balance()).minor == purchase.cost.minor
    assert (await stall.subscription()).traffic_limit_bytes == limits
    *_, told = [row for row in await stall.notifications() if row.template.startswith("payment-")]
    assert told.template == "payment-extra-over"
    assert told.values["has_ended"] == int(change is end_now)
    assert "operator-payment-offer-over" in await stall.notified(OLGA)
    (entry,) = await stall.rows(AuditEntry, AuditEntry.action == "payment_left_on_balance")
    assert entry.subject == f"purchase:{purchase.id}"


async def test_what_was_paid_in_time_holds_however_late_it_is_heard_of(
    stall: Stall, skip: Skip
) -> None:
    """P15: at the price that was shown, though it is dearer and off sale by now."""
    await own(stall)
    extra = await sell(stall, TRAFFIC, 50, "1.99")
    purchase = await stall.pay(await order_extra(stall, extra))
    paid_at = clock.now()
    skip(timedelta(hours=3))
    await make_dearer(stall, extra)
    await archive(stall, extra)

    assert await settle(stall, purchase, paid_at=paid_at) is EventOutcome.SETTLED
    assert (await stall.subscription()).traffic_limit_bytes == 150 * GIB


async def test_a_plans_own_extras_take_the_place_of_the_shops(stall: Stall) -> None:
    subscription = await own(stall)
    await sell(stall, TRAFFIC, 50, "1.99")
    await sell(stall, DEVICES, 1, "1.00")
    special = await sell(stall, TRAFFIC, 20, "0.99", plan="standard")
    await sell(stall, TRAFFIC, 10, "0.10", plan="pro")

    async def offered(kind: ExtraKind) -> list[int]:
        found = await list_extra_offers(stall.db, DevicesPanel(), ANNA, subscription.id, kind)
        return [offer.extra.amount for offer in found.offers]

    assert (await offered(TRAFFIC), await offered(DEVICES)) == ([20], [1])
    await set_extra_archived(stall.db, ExtraName(TRAFFIC, 20, "standard"), archived=True)
    assert await offered(TRAFFIC) == [50]
    with pytest.raises(ExtraGoneError):
        await place_extra_order(stall.db, None, ANNA, subscription.id, special.id)
    with pytest.raises(ExtraGoneError):
        await place_extra_order(stall.db, None, BEN, subscription.id, special.id)


async def test_a_trial_and_what_has_ended_are_offered_none(stall: Stall) -> None:
    """P14."""
    subscription = await own(stall)
    extra = await sell(stall, TRAFFIC, 50, "1.99")
    for values in ({"is_trial": True}, {"is_trial": False, "expires_at": clock.now()}):
        await stall.change(subscription, **values)
        found = await list_extra_offers(stall.db, DevicesPanel(), ANNA, subscription.id, TRAFFIC)
        assert found.offers == []
        with pytest.raises(ExtraGoneError):
            await order_extra(stall, extra)


async def test_used_traffic_is_reported_again_of_the_higher_limit(stall: Stall) -> None:
    """The message offers more, where there is any; with more of it the count begins anew."""
    await own(stall)
    extra = await sell(stall, TRAFFIC, 50, "1.99")
    stall.panel.usage = Usage(100 * GIB, None)
    await warn_of_used_traffic(stall.db, stall.panel)
    await buy_extra(stall, extra)
    await provision(stall)
    stall.panel.usage = Usage(125 * GIB, None)
    await warn_of_used_traffic(stall.db, stall.panel)

    told = [row for row in await stall.notifications() if row.template.startswith("traffic-")]
    assert [row.template for row in told] == ["traffic-over", "traffic-low"]
    assert [row.values["extras"] for row in told] == [1, 1]


async def test_a_panel_that_is_away_delays_it_and_says_so(stall: Stall, skip: Skip) -> None:
    await own(stall)
    await buy_extra(stall, await sell(stall, TRAFFIC, 50, "1.99"))
    for _ in range(10):
        stall.panel.failures = [UnavailableError("HTTP 502")]
        await provision(stall)
        skip(timedelta(minutes=16))
    assert (await stall.notified())[-2:] == ["extra-delayed", "extra-needs-attention"]
    assert (await provision(stall)).activation_status is ActivationStatus.ACTIVE
    assert (await stall.notified())[-1] == "extra-delivered"
