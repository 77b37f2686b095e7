"""A comparison finds where panel and shop differ, says it once, and changes nothing."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest

from app.core import clock
from app.core.panel_kinds import PanelKind
from app.db.models import (
    PanelComparisonState,
    PanelComparisonStep,
    PanelFinding,
    Subscription,
)
from app.domain.finding_kinds import FindingKind
from app.domain.panel_accounts import AccountState
from app.domain.ports import AccessRef
from app.domain.subscriptions import ActivationStatus
from app.services.access.activation import provision_due_subscriptions
from app.services.privacy.erasure import erase_user
from app.services.retention.cleanup import run_retention
from tests.conftest import Skip
from tests.support.panel_lists import (
    KINDS,
    Drift,
    MadeUpList,
    PanelSite,
    make_account,
    open_panel_site,
)
from tests.support.stall import ANNA, BEN, OLGA, Stall

DAY = timedelta(days=1)


@pytest.fixture(params=KINDS)
async def site(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[PanelSite]:
    async with open_panel_site(request.param, database_url) as site:
        yield site


async def sell(stall: Stall, site: PanelSite, user_id: int = ANNA) -> Subscription:
    await stall.buy_and_pay(user_id)
    await provision_due_subscriptions(stall.db, site.panel)
    return await stall.subscription(user_id)


async def test_what_agrees_is_no_finding(stall: Stall, site: PanelSite) -> None:
    await sell(stall, site)

    assert await Drift(stall, site.panel).compare() == {"compared": 1, "found": 0}

    assert await stall.rows(PanelFinding) == []
    assert await stall.notified(OLGA) == []
    (state,) = await stall.rows(PanelComparisonState)
    assert (state.panel, state.accounts, state.last_error) == ("default", 1, None)
    assert state.due_at - clock.now() > DAY - timedelta(minutes=1)


async def test_each_kind_is_found_reported_together_and_closes_by_itself(
    stall: Stall, site: PanelSite
) -> None:
    """P3: one message for all that is new, none for what is known."""
    annas, bens = await sell(stall, site), await sell(stall, site, BEN)
    site.stage.add_foreign("Ivan", clock.now() + DAY)
    site.stage.add_foreign("u1001_9999", clock.now() + DAY)
    await stall.change(annas, ends_at=annas.ends_at + DAY, expires_at=annas.ends_at + DAY)
    await stall.change(bens, access_id=uuid4(), panel_name="lost")
    before = site.stage.held()
    drift = Drift(stall, site.panel)

    counts = await drift.compare()

    found = set(await drift.list_open())
    anna, ben = f"u{ANNA}_{annas.id}", f"u{BEN}_{bens.id}"
    assert found == {
        ("foreign", "Ivan"),
        ("orphan", "u1001_9999"),
        ("orphan", ben),
        ("wrong_expiry", anna),
        ("missing", "lost"),
    }
    assert counts == {"compared": 4, "found": 5}
    assert await stall.notified(OLGA) == ["operator-panel-drift"]
    (told,) = await stall.notifications(OLGA)
    assert told.values == {
        "panel": "default",
        "foreign_accounts": 1,
        "orphan_accounts": 2,
        "wrong_expiry_accounts": 1,
        "missing_accounts": 1,
    }
    (expiry,) = await stall.rows(PanelFinding, PanelFinding.kind == FindingKind.WRONG_EXPIRY)
    assert expiry.panel_ends_at is not None
    assert expiry.shop_ends_at == annas.ends_at + DAY
    assert (expiry.user_id, expiry.subscription_id) == (ANNA, annas.id)
    assert site.stage.held() == before

    assert (await drift.compare())["found"] == 0
    assert await stall.notified(OLGA) == ["operator-panel-drift"]
    (again,) = await stall.rows(PanelFinding, PanelFinding.kind == FindingKind.MISSING)
    assert again.last_seen_at > again.first_seen_at

    await stall.change(annas, ends_at=annas.ends_at, expires_at=annas.expires_at)
    await stall.change(bens, access_id=bens.access_id, panel_name=None)
    await drift.compare()
    assert set(await drift.list_open()) == {("foreign", "Ivan"), ("orphan", "u1001_9999")}
    assert await stall.notified(OLGA) == ["operator-panel-drift"]


@pytest.mark.parametrize("kind", ["remnawave", "3x-ui", "pasarguard", "marzban"])
@pytest.mark.parametrize(
    ("state", "found"),
    [("disabled", "disabled"), ("limited", None), ("expired", "wrong_expiry")],
)
async def test_states_that_users_pay_for_are_told_apart(
    stall: Stall, database_url: str, kind: PanelKind, state: str, found: str | None
) -> None:
    """LIMITED is a live subscription out of traffic, and nothing to repair."""
    async with open_panel_site(kind, database_url) as site:
        row = await sell(stall, site)
        site.stage.bring_into(state)
        drift = Drift(stall, site.panel)
        await drift.compare()

    name = f"u{ANNA}_{row.id}"
    assert await drift.list_open() == ([(found, name)] if found else [])


async def test_what_is_on_its_way_to_the_panel_is_no_finding(stall: Stall, site: PanelSite) -> None:
    await sell(stall, site)
    await stall.buy_and_pay()  # a renewal that was not provisioned yet
    await stall.buy_and_pay(BEN)
    drift = Drift(stall, site.panel)

    await drift.compare()

    assert await drift.list_open() == []


async def test_what_moves_between_panels_is_left_over_only_once_it_has_moved(
    stall: Stall, site: PanelSite
) -> None:
    row = await sell(stall, site)
    drift = Drift(stall, site.panel)
    await stall.change(row, panel_id=77, activation_status=ActivationStatus.PENDING)
    await drift.compare()
    assert await drift.list_open() == []

    await stall.change(row, activation_status=ActivationStatus.ACTIVE)
    await drift.compare()
    assert await drift.list_open() == [("orphan", f"u{ANNA}_{row.id}")]
    (finding,) = await stall.rows(PanelFinding)
    await stall.change(row, activation_status=ActivationStatus.PENDING)
    assert "has changed since" in (await site.run(f"repair {finding.id}")).error
    assert len(site.stage.held()) == 1
    await stall.change(row, activation_status=ActivationStatus.ACTIVE)
    await site.run(f"repair {finding.id}")
    assert site.stage.held() == []
    assert (await stall.subscription()).activation_status is ActivationStatus.ACTIVE


async def test_a_change_between_two_looks_is_left_to_the_next_comparison(stall: Stall) -> None:
    """A renewal while the list is read: the panel's page is older than the shop's row."""
    ends_at = clock.now().replace(microsecond=0) + DAY
    await stall.buy_and_pay()
    row = await stall.subscription()
    active = ActivationStatus.ACTIVE
    await stall.change(row, activation_status=active, link="https://x", ends_at=ends_at)

    class Renewing(MadeUpList):
        async def find_account(self, access: AccessRef) -> None:
            assert access.name == f"u{ANNA}_{row.id}"
            await stall.change(row, revision=row.revision + 1)

    drift = Drift(stall, Renewing([]))
    await drift.compare()

    assert await drift.list_open() == []
    drift.panel = MadeUpList([])
    await drift.compare()
    assert await drift.list_open() == [("missing", f"u{ANNA}_{row.id}")]


async def test_a_list_that_breaks_off_or_lacks_some_proves_no_absence(
    stall: Stall, skip: Skip
) -> None:
    ends_at = clock.now() + DAY
    await stall.buy_and_pay()
    row = await stall.subscription()
    active = ActivationStatus.ACTIVE
    await stall.change(row, activation_status=active, link="https://x", ends_at=ends_at)
    others = [make_account(f"tg_{number}", ends_at) for number in range(10)]
    panel = MadeUpList(others, page_size=4, breaks_at=8)
    drift = Drift(stall, panel)

    assert await drift.compare() == {"failed": 1, "next_in_ms": 5000}
    assert await stall.rows(PanelFinding) == []
    (state,) = await stall.rows(PanelComparisonState)
    assert (state.last_error, state.compared_at) == ("panel list: HTTP 500", None)
    assert timedelta() < state.due_at - clock.now() <= timedelta(hours=1)

    panel.breaks_at, panel.total = None, 11
    await drift.compare()
    assert {kind for kind, _ in await drift.list_open()} == {"foreign"}
    (state,) = await stall.rows(PanelComparisonState)
    assert state.last_error is not None

    panel.accounts, panel.total = others[:3], 4
    await drift.compare()
    assert len(await drift.list_open()) == 10
    panel.total = 3
    await drift.compare()
    assert len(await drift.list_open()) == 4
    skip(timedelta(days=91))
    assert (await run_retention(stall.db)).removed["panel_findings"] == 7


async def test_a_comparison_takes_several_short_rounds(stall: Stall) -> None:
    """A round asks for five pages at the most, and the next one comes some seconds later."""
    ends_at = clock.now() + DAY
    panel = MadeUpList([make_account(f"n{n}", ends_at) for n in range(40)], page_size=4)
    drift = Drift(stall, panel)
    await drift.monitor.run_round()
    await drift.make_due()

    first = await drift.monitor.run_round()

    assert (first["accounts"], first["next_in_ms"], len(panel.asked)) == (20, 5000, 5)
    while "accounts" in await drift.monitor.run_round():
        pass
    assert len(await drift.list_open()) == 40


@pytest.mark.parametrize("rounds", [1, 2, 3])
async def test_a_restart_goes_on_where_the_comparison_was(stall: Stall, rounds: int) -> None:
    """P2, P13: in the list, behind its end, and among what is looked at again."""
    ends_at = clock.now() + DAY
    strangers = [make_account(f"n{n}", ends_at) for n in range(16)]
    orphans = [make_account(f"u{ANNA}_9{n:03}", ends_at) for n in range(104)]
    panel = MadeUpList([*strangers, *orphans], page_size=12, total=120)
    before = Drift(stall, panel)
    await before.monitor.run_round()
    await before.make_due()
    for _ in range(rounds):
        assert "accounts" in await before.monitor.run_round()

    after = Drift(stall, panel)
    while "accounts" in await after.monitor.run_round():
        pass

    assert panel.asked == [None, *(str(number) for number in range(12, 120, 12))]
    found = await after.list_open()
    assert len(found) == len(set(found)) == 120
    assert await stall.notified(OLGA) == ["operator-panel-drift"]
    (state,) = await stall.rows(PanelComparisonState)
    assert (state.accounts, state.last_error) == (120, None)
    assert await stall.rows(PanelComparisonStep) == []


@pytest.mark.parametrize("spoilt", ["deleted", "of another version"])
async def test_a_place_that_is_lost_or_unreadable_is_the_list_s_begin(
    stall: Stall, spoilt: str
) -> None:
    """An erasure deletes it: it may name the user."""
    ends_at = clock.now() + DAY
    panel = MadeUpList([make_account(f"n{n}", ends_at) for n in range(40)], page_size=4)
    before = Drift(stall, panel)
    await before.monitor.run_round()
    await before.make_due()
    await before.monitor.run_round()
    if spoilt == "deleted":
        await erase_user(stall.db, BEN, b"made up")
        await before.monitor.run_round()
    else:
        await stall.change((await stall.rows(PanelComparisonStep))[0], step={"cursor": []})

    after = Drift(stall, panel)
    while "accounts" in await after.monitor.run_round():
        pass

    assert panel.asked.count(None) == 2
    assert len(await after.list_open()) == 40
    assert await stall.rows(PanelComparisonStep) == []


async def test_so_many_findings_of_a_kind_and_no_more(stall: Stall) -> None:
    ends_at = clock.now() + DAY
    drift = Drift(stall, MadeUpList([make_account(f"n{n}", ends_at) for n in range(1_500)]))

    assert (await drift.compare())["found"] == 1000
    assert (await drift.compare())["found"] == 0


async def test_a_panel_is_compared_after_one_interval_and_not_at_the_start(stall: Stall) -> None:
    panel = MadeUpList([])
    drift = Drift(stall, panel)

    counts = await drift.monitor.run_round()

    assert panel.asked == []
    assert DAY.total_seconds() * 1000 - counts["next_in_ms"] < 60_000


async def test_a_panel_that_cannot_list_is_left_alone(stall: Stall) -> None:
    drift = Drift(stall, stall.panel)
    await drift.monitor.run_round()
    await drift.make_due()

    assert await drift.monitor.run_round() == {}


async def test_a_users_findings_go_with_their_data(stall: Stall) -> None:
    ends_at = clock.now() + DAY
    accounts = [
        make_account("old", ends_at, telegram_id=ANNA),
        make_account(f"u{ANNA}_9999", ends_at),
        make_account("off", ends_at, state=AccountState.DISABLED),
    ]
    drift = Drift(stall, MadeUpList(accounts))
    await drift.compare()
    assert len(await drift.list_open()) == 3

    await erase_user(stall.db, ANNA, b"made up")

    assert await drift.list_open() == [("foreign", "off")]
