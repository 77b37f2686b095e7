"""Several panels are one: each call goes to its own, and a row that changes needs no restart."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from app.core import clock
from app.db.models import Panel, Subscription
from app.domain.panels import PanelState
from app.domain.ports import Access, RefusedError, UnavailableError
from app.domain.subscriptions import ActivationStatus
from app.services.access.activation import provision_due_subscriptions
from app.services.access.panel_work import PanelLane, find_panel
from app.services.access.traffic_warnings import warn_of_used_traffic
from tests.conftest import Skip
from tests.support.several_panels import SeveralPanels
from tests.support.stall import ANNA, BEN, Stall

STALE = timedelta(seconds=31)


@pytest.fixture
def panels(stall: Stall) -> SeveralPanels:
    return SeveralPanels(stall)


def access_on(panel_id: int | None) -> Access:
    ends = clock.now() + timedelta(days=30)
    return Access(uuid4(), "u1001_1", ends, 0, 0, panel_id=panel_id)


async def test_each_call_goes_to_the_panel_of_the_access(panels: SeveralPanels) -> None:
    first, second = await panels.add("nl1"), await panels.add("de1")
    router = panels.router

    for panel_id in (None, first, second):
        access = access_on(panel_id)
        await router.provision(access)
        await router.get_usage(access)
        await router.retire(access)
        await router.deprovision(access)

    fakes = [panels.default, panels.fakes["nl1"], panels.fakes["de1"]]
    assert [[one.panel_id for one in fake.provisioned] for fake in fakes] == [
        [None],
        [first],
        [second],
    ]
    assert [len(fake.removed) for fake in fakes] == [2, 2, 2]
    assert [len(fake.asked_usage) for fake in fakes] == [1, 1, 1]
    assert await find_panel(router, access_on(second)) is panels.fakes["de1"]
    assert await find_panel(panels.default, access_on(second)) is panels.default


async def test_the_row_of_the_default_panel_leads_to_the_environment_s(
    panels: SeveralPanels,
) -> None:
    id_ = await panels.add("default", capacity=10)

    await panels.router.provision(access_on(id_))

    assert [one.panel_id for one in panels.default.provisioned] == [id_]
    assert panels.opened == []


async def test_a_changed_row_is_opened_anew_and_the_others_stay(
    panels: SeveralPanels, skip: Skip
) -> None:
    first, second = await panels.add("nl1"), await panels.add("de1")
    await panels.router.check()
    old, kept = panels.fakes["nl1"], panels.fakes["de1"]
    await change(panels, first, url="https://elsewhere.example")

    await panels.router.provision(access_on(first))
    assert len(old.provisioned) == 1  # what was read half a minute ago holds
    skip(STALE)
    await panels.router.provision(access_on(first))

    assert (len(old.provisioned), len(panels.fakes["nl1"].provisioned)) == (1, 1)
    assert await find_panel(panels.router, access_on(second)) is kept
    assert not old.is_closed  # it may have a call under way
    skip(timedelta(minutes=2))
    await panels.router.check()
    assert old.is_closed
    await panels.router.aclose()
    assert panels.fakes["nl1"].is_closed
    assert kept.is_closed


async def test_a_panel_that_was_added_just_now_is_found_at_once(panels: SeveralPanels) -> None:
    await panels.add("nl1")
    await panels.router.check()
    second = await panels.add("de1")

    await panels.router.provision(access_on(second))

    assert len(panels.fakes["de1"].provisioned) == 1
    with pytest.raises(UnavailableError):
        await panels.router.provision(access_on(second + 1))


async def test_a_row_that_cannot_be_opened_says_why_until_it_can(
    panels: SeveralPanels, skip: Skip
) -> None:
    panels.refusals["nl1"] = "VPN_NL1_KEY is not set"
    id_ = await panels.add("nl1")

    with pytest.raises(RefusedError, match="VPN_NL1_KEY is not set"):
        await panels.router.provision(access_on(id_))
    with pytest.raises(RefusedError, match="VPN_NL1_KEY is not set"):
        await panels.router.check()
    del panels.refusals["nl1"]
    skip(STALE)

    await panels.router.provision(access_on(id_))
    assert len(panels.fakes["nl1"].provisioned) == 1


async def test_of_a_retired_panel_nothing_is_asked(panels: SeveralPanels) -> None:
    id_ = await panels.add("nl1", state=PanelState.RETIRED)
    access = access_on(id_)

    await panels.router.deprovision(access)
    await panels.router.retire(access)
    assert await panels.router.get_usage(access) is None
    with pytest.raises(RefusedError, match="nl1 is retired"):
        await panels.router.provision(access)
    assert list(await panels.router.list_further()) == []
    assert panels.opened == []


async def test_the_check_names_the_panel_that_fails(panels: SeveralPanels) -> None:
    await panels.add("nl1")
    await panels.router.check()
    panels.fakes["nl1"].failures = [UnavailableError("502")]

    with pytest.raises(UnavailableError, match="nl1: 502"):
        await panels.router.check()


async def test_who_waits_for_one_panel_holds_nobody_up_of_another(
    stall: Stall, panels: SeveralPanels
) -> None:
    """A panel that hangs gets a lane of its own until it answers."""
    id_ = await panels.add("nl1")
    await buy_on(stall, ANNA, id_)
    await panels.router.check()
    hangs = panels.fakes["nl1"]
    hangs.failures = [UnavailableError("no answer")] * 2
    await provision_due_subscriptions(stall.db, panels.router)
    assert panels.router.away_ids == {id_}

    hanging, release = asyncio.Event(), asyncio.Event()

    async def hang() -> None:
        hanging.set()
        await release.wait()

    hangs.on_call = hang
    await set_all(stall, due_at=clock.now())
    stuck = asyncio.ensure_future(
        provision_due_subscriptions(stall.db, panels.router, PanelLane.AWAY)
    )
    await hanging.wait()
    await buy_on(stall, BEN, None)
    counts = await provision_due_subscriptions(stall.db, panels.router)

    assert counts == {"claimed": 1, "delivered": 1, "failed": 0}
    assert not stuck.done()
    release.set()
    await stuck
    hangs.failures = []
    await set_all(stall, due_at=clock.now())
    await provision_due_subscriptions(stall.db, panels.router, PanelLane.AWAY)
    assert panels.router.away_ids == set()
    statuses = {row.activation_status for row in await stall.rows(Subscription)}
    assert statuses == {ActivationStatus.ACTIVE}


async def test_a_shop_with_one_panel_has_one_lane(stall: Stall, panels: SeveralPanels) -> None:
    await stall.buy_and_pay()
    stall.panel.failures = [UnavailableError("502")] * 2

    await provision_due_subscriptions(stall.db, panels.router)
    assert panels.router.away_ids == set()
    await set_all(stall, due_at=clock.now())
    counts = await provision_due_subscriptions(stall.db, panels.router)
    assert counts["claimed"] == 1


async def test_traffic_is_warned_of_though_another_panel_is_away(
    stall: Stall, panels: SeveralPanels
) -> None:
    id_ = await panels.add("nl1")
    for _ in range(15):
        await stall.buy_another(BEN)
    await set_all(stall, panel_id=id_, awaits_panel=False)
    await buy_on(stall, ANNA, None)
    await provision_due_subscriptions(stall.db, panels.router)
    await provision_due_subscriptions(stall.db, panels.router)
    await set_all(stall, traffic_limit_bytes=1_000, traffic_due_at=clock.now())
    panels.fakes["nl1"].failures = [UnavailableError("502")] * 15

    counts = await warn_of_used_traffic(stall.db, panels.router)

    assert counts == {"asked": 1, "notified": 1}
    assert len(panels.fakes["nl1"].failures) == 5  # asked ten at a time, and no more


async def buy_on(stall: Stall, user_id: int, panel_id: int | None) -> None:
    await stall.buy_and_pay(user_id)
    values = {"panel_id": panel_id, "awaits_panel": False}
    await stall.change(await stall.subscription(user_id), **values)


async def set_all(stall: Stall, **values: object) -> None:
    for row in await stall.rows(Subscription):
        await stall.change(row, **values)


async def change(panels: SeveralPanels, id_: int, **values: object) -> None:
    (row,) = await panels.stall.rows(Panel, Panel.id == id_)
    await panels.stall.change(row, **values)
