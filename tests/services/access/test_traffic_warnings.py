"""Used traffic is reported at 80 and at 100 %, once each, and the panel is asked about few."""

from datetime import timedelta

import pytest

from app.db.models import Subscription
from app.domain.ports import UnavailableError, Usage
from app.services.access.activation import provision_due_subscriptions
from app.services.access.traffic_warnings import warn_of_used_traffic
from app.services.promotions.trials import start_trial
from app.services.shop_settings import read_shop_settings
from tests.conftest import Skip
from tests.support.stall import ANNA, BEN, Stall

HOUR = timedelta(hours=1)
LIMIT = 100 * 1024**3


async def use(stall: Stall, percent: int) -> dict[str, int]:
    """So much of the first month's limit, and a round after it."""
    stall.panel.usage = Usage(LIMIT * percent // 100, None)
    return await warn_of_used_traffic(stall.db, stall.panel)


async def count_warnings(stall: Stall, user_id: int = ANNA) -> list[str]:
    return [name for name in await stall.notified(user_id) if name.startswith("traffic-")]


@pytest.fixture
async def running(stall: Stall) -> Subscription:
    """Anna's month of Standard, with its key."""
    await stall.buy_and_pay()
    await provision_due_subscriptions(stall.db, stall.panel)
    row = await stall.subscription()
    assert row.traffic_limit_bytes == LIMIT
    return row


@pytest.mark.usefixtures("running")
async def test_each_share_is_reported_once_until_there_is_more_traffic(
    stall: Stall, skip: Skip
) -> None:
    """P3. Not asked again before it is due, and the sooner the more is used."""
    assert await use(stall, 79) == {"asked": 1, "notified": 0}
    assert await use(stall, 80) == {"asked": 0, "notified": 0}
    skip(HOUR)
    assert await use(stall, 80) == {"asked": 1, "notified": 1}
    skip(HOUR)
    assert await use(stall, 99) == {"asked": 1, "notified": 0}
    skip(HOUR)
    assert await use(stall, 105) == {"asked": 1, "notified": 1}
    skip(25 * HOUR)
    assert await use(stall, 105) == {"asked": 1, "notified": 0}
    assert await count_warnings(stall) == ["traffic-low", "traffic-over"]

    await stall.buy_and_pay()  # as much again: a new limit
    await provision_due_subscriptions(stall.db, stall.panel)
    assert await use(stall, 105) == {"asked": 1, "notified": 0}
    skip(HOUR)
    assert await use(stall, 170) == {"asked": 1, "notified": 1}
    assert await count_warnings(stall) == ["traffic-low", "traffic-over", "traffic-low"]


async def test_traffic_used_before_the_key_was_replaced_counts(
    stall: Stall, running: Subscription
) -> None:
    await stall.change(running, used_before_bytes=LIMIT // 2)
    assert await use(stall, 50) == {"asked": 1, "notified": 1}
    assert await count_warnings(stall) == ["traffic-over"]


async def test_who_has_no_limit_or_a_trial_is_not_asked_about(
    stall: Stall, running: Subscription
) -> None:
    await stall.change(running, traffic_limit_bytes=0)
    await start_trial(stall.db, BEN, await read_shop_settings(stall.db))
    await provision_due_subscriptions(stall.db, stall.panel)
    assert await use(stall, 100) == {"asked": 0, "notified": 0}


@pytest.mark.usefixtures("running")
async def test_one_that_the_panel_cannot_answer_for_holds_up_no_other(
    stall: Stall, skip: Skip
) -> None:
    """P6: it comes again behind the others."""
    stall.panel.failures = [UnavailableError("no answer")]
    assert await use(stall, 90) == {"asked": 0, "notified": 0}
    assert await use(stall, 90) == {"asked": 0, "notified": 0}
    assert await count_warnings(stall) == []
    skip(HOUR)
    assert await use(stall, 90) == {"asked": 1, "notified": 1}


async def test_what_is_bought_while_the_panel_is_asked_is_not_reported_by_the_old_limit(
    stall: Stall, running: Subscription
) -> None:
    async def buy() -> None:
        stall.panel.on_call = nothing
        await stall.change(running, traffic_limit_bytes=2 * LIMIT, revision=running.revision + 1)

    async def nothing() -> None:
        pass

    stall.panel.on_call = buy
    assert (await use(stall, 90))["notified"] == 0
    assert await count_warnings(stall) == []
