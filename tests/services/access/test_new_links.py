"""A new key: the old one dies, nothing is lost or doubled, whatever crashes in between."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from app.core import clock
from app.db.models import AuditEntry, Subscription
from app.domain.ports import Access, AccessRef, UnavailableError, Usage
from app.domain.subscriptions import ActivationStatus
from app.services.access.activation import provision_due_subscriptions
from app.services.access.expiry import (
    deprovision_ended_subscriptions,
    end_expired_subscriptions,
)
from app.services.access.new_links import (
    KeyNotReadyError,
    LinkRenewedRecentlyError,
    measure_usage,
    renew_subscription_link,
)
from app.services.access.panel_work import build_access_ref
from app.services.access.subscriptions import SubscriptionGoneError
from app.services.notifications.key_messages import save_key_message
from tests.conftest import Skip
from tests.support.fakes import FakePanel
from tests.support.stall import ANNA, BEN, OLGA, Stall

GIB = 1024**3
LEASE = timedelta(seconds=61)
PAUSE = timedelta(minutes=11)


class Accounts(FakePanel):
    """Knows what it holds, as a panel does; each access has a link of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[UUID, Access] = {}
        self.used: dict[UUID, int] = {}

    async def provision(self, access: Access) -> str:
        await super().provision(access)
        self.held[access.access_id] = access
        return f"vless://{access.access_id}"

    async def deprovision(self, access: AccessRef) -> None:
        await super().deprovision(access)
        self.held.pop(access.access_id, None)

    async def get_usage(self, access: AccessRef) -> Usage | None:
        await super().get_usage(access)
        id_ = access.access_id
        return Usage(self.used.get(id_, 0), None) if id_ in self.held else None


@pytest.fixture
def panel(stall: Stall) -> Accounts:
    stall.panel = Accounts()
    return stall.panel


async def provision(stall: Stall) -> dict[str, int]:
    return await provision_due_subscriptions(stall.db, stall.panel)


async def own(stall: Stall) -> Subscription:
    """Bought and delivered."""
    await stall.buy_and_pay()
    await provision(stall)
    return await stall.subscription()


async def show(stall: Stall, link: str, message_id: int) -> None:
    async with stall.db.unit_of_work() as session:
        await save_key_message(session, ANNA, link, message_id)


async def renew(stall: Stall, subscription: Subscription) -> Subscription:
    return await renew_subscription_link(
        stall.db, stall.panel, subscription.user_id, subscription.id
    )


async def test_a_new_link_is_a_new_access_and_the_old_one_dies(
    stall: Stall, panel: Accounts
) -> None:
    """P2, P3, P5: with one notification, and in the audit."""
    old = await own(stall)

    await renew(stall, old)
    await provision(stall)
    await provision(stall)

    new = await stall.subscription()
    assert set(panel.held) == {new.access_id}
    assert new.access_id != old.access_id
    assert (new.activation_status, new.retired_access_id) == (ActivationStatus.ACTIVE, None)
    assert new.link == f"vless://{new.access_id}"
    assert new.expires_at == old.expires_at
    *_, notification = await stall.notifications()
    assert (notification.template, notification.values["link"]) == ("new-key", new.link)
    assert await stall.notified() == ["payment-received", "key-ready", "new-key"]
    *_, audit = await stall.rows(AuditEntry)
    assert (audit.actor, audit.action) == (f"user:{ANNA}", "link_renewed")


async def test_what_was_used_counts_on_and_the_new_access_gets_the_rest(
    stall: Stall, panel: Accounts, skip: Skip
) -> None:
    """A new link is no new traffic, however often one asks for it."""
    subscription = await own(stall)
    for gigabytes in (30, 20, 60):
        panel.used[(await stall.subscription()).access_id] = gigabytes * GIB
        await renew(stall, subscription)
        await provision(stall)
        skip(PAUSE)

    new = await stall.subscription()
    assert (new.used_before_bytes, new.traffic_limit_bytes) == (110 * GIB, 100 * GIB)
    assert [access.traffic_limit_bytes for access in panel.provisioned] == [
        100 * GIB,
        70 * GIB,
        50 * GIB,
        1,  # nothing is left, and 0 would mean no limit
    ]


async def test_unlimited_traffic_stays_unlimited(stall: Stall, panel: Accounts) -> None:
    await stall.buy_and_pay(plan="year")
    await provision(stall)
    subscription = await stall.subscription()
    panel.used[subscription.access_id] = 5 * GIB

    await renew(stall, subscription)
    await provision(stall)

    assert panel.provisioned[-1].traffic_limit_bytes == 0


async def test_traffic_bought_after_a_new_link_is_added_to_what_was_left(
    stall: Stall, panel: Accounts
) -> None:
    subscription = await own(stall)
    panel.used[subscription.access_id] = 30 * GIB
    await renew(stall, subscription)
    await provision(stall)

    await stall.buy_and_pay()
    await provision(stall)

    assert panel.provisioned[-1].traffic_limit_bytes == 170 * GIB
    assert len(panel.held) == 1


async def test_without_the_panel_nothing_changes(stall: Stall, panel: Accounts) -> None:
    """P8: nobody could say what was used."""
    old = await own(stall)
    panel.failures = [UnavailableError("down")]

    with pytest.raises(UnavailableError):
        await renew(stall, old)

    same = await stall.subscription()
    assert (same.access_id, same.revision, same.link) == (old.access_id, old.revision, old.link)


async def test_the_new_key_arrives_before_a_removal_that_fails_and_the_removal_is_tried_on(
    stall: Stall, panel: Accounts, skip: Skip
) -> None:
    """P2, P3: not done before the old key is removed; one notification through it all."""
    old = await own(stall)
    await show(stall, f"vless://{old.access_id}", 5)
    await renew(stall, old)
    calls = 0

    async def refuse_removals() -> None:
        nonlocal calls
        calls += 1
        if calls % 2 == 0:
            raise UnavailableError("down")

    panel.on_call = refuse_removals
    for number in range(11):
        assert (await provision(stall))["failed"] == 1
        if not number:
            await show(stall, f"vless://{(await stall.subscription()).access_id}", 6)
        skip(timedelta(minutes=16))
        waiting = await stall.subscription()
        assert waiting.activation_status is not ActivationStatus.ACTIVE
        assert waiting.link == f"vless://{waiting.access_id}"
        assert waiting.retired_access_id == old.access_id
    told = ["payment-received", "key-ready", "new-key", "key-replaced"]  # in the old one's place
    assert await stall.notified() == told
    assert await stall.notified(OLGA) == ["operator-activation"]

    panel.on_call = nothing
    assert (await provision(stall))["delivered"] == 1
    assert set(panel.held) == {(await stall.subscription()).access_id}
    assert await stall.notified() == told


@pytest.mark.parametrize("crash_at", [1, 2])
async def test_a_crash_at_any_panel_call_is_taken_up_where_it_was(
    stall: Stall, panel: Accounts, skip: Skip, crash_at: int
) -> None:
    """P2: before the new access, and between its notification and the old one's removal."""
    old = await own(stall)
    await renew(stall, old)
    calls, hanging = 0, asyncio.Event()

    async def hang() -> None:
        nonlocal calls
        calls += 1
        if calls == crash_at:
            hanging.set()
            await asyncio.Event().wait()

    panel.on_call = hang
    worker = asyncio.ensure_future(provision(stall))
    await hanging.wait()
    worker.cancel()
    await asyncio.wait({worker})
    panel.on_call = nothing

    assert (await provision(stall))["claimed"] == 0
    skip(LEASE)
    assert (await provision(stall))["delivered"] == 1

    new = await stall.subscription()
    assert set(panel.held) == {new.access_id}
    assert (new.activation_status, new.retired_access_id) == (ActivationStatus.ACTIVE, None)
    assert await stall.notified() == ["payment-received", "key-ready", "new-key"]


async def test_a_crash_after_asking_the_panel_leaves_everything_as_it_was(
    stall: Stall, panel: Accounts
) -> None:
    """P2: nothing is written before the one unit of work."""
    old = await own(stall)

    await measure_usage(panel, build_access_ref(old))

    assert (await stall.subscription()).revision == old.revision
    assert (await provision(stall))["claimed"] == 0
    await renew(stall, old)
    await provision(stall)
    assert len(panel.held) == 1


async def test_of_two_taps_at_once_one_counts(stall: Stall, panel: Accounts) -> None:
    """P2."""
    old = await own(stall)
    panel.used[old.access_id] = GIB

    results = await asyncio.gather(*(renew(stall, old) for _ in range(5)), return_exceptions=True)

    assert sum(isinstance(result, Subscription) for result in results) == 1
    assert all(isinstance(result, Subscription | LinkRenewedRecentlyError) for result in results)
    await provision(stall)
    new = await stall.subscription()
    assert (set(panel.held), new.used_before_bytes) == ({new.access_id}, GIB)


async def test_another_is_to_be_had_after_ten_minutes(
    stall: Stall, panel: Accounts, skip: Skip
) -> None:
    subscription = await own(stall)
    await renew(stall, subscription)
    await provision(stall)
    with pytest.raises(LinkRenewedRecentlyError):
        await renew(stall, subscription)
    skip(PAUSE)
    await renew(stall, subscription)
    await provision(stall)

    assert (await stall.notified()).count("new-key") == 2
    assert len(panel.held) == 1


async def test_only_a_working_key_of_ones_own_can_be_replaced(
    stall: Stall, panel: Accounts, skip: Skip
) -> None:
    await stall.buy_and_pay()
    subscription = await stall.subscription()
    with pytest.raises(KeyNotReadyError):
        await renew(stall, subscription)
    await provision(stall)
    with pytest.raises(SubscriptionGoneError):
        await renew_subscription_link(stall.db, panel, BEN, subscription.id)
    skip(timedelta(days=31))
    with pytest.raises(KeyNotReadyError):
        await renew(stall, subscription)


async def test_the_end_takes_a_retired_access_off_the_panel_too(
    stall: Stall, panel: Accounts
) -> None:
    """P2: also one whose new link was under way when the access was taken back."""
    await renew(stall, await own(stall))
    await stall.change(
        await stall.subscription(), activation_status=ActivationStatus.REMOVAL_PENDING
    )

    assert (await deprovision_ended_subscriptions(stall.db, panel))["removed"] == 1

    gone = await stall.subscription()
    assert panel.held == {}
    assert (gone.activation_status, gone.retired_access_id, gone.link) == (
        ActivationStatus.REMOVED,
        None,
        None,
    )


async def test_a_worker_that_slept_cannot_bring_an_old_key_back(
    stall: Stall, panel: Accounts, skip: Skip
) -> None:
    """P2: its lease was over, the key replaced, and only then does its call reach the panel."""
    await stall.buy_and_pay()

    async def oversleep() -> None:
        panel.on_call = nothing
        skip(LEASE)
        await provision(stall)
        await renew(stall, await stall.subscription())
        await provision(stall)

    panel.on_call = oversleep
    await provision(stall)

    assert set(panel.held) == {(await stall.subscription()).access_id}
    assert (await stall.notified()).count("new-key") == 1


async def test_a_purchase_while_the_new_link_is_under_way_is_delivered_once(
    stall: Stall, panel: Accounts
) -> None:
    """P2: the new key's notification, and that the subscription goes on."""
    subscription = await own(stall)
    await renew(stall, subscription)
    await stall.buy_and_pay()

    await provision(stall)

    assert (await stall.notified())[2:] == ["payment-received", "new-key", "subscription-extended"]
    assert set(panel.held) == {(await stall.subscription()).access_id}


async def test_the_panel_holds_one_access_a_subscription_after_a_whole_life(
    stall: Stall, panel: Accounts, skip: Skip
) -> None:
    """Known failure: a second account by renewals, failures, new links, crashes or a return."""
    await own(stall)
    for plan in ("month", "pro-3", "pro-12"):
        await stall.buy_and_pay(plan=plan)
        panel.failures = [UnavailableError("no answer")]
        await provision(stall)
        skip(timedelta(minutes=16))
        await provision(stall)
        await renew(stall, await stall.subscription())
        panel.failures = [UnavailableError("no answer")]
        await provision(stall)
        skip(timedelta(minutes=16))
        await provision(stall)
        subscription = await stall.subscription()
        assert set(panel.held) == {subscription.access_id}
        assert panel.held[subscription.access_id].expires_at == subscription.ends_at

    skip(timedelta(days=600))
    await end_expired_subscriptions(stall.db)
    await deprovision_ended_subscriptions(stall.db, panel)
    assert panel.held == {}
    await stall.buy_and_pay()
    await provision(stall)
    back = await stall.subscription()
    assert list(panel.held) == [back.access_id]
    assert panel.held[back.access_id].traffic_limit_bytes == 100 * GIB
    assert back.used_before_bytes == 0
    assert back.expires_at > clock.now()


async def nothing() -> None: ...


async def test_who_lost_the_lease_hands_no_new_key_over(stall: Stall, panel: Accounts) -> None:
    """P2: the other's call for the same access is still under way."""
    await renew(stall, await own(stall))
    theirs = uuid4()

    async def lose_the_lease() -> None:
        panel.on_call = nothing
        await stall.change(await stall.subscription(), lease_token=theirs)

    panel.on_call = lose_the_lease
    await provision(stall)

    after = await stall.subscription()
    assert (after.lease_token, after.link) == (theirs, None)
    assert after.activation_status is ActivationStatus.PENDING
    assert after.retired_access_id is not None
    assert "new-key" not in await stall.notified()
