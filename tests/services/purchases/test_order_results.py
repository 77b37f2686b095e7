"""What an order shows beforehand is what paying it gives."""

from datetime import timedelta

import pytest

from app.core import clock
from app.db.models import Plan, Purchase
from app.domain.order_results import OrderResult, parse_order_result
from app.domain.payments import PurchaseKind
from app.domain.ports import Usage
from app.domain.subscriptions import ActivationStatus
from app.services.access.activation import provision_due_subscriptions
from app.services.purchases.order_results import get_order_result
from tests.conftest import Skip
from tests.support.stall import Stall

DAY = timedelta(days=1)
GIB = 1024**3
SLACK = timedelta(seconds=5)  # what is paid now begins now


async def pay(stall: Stall, order: Purchase) -> tuple[OrderResult, OrderResult]:
    """What it shows before and after."""
    before = await get_order_result(stall.db, order)
    paid = await stall.pay(order)
    await stall.settle(stall.provider.pay(paid.invoice_id))
    after = await get_order_result(stall.db, await stall.again(paid))
    assert before is not None
    assert after is not None
    notification = (await stall.notifications())[-1]
    assert parse_order_result(notification.values) == after
    return before, after


def limits(result: OrderResult) -> tuple[int, int, bool]:
    return result.traffic_limit_bytes, result.device_limit, result.counts_used


async def own(stall: Stall, plan: str = "month", used_bytes: int = 0) -> None:
    stall.panel.usage = Usage(used_bytes, None)
    await stall.buy_and_pay(plan=plan)
    await provision_due_subscriptions(stall.db, stall.panel)


async def test_a_first_order(stall: Stall) -> None:
    before, after = await pay(stall, await stall.order())
    assert after.expires_at - before.expires_at < SLACK
    assert limits(before) == limits(after) == (100 * GIB, 3, False)


@pytest.mark.parametrize("days", [3, 30])
async def test_an_extension_follows_what_is_left(stall: Stall, skip: Skip, days: int) -> None:
    """Also in the grace, whose time is not given for free."""
    await own(stall)
    row = await stall.subscription()
    await stall.change(row, ends_at=row.ends_at + 2 * DAY)
    skip(days * DAY)
    before, after = await pay(stall, await stall.order(plan="quarter"))
    assert before == after
    assert after.expires_at == row.expires_at + 90 * DAY
    assert limits(after) == (400 * GIB, 5, True)


@pytest.mark.parametrize(
    "status",
    [ActivationStatus.ACTIVE, ActivationStatus.REMOVAL_PENDING, ActivationStatus.REMOVED],
)
async def test_what_has_ended_begins_anew(
    stall: Stall, skip: Skip, status: ActivationStatus
) -> None:
    await own(stall)
    await stall.change(await stall.subscription(), activation_status=status)
    skip(300 * DAY)
    before = await get_order_result(stall.db, await stall.order())
    assert before is not None
    assert limits(before) == (100 * GIB, 3, False)
    assert abs(before.expires_at - clock.now() - 30 * DAY) < SLACK


async def test_a_change_of_plan_counts_afresh(stall: Stall) -> None:
    await own(stall, used_bytes=60 * GIB)
    (pro,) = await stall.rows(Plan, Plan.code == "pro")
    before, after = await pay(stall, await stall.order(plan="pro-1"))
    assert after.expires_at - before.expires_at < SLACK
    assert limits(before) == limits(after)
    assert not after.counts_used
    assert (await stall.subscription()).plan_id == pro.id


async def test_what_is_without_a_limit_stays_so(stall: Stall) -> None:
    await own(stall)
    await stall.change(await stall.subscription(), traffic_limit_bytes=0, device_limit=0)
    before, after = await pay(stall, await stall.order())
    assert before == after
    assert (after.traffic_limit_bytes, after.device_limit) == (0, 0)


async def test_money_for_the_balance_gives_no_access(stall: Stall) -> None:
    order = await stall.order()
    assert await get_order_result(stall.db, order) is not None
    order.kind = PurchaseKind.TOP_UP
    assert await get_order_result(stall.db, order) is None
