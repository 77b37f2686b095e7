"""A subscription moves to another panel: nothing of it is lost, and the old key goes last."""

from datetime import timedelta
from uuid import UUID

import pytest

from app.core import clock
from app.core.errors import ChangeRefusedError
from app.db.models import AuditEntry, OutboxMessage, Panel, PanelMove, Subscription
from app.domain.panels import PanelState
from app.domain.ports import Access, AccessRef, RefusedError, UnavailableError, Usage
from app.domain.subscriptions import ActivationStatus
from app.services.access.activation import provision_due_subscriptions
from app.services.access.expiry import deprovision_ended_subscriptions, end_expired_subscriptions
from app.services.access.panel_work import PanelLane
from app.services.operations import panel_moves, plan_admin
from app.services.operations.panel_moves import continue_panel_moves, move_subscription
from tests.conftest import Skip
from tests.support.extras import DEVICES, TRAFFIC, buy_extra, sell
from tests.support.fakes import FakePanel
from tests.support.several_panels import NamedFake, SeveralPanels
from tests.support.stall import ANNA, BEN, OLGA, Stall

GIB = 1024**3
ACTOR = "user:1003"


class Accounts(NamedFake):
    """Knows what it holds, by name, as panels do."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.held: dict[str, Access] = {}
        self.used = 0

    async def provision(self, access: Access) -> str:
        await FakePanel.provision(self, access)
        self.held[access.name] = access
        return f"https://{self.name}.example/{access.access_id.hex}"

    async def deprovision(self, access: AccessRef) -> None:
        await FakePanel.deprovision(self, access)
        self.held.pop(access.name, None)

    async def get_usage(self, access: AccessRef) -> Usage | None:
        await FakePanel.get_usage(self, access)
        return Usage(self.used, None) if access.name in self.held else None


class Shop(SeveralPanels):
    """The default panel and nl1, both of which know what they hold."""

    def __init__(self, stall: Stall) -> None:
        self.old, self.new = Accounts("default"), Accounts("nl1")
        stall.panel = self.old
        super().__init__(stall)
        self.made = {"nl1": self.new}

    async def work(self, rounds: int = 1) -> None:
        for _ in range(rounds):
            for row in await self.stall.rows(Subscription):
                if row.lease_token is None:
                    await self.stall.change(row, due_at=clock.now())
            for lane in PanelLane:
                await provision_due_subscriptions(self.stall.db, self.router, lane)
            await deprovision_ended_subscriptions(self.stall.db, self.router)

    async def send(self) -> None:
        """The outbox has sent all."""
        for row in await self.stall.rows(OutboxMessage):
            await self.stall.change(row, status="sent")

    async def own(self, user: int = ANNA) -> Subscription:
        """Bought and delivered on the default panel."""
        await self.stall.buy_and_pay(user)
        await self.work()
        row = await self.stall.subscription(user)
        await self.stall.change(row, traffic_limit_bytes=100 * GIB, panel_id=None)
        return await self.stall.again(row)


@pytest.fixture
async def shop(stall: Stall) -> Shop:
    shop = Shop(stall)
    await shop.add("default")
    await shop.add("nl1", load=1_000)
    return shop


async def test_it_keeps_end_traffic_user_and_page(stall: Stall, shop: Shop) -> None:
    before = await shop.own()
    shop.old.used = 30 * GIB

    assert await move_subscription(stall.db, ACTOR, before.id, "nl1") == "nl1"
    await shop.work()

    after = await stall.again(before)
    assert after.link == f"https://nl1.example/{after.access_id.hex}"
    assert (after.page_token, after.expires_at, after.user_id) == (
        before.page_token,
        before.expires_at,
        ANNA,
    )
    (held,) = shop.new.held.values()
    assert (held.expires_at, held.name) == (before.ends_at, f"u{ANNA}_{before.id}")
    assert held.traffic_limit_bytes == 70 * GIB
    assert after.used_before_bytes == 30 * GIB
    assert (await stall.notified())[-1] == "moved-key"
    assert list(shop.old.held) == [f"u{ANNA}_{before.id}"]  # its message waits in the outbox


async def test_the_old_access_goes_once_the_new_key_was_sent(stall: Stall, shop: Shop) -> None:
    before = await shop.own()
    await move_subscription(stall.db, ACTOR, before.id)
    await shop.work(3)
    assert len(shop.old.held) == 1
    assert await stall.notified(OLGA) == ["operator-moved"]

    await shop.send()
    await shop.work()

    assert shop.old.held == {}
    after = await stall.again(before)
    assert after.activation_status is ActivationStatus.ACTIVE
    assert (after.retired_access_id, after.retired_panel_id) == (None, None)
    await shop.work()
    assert len(shop.new.held) == 1
    actions = [(row.actor, row.action) for row in await stall.rows(AuditEntry)]
    assert (ACTOR, "move_begun") in actions


async def test_until_the_new_panel_has_it_all_stays_as_it_was(stall: Stall, shop: Shop) -> None:
    before = await shop.own()
    await move_subscription(stall.db, ACTOR, before.id, "nl1")
    await shop.router.check()
    shop.new.failures = [UnavailableError("502")] * 3

    await shop.work(3)

    row = await stall.again(before)
    (default, _) = await stall.rows(Panel)
    assert (row.link, row.access_id, row.panel_id) == (before.link, before.access_id, default.id)
    assert "delayed" not in " ".join(await stall.notified())  # the key that there is works on
    await shop.work()
    assert (await stall.again(before)).link != before.link


async def test_a_move_that_is_refused_is_given_up_and_leaves_nothing(
    stall: Stall, shop: Shop
) -> None:
    """What was paid meanwhile is provisioned where it was."""
    before = await shop.own()
    await move_subscription(stall.db, ACTOR, before.id, "nl1")
    await shop.router.check()
    shop.new.failures = [RefusedError("HTTP 400")] * 3

    await shop.work(3)
    await stall.buy_and_pay()
    await shop.work(2)

    row = await stall.again(before)
    assert row.activation_status is ActivationStatus.ACTIVE
    assert (row.next_panel_id, row.retired_access_id, row.link) == (None, None, before.link)
    assert shop.new.held == {}
    assert shop.new.removed != []  # what an answer that was lost may have left there
    (held,) = shop.old.held.values()
    assert held.expires_at == row.ends_at > before.ends_at
    assert "move_given_up" in [one.action for one in await stall.rows(AuditEntry)]
    (told,) = await stall.notifications(OLGA)
    assert told.template == "operator-move-given-up"
    assert told.values["panel"] == "nl1"


async def test_a_renewal_on_the_way_is_on_the_new_panel(stall: Stall, shop: Shop) -> None:
    before = await shop.own()
    await move_subscription(stall.db, ACTOR, before.id, "nl1")
    await stall.buy_and_pay()
    await shop.work()

    row = await stall.again(before)
    (held,) = shop.new.held.values()
    assert held.expires_at == row.ends_at > before.ends_at
    told = await stall.notified()
    assert told.count("moved-key") == 1
    assert told.count("key-ready") == 1


async def test_extras_move_along_also_when_bought_on_the_way(stall: Stall, shop: Shop) -> None:
    """What is left of the traffic, and the devices until their end."""
    before = await shop.own()
    extra = await sell(stall, TRAFFIC, 50, "1.99")
    await buy_extra(stall, extra)
    await buy_extra(stall, await sell(stall, DEVICES, 2, "1.99"))
    shop.old.used = 120 * GIB
    await move_subscription(stall.db, ACTOR, before.id, "nl1")
    await buy_extra(stall, extra)
    await shop.work()

    (held,) = shop.new.held.values()
    assert (held.traffic_limit_bytes, held.device_limit) == (80 * GIB, 5)
    after = await stall.again(before)
    assert (after.traffic_limit_bytes, after.used_before_bytes) == (200 * GIB, 120 * GIB)


async def test_an_end_on_the_way_removes_both(stall: Stall, shop: Shop) -> None:
    before = await shop.own()
    await move_subscription(stall.db, ACTOR, before.id, "nl1")
    await shop.router.check()

    await shop.new.provision(shop.old.held[f"u{ANNA}_{before.id}"])  # whose answer was lost
    await stall.change(
        before,
        activation_status=ActivationStatus.ACTIVE,
        ends_at=clock.now(),
        expires_at=clock.now(),
    )
    await end_expired_subscriptions(stall.db)
    await shop.work()

    assert (shop.old.held, shop.new.held) == ({}, {})
    row = await stall.again(before)
    assert row.activation_status is ActivationStatus.REMOVED
    assert (row.next_panel_id, row.next_access_id) == (None, None)


async def test_what_ended_on_the_way_and_is_bought_again_begins_on_the_new_panel(
    stall: Stall, shop: Shop
) -> None:
    before = await shop.own()
    await move_subscription(stall.db, ACTOR, before.id, "nl1")
    await stall.change(
        before,
        activation_status=ActivationStatus.REMOVAL_PENDING,
        ends_at=clock.now(),
        expires_at=clock.now(),
    )
    await stall.buy_and_pay()
    await shop.work(2)

    row = await stall.again(before)
    assert row.activation_status is ActivationStatus.ACTIVE
    assert (len(shop.new.held), shop.old.held) == (1, {})
    assert row.used_before_bytes == 0
    assert row.link == f"https://nl1.example/{row.access_id.hex}"


async def test_a_claim_that_was_overtaken_brings_nothing_back(
    stall: Stall, shop: Shop, skip: Skip
) -> None:
    """Suspended in its call for longer than its lease, while the subscription moved away."""
    before = await shop.own()
    await stall.buy_and_pay()

    async def move_meanwhile() -> None:
        shop.old.on_call = FakePanel().on_call
        skip(timedelta(minutes=2))
        await stall.change(before, lease_token=None, leased_until=None, retired_access_id=None)
        await move_subscription(stall.db, ACTOR, before.id, "nl1")
        await shop.work()
        await shop.send()
        await shop.work()
        assert shop.old.held == {}

    shop.old.on_call = move_meanwhile
    await provision_due_subscriptions(stall.db, shop.router)

    assert shop.old.held == {}
    assert len(shop.new.held) == 1


async def test_an_imported_account_gets_our_name(stall: Stall, shop: Shop) -> None:
    """Its own may be another one's on the new panel."""
    before = await shop.own()
    shop.old.held = {"alice": shop.old.held.popitem()[1]}
    await stall.change(before, panel_name="alice")
    await move_subscription(stall.db, ACTOR, before.id, "nl1")
    await shop.work()
    await shop.send()
    await shop.work()

    assert list(shop.new.held) == [f"u{ANNA}_{before.id}"]
    assert shop.old.held == {}
    assert (await stall.again(before)).panel_name is None


async def test_a_panel_that_is_gone_is_left_without_being_asked(stall: Stall, shop: Shop) -> None:
    """Away from one that is retired; what was used there nobody knows any more."""
    id_ = (await stall.rows(Panel, Panel.name == "nl1"))[0].id
    before = await shop.own()
    await stall.change(before, panel_id=id_)
    await stall.change((await stall.rows(Panel, Panel.id == id_))[0], state=PanelState.RETIRED)

    assert await move_subscription(stall.db, ACTOR, before.id) == "default"
    await shop.work()
    await shop.send()
    await shop.work()

    row = await stall.again(before)
    assert row.activation_status is ActivationStatus.ACTIVE
    assert row.link == f"https://default.example/{row.access_id.hex}"


@pytest.mark.parametrize(
    ("values", "to", "reason"),
    [
        ({"attempts": 0}, "default", "it is on default already"),
        ({"attempts": 0}, "nl9", "there is no panel nl9"),
        ({"activation_status": ActivationStatus.REMOVED}, "nl1", "it has ended"),
        ({"retired_access_id": UUID(int=1)}, "nl1", "try again in a minute"),
        ({"awaits_panel": True}, "nl1", "waits for a panel with room"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    stall: Stall, shop: Shop, values: dict[str, object], to: str, reason: str
) -> None:
    before = await shop.own()
    await stall.change(before, **values)

    with pytest.raises(ChangeRefusedError, match=reason):
        await move_subscription(stall.db, ACTOR, before.id, to)
    with pytest.raises(ChangeRefusedError, match="no subscription 0"):
        await move_subscription(stall.db, ACTOR, 0)


async def test_all_of_a_panel_move_so_many_at_a_time(stall: Stall, shop: Shop) -> None:
    (new,) = await stall.rows(Panel, Panel.name == "nl1")
    await stall.change(new, state=PanelState.CLOSED)
    for _ in range(25):
        await stall.buy_another(BEN)
    await shop.work(2)
    id_ = await panel_moves.request_panel_move(stall.db, "default", "nl1")
    with pytest.raises(ChangeRefusedError, match="default is being moved already"):
        await panel_moves.request_panel_move(stall.db, "default", None)

    assert await continue_panel_moves(stall.db) == {"begun": 20}
    assert await continue_panel_moves(stall.db) == {"begun": 0}
    await shop.work(2)
    await shop.send()
    await shop.work(2)
    assert (await panel_moves.get_move_progress(stall.db, id_)).left == 5
    assert await continue_panel_moves(stall.db) == {"begun": 5}
    await shop.work(2)
    await shop.send()
    await shop.work(2)
    await continue_panel_moves(stall.db)

    progress = await panel_moves.get_move_progress(stall.db, id_)
    assert (progress.left, progress.failed, progress.ended_at is None) == (0, 0, False)
    (move,) = await stall.rows(PanelMove)
    assert move.moved == 25
    assert (await stall.notified(OLGA)).count("operator-panel-move-ended") == 1
    assert "operator-moved" not in await stall.notified(OLGA)
    assert (len(shop.new.held), shop.old.held) == (25, {})
    assert (await stall.rows(Panel))[0].state is PanelState.CLOSED
    assert await continue_panel_moves(stall.db) == {}


async def test_one_that_cannot_move_does_not_keep_a_panel_s_move_from_its_end(
    stall: Stall, shop: Shop
) -> None:
    await shop.own()
    id_ = await panel_moves.request_panel_move(stall.db, "default", "nl1")
    await continue_panel_moves(stall.db)
    await shop.router.check()
    shop.new.failures = [RefusedError("HTTP 400")] * 3
    await shop.work(5)

    await continue_panel_moves(stall.db)

    progress = await panel_moves.get_move_progress(stall.db, id_)
    assert (progress.left, progress.failed, progress.ended_at is None) == (1, 1, False)
    (told,) = await stall.notifications(OLGA)  # of all of it, not of each
    assert told.template == "operator-panel-move-ended"
    assert (told.values["moved"], told.values["failed"]) == (0, 1)


async def test_a_panel_s_move_waits_for_one_that_gets_a_new_link(stall: Stall, shop: Shop) -> None:
    """Unless that waits for an operator, which it would do for ever."""
    row = await shop.own()
    pending, stuck = ActivationStatus.PENDING, ActivationStatus.NEEDS_ATTENTION
    await stall.change(row, activation_status=pending, retired_access_id=UUID(int=1), link=None)
    id_ = await panel_moves.request_panel_move(stall.db, "default", "nl1")
    assert await continue_panel_moves(stall.db) == {"begun": 0}
    assert (await panel_moves.get_move_progress(stall.db, id_)).ended_at is None

    await stall.change(row, retired_access_id=None)
    assert await continue_panel_moves(stall.db) == {"begun": 1}
    await stall.change(
        row, activation_status=stuck, retired_access_id=UUID(int=1), next_panel_id=None
    )
    await continue_panel_moves(stall.db)
    progress = await panel_moves.get_move_progress(stall.db, id_)
    assert (progress.left, progress.ended_at is None) == (1, False)


async def test_a_move_waits_for_room(stall: Stall, shop: Shop) -> None:
    await shop.own()
    (row,) = await stall.rows(Panel, Panel.name == "nl1")
    await stall.change(row, capacity=1_000)
    id_ = await panel_moves.request_panel_move(stall.db, "default", None)

    for _ in range(2):
        assert await continue_panel_moves(stall.db) == {"begun": 0}
    assert await stall.notified(OLGA) == ["operator-panel-move-stuck"]
    await stall.change(row, capacity=2_000)
    assert await continue_panel_moves(stall.db) == {"begun": 1}
    assert (await panel_moves.get_move_progress(stall.db, id_)).ended_at is None


async def test_what_a_plan_has_elsewhere_moves_to_its_panels_where_that_is_asked_for(
    stall: Stall, shop: Shop
) -> None:
    """Without that a renewal stays, with the groups that its panel has."""
    before = await shop.own()
    other = await stall.subscription(await own_trial(stall, shop))
    await plan_admin.set_plan_panel(stall.db, "standard", "nl1", ["vip"])
    await stall.buy_and_pay()
    await shop.work()
    renewed = await stall.again(before)
    assert (len(shop.old.held), shop.new.held) == (2, {})
    assert shop.old.held[f"u{ANNA}_{before.id}"].groups == ()

    await plan_admin.set_plan_panel(stall.db, "standard", None, None, moves=True)
    with pytest.raises(ChangeRefusedError, match="standard is being moved already"):
        await plan_admin.set_plan_panel(stall.db, "standard", None, None, moves=True)
    assert await continue_panel_moves(stall.db) == {"begun": 1}
    await shop.work()
    await shop.send()
    await shop.work()
    await continue_panel_moves(stall.db)

    (held,) = shop.new.held.values()
    assert (held.groups, held.expires_at) == (("vip",), renewed.ends_at)
    assert (await stall.again(before)).access_groups == ["vip"]
    assert list(shop.old.held) == [f"u{BEN}_{other.id}"]  # of no plan
    (told,) = await stall.notifications(OLGA)
    assert told.template == "operator-plan-move-ended"
    assert told.values == {"plan": "standard", "moved": 1, "failed": 0, "by": None}


async def test_what_fails_in_one_move_is_not_tried_by_another(stall: Stall, shop: Shop) -> None:
    """A panel is left, and a plan at the same time: neither waits for ever."""
    await shop.own()
    await panel_moves.request_panel_move(stall.db, "default", "nl1")
    await plan_admin.set_plan_panel(stall.db, "standard", "nl1", None, moves=True)
    await continue_panel_moves(stall.db)
    await shop.router.check()
    shop.new.failures = [RefusedError("HTTP 400")] * 3
    await shop.work(5)

    await continue_panel_moves(stall.db)

    assert [move.ended_at is None for move in await stall.rows(PanelMove)] == [False, False]
    told = {one.template: one.values for one in await stall.notifications(OLGA)}
    assert told["operator-panel-move-ended"]["failed"] == 1
    assert told["operator-plan-move-ended"]["failed"] == 1


async def test_a_plan_that_may_be_anywhere_has_nothing_to_move(stall: Stall, shop: Shop) -> None:
    await shop.own()
    with pytest.raises(ChangeRefusedError, match="may be on any panel"):
        await plan_admin.set_plan_panel(stall.db, "standard", "", None, moves=True)


async def own_trial(stall: Stall, shop: Shop) -> int:
    """Whose subscription has no plan."""
    await shop.own(BEN)
    await stall.change(await stall.subscription(BEN), plan_id=None)
    return BEN
