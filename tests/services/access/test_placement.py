"""New subscriptions are put on the least loaded healthy panel, once, and stay there."""

import asyncio

import pytest
from sqlalchemy import select

from app.core import clock
from app.db.models import Incident, Panel, Plan, Purchase, Subscription
from app.domain.incidents import IncidentKind
from app.domain.panels import PanelState
from app.domain.ports import UnavailableError
from app.domain.subscriptions import ActivationStatus
from app.services.access.activation import hurry_provisioning, provision_due_subscriptions
from app.services.access.placement import measure_panels, place_subscriptions
from app.services.operations import panel_admin
from tests.support.several_panels import SeveralPanels
from tests.support.stall import ANNA, BEN, OLGA, Stall


@pytest.fixture
def panels(stall: Stall) -> SeveralPanels:
    return SeveralPanels(stall)


async def provision(panels: SeveralPanels) -> dict[str, int]:
    return await provision_due_subscriptions(panels.stall.db, panels.router)


async def test_a_shop_without_rows_has_nothing_to_choose(stall: Stall) -> None:
    await stall.buy_and_pay()
    await provision_due_subscriptions(stall.db, stall.panel)

    subscription = await stall.subscription()
    assert (subscription.panel_id, subscription.awaits_panel) == (None, False)
    assert len(stall.panel.provisioned) == 1


async def test_each_goes_to_the_least_loaded_and_stays(stall: Stall, panels: SeveralPanels) -> None:
    default = await panels.add("default", capacity=10)
    second = await panels.add("nl1", capacity=20)

    for user in (ANNA, BEN, OLGA):
        await stall.buy_and_pay(user)
        await provision(panels)

    placed = [(await stall.subscription(user)).panel_id for user in (ANNA, BEN, OLGA)]
    assert placed == [default, second, second]
    assert len(panels.default.provisioned) == 1
    assert len(panels.fakes["nl1"].provisioned) == 2
    await stall.buy_and_pay(ANNA)  # more for the one that there is
    assert (await stall.subscription(ANNA)).panel_id == default
    assert [row.load for row in await stall.rows(Panel)] == [1, 2]


async def test_a_lost_answer_makes_no_second_account_elsewhere(
    stall: Stall, panels: SeveralPanels
) -> None:
    """P4: though another panel has become the emptier one meanwhile."""
    await panels.add("nl1")
    await panels.add("de1", load=5)
    await stall.buy_and_pay()
    await panels.router.check()
    panels.fakes["nl1"].failures = [UnavailableError("no answer")]
    await provision(panels)
    (row,) = await stall.rows(Panel, Panel.name == "nl1")
    await stall.change(row, load=100)
    await stall.change(await stall.subscription(), due_at=clock.now())

    for lane in panels.lanes:
        await provision_due_subscriptions(stall.db, panels.router, lane)

    assert len(panels.fakes["nl1"].provisioned) == 1
    assert panels.fakes["de1"].provisioned == []


async def test_closed_and_full_panels_take_none(stall: Stall, panels: SeveralPanels) -> None:
    await panels.add("default", state=PanelState.CLOSED)
    await panels.add("nl1", capacity=3, load=3)
    third = await panels.add("de1", load=50)

    await stall.buy_and_pay()
    await provision(panels)

    assert (await stall.subscription()).panel_id == third


async def test_one_that_is_down_takes_none(stall: Stall, panels: SeveralPanels) -> None:
    await panels.add("default", load=9)
    await panels.add("nl1")
    await open_incident(stall, "nl1")
    await stall.buy_and_pay(ANNA)
    await provision(panels)
    await open_incident(stall, "panel")  # as the default one's is called
    await stall.buy_and_pay(BEN)
    await provision(panels)

    first, second = await stall.subscription(ANNA), await stall.subscription(BEN)
    assert (await stall.rows(Panel, Panel.id == first.panel_id))[0].name == "default"
    assert (second.panel_id, second.awaits_panel) == (None, True)


async def test_where_all_are_full_it_waits_and_operators_are_notified(
    stall: Stall, panels: SeveralPanels
) -> None:
    """Room that operators make is taken at once."""
    await panel_admin.change_panel(stall.db, "default", panel_admin.PanelChanges(capacity=1))
    await stall.buy_and_pay(ANNA)
    await provision(panels)
    await stall.buy_and_pay(BEN)

    for _ in range(3):
        await stall.change(await stall.subscription(BEN), due_at=clock.now())
        await provision(panels)

    waiting = await stall.subscription(BEN)
    assert waiting.activation_status is ActivationStatus.NEEDS_ATTENTION
    assert (await stall.notified(BEN))[1:] == ["key-delayed", "key-needs-attention"]
    (told,) = [one for one in await stall.notifications(OLGA) if "activation" in one.template]
    assert "has room" in str(told.values["error"])
    assert len(panels.default.provisioned) == 1

    await panel_admin.change_panel(stall.db, "default", panel_admin.PanelChanges(capacity=2))
    await provision(panels)

    served = await stall.subscription(BEN)
    assert served.activation_status is ActivationStatus.ACTIVE
    assert served.awaits_panel is False
    assert len(panels.default.provisioned) == 2


async def test_where_all_are_down_it_waits_for_the_first_that_is_back(
    stall: Stall, panels: SeveralPanels
) -> None:
    await panels.add("default")
    id_ = await panels.add("nl1", load=50)
    await open_incident(stall, "panel")
    incident = await open_incident(stall, "nl1")
    await stall.buy_and_pay()
    await provision(panels)
    assert (await stall.subscription()).last_error == "every panel that has room for it is down"
    await stall.change(incident, closed_at=clock.now())

    async with stall.db.unit_of_work() as session:
        await hurry_provisioning(session, "nl1")
    await provision(panels)

    assert (await stall.subscription()).panel_id == id_
    assert len(panels.fakes["nl1"].provisioned) == 1


async def test_two_who_buy_at_once_do_not_share_the_last_place(
    stall: Stall, panels: SeveralPanels
) -> None:
    await panels.add("default", capacity=1)
    both_have_read = asyncio.Barrier(2)

    async def place(user: int) -> None:
        await stall.buy_and_pay(user)
        async with stall.db.unit_of_work() as session:
            rows = await session.scalars(select(Subscription).where(Subscription.user_id == user))
            await both_have_read.wait()
            await place_subscriptions(session, rows.all())

    await asyncio.gather(place(ANNA), place(BEN))

    rows = await stall.rows(Subscription)
    assert sorted(row.awaits_panel for row in rows) == [False, True]


async def test_a_plan_names_its_panels_and_its_groups(stall: Stall, panels: SeveralPanels) -> None:
    await panels.add("default")
    id_ = await panels.add("nl1", load=50, panel_group="eu")
    (plan,) = await stall.rows(Plan, Plan.code == "standard")
    await stall.change(plan, panel_group="eu", access_groups=["Premium"])

    await stall.buy_and_pay()
    await provision(panels)

    assert (await stall.subscription()).panel_id == id_
    (access,) = panels.fakes["nl1"].provisioned
    assert access.groups == ("Premium",)


async def test_what_has_ended_is_put_anew_and_what_runs_stays(
    stall: Stall, panels: SeveralPanels
) -> None:
    await panels.add("default", load=50)
    id_ = await panels.add("nl1")
    await stall.buy_and_pay()
    ended = await stall.subscription()
    await provision(panels)
    await stall.change(ended, activation_status=ActivationStatus.REMOVED, panel_id=None, link=None)

    await stall.buy_and_pay()
    await provision(panels)

    assert (await stall.subscription()).panel_id == id_


async def test_loads_are_counted_anew(stall: Stall, panels: SeveralPanels) -> None:
    await stall.buy_and_pay(ANNA)  # from before there were rows: the default one's
    await provision(panels)
    await panels.add("default", load=7)
    second = await panels.add("nl1", load=7)
    await stall.buy_and_pay(BEN)
    await provision(panels)
    await stall.change(await stall.subscription(BEN), panel_id=second)
    await stall.buy_another(BEN)
    await provision(panels)

    await measure_panels(stall.db)

    loads = {row.name: row.load for row in await stall.rows(Panel)}
    assert sum(loads.values()) == 3
    assert len(await stall.rows(Purchase)) == 3
    assert loads["nl1"] in {1, 2}


async def open_incident(stall: Stall, subject: str) -> Incident:
    row = Incident(
        kind=IncidentKind.PANEL, subject=subject, opened_at=clock.now(), error="502", outages=1
    )
    async with stall.db.unit_of_work() as session:
        session.add(row)
    return row
