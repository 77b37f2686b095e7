"""From a paid purchase to a working key, through every failure of the panel."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from app.core import clock
from app.core.worker_names import WorkerName
from app.db.models import AttentionItem, AuditEntry, Subscription
from app.domain.messages import DeliveryGuarantee
from app.domain.ports import Access, RefusedError, UnavailableError
from app.domain.subscriptions import ActivationStatus, build_panel_name
from app.services.access.activation import (
    NothingToRetryError,
    get_time_to_next_attempt,
    provision_due_subscriptions,
    retry_activation,
)
from tests.conftest import Skip
from tests.support.eventually import PATIENCE_SECONDS
from tests.support.fakes import FakePanel
from tests.support.stall import ANNA, BEN, OLGA, Stall
from tests.support.terms import begin_term

LEASE = timedelta(seconds=61)
DELIVERED = {"claimed": 1, "delivered": 1, "failed": 0}
FAILED = {"claimed": 1, "delivered": 0, "failed": 1}
IDLE = {"claimed": 0, "delivered": 0, "failed": 0}


async def provision(stall: Stall) -> dict[str, int]:
    return await provision_due_subscriptions(stall.db, stall.panel)


async def fail(stall: Stall, error: Exception, times: int, skip: Skip) -> None:
    for _ in range(times):
        stall.panel.failures = [error]
        assert await provision(stall) == FAILED
        skip(timedelta(minutes=16))


async def test_a_paid_purchase_becomes_a_key_and_its_message_once(stall: Stall) -> None:
    """P2, P3, P5."""
    purchase = await stall.buy_and_pay()

    assert await provision(stall) == DELIVERED
    assert await provision(stall) == IDLE

    subscription = await stall.subscription()
    assert subscription.activation_status is ActivationStatus.ACTIVE
    assert subscription.link == f"vless://{build_panel_name(ANNA, subscription.id)}"
    assert (subscription.lease_token, subscription.attempts) == (None, 0)
    (access,) = stall.panel.provisioned
    assert (access.access_id, access.expires_at) == (
        subscription.access_id,
        subscription.expires_at,
    )
    assert (access.traffic_limit_bytes, access.device_limit) == (107_374_182_400, 3)
    assert (await stall.again(purchase)).delivered_at is not None
    *_, notification = await stall.notifications()
    assert (notification.template, notification.guarantee) == (
        "key-ready",
        DeliveryGuarantee.AT_LEAST_ONCE,
    )
    assert notification.values == {
        "link": subscription.link,
        "page_token": subscription.page_token,
        "expires_at": subscription.expires_at.isoformat(),
        "subscription": subscription.id,
        "number": None,
        "paid": "4.99 USD",
    }


async def test_each_message_names_the_subscription_where_several_run(
    stall: Stall, skip: Skip
) -> None:
    """The key, what keeps it waiting, and that it goes on: of one of several."""
    await stall.buy_and_pay()
    await provision(stall)
    other = await stall.buy_another()
    await fail(stall, UnavailableError("HTTP 502"), 10, skip)
    await provision(stall)
    order = await stall.pay(await stall.order(subscription_id=other.id))
    await stall.settle(stall.provider.pay(order.invoice_id))
    await fail(stall, UnavailableError("HTTP 502"), 10, skip)
    await provision(stall)

    told = [
        notification.template
        for notification in await stall.notifications()
        if notification.values.get("number") == str(other.id)
    ]
    assert told == [
        *("key-delayed", "key-needs-attention", "key-ready"),
        *("renewal-delayed", "renewal-needs-attention", "subscription-extended"),
    ]


async def test_two_workers_racing_deliver_once(stall: Stall) -> None:
    """P2."""
    await stall.buy_and_pay(ANNA)
    await stall.buy_and_pay(BEN)

    rounds = await asyncio.gather(*(provision(stall) for _ in range(6)))

    assert sum(counts["delivered"] for counts in rounds) == 2
    assert len(stall.panel.provisioned) == 2
    assert await stall.notified() == ["payment-received", "key-ready"]


async def test_buyers_are_served_side_by_side(stall: Stall) -> None:
    """P6: a slow panel must not make the last buyer wait for all the others."""
    for user in (ANNA, BEN, OLGA):
        await stall.buy_and_pay(user)
    together = asyncio.Barrier(3)

    async def meet() -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await together.wait()

    stall.panel.on_call = meet

    assert (await provision(stall))["delivered"] == 3


async def test_a_purchase_during_the_panel_call_is_brought_to_the_panel_as_well(
    stall: Stall,
) -> None:
    """P2: the answer concerns the old state; the new one is sent to the panel and the user."""
    await stall.buy_and_pay()

    async def buy_more() -> None:
        stall.panel.on_call = nothing
        await stall.buy_and_pay(plan="quarter")

    stall.panel.on_call = buy_more
    stall.wakes.clear()

    assert await provision(stall) == DELIVERED
    subscription = await stall.subscription()
    assert subscription.activation_status is ActivationStatus.PENDING
    assert WorkerName.ACTIVATION in stall.wakes
    assert await stall.notified() == ["payment-received", "payment-received", "key-ready"]

    assert await provision(stall) == DELIVERED
    assert stall.panel.provisioned[-1].expires_at == subscription.expires_at
    assert (await stall.notified())[3:] == ["subscription-extended"]  # the key is the same
    assert (await stall.subscription()).activation_status is ActivationStatus.ACTIVE


async def test_a_purchase_during_a_failing_call_is_tried_at_once_with_attempts_of_its_own(
    stall: Stall, skip: Skip
) -> None:
    """P2: nobody is notified of a failure that concerns the state before."""
    await stall.buy_and_pay()
    await fail(stall, UnavailableError("down"), 9, skip)

    async def buy_more() -> None:
        stall.panel.on_call = nothing
        await stall.buy_and_pay(plan="quarter")

    stall.panel.on_call = buy_more
    stall.panel.failures = [UnavailableError("down")]
    assert await provision(stall) == FAILED

    subscription = await stall.subscription()
    assert subscription.activation_status is ActivationStatus.PENDING
    assert subscription.due_at <= clock.now()
    assert await stall.notified(OLGA) == []
    assert await provision(stall) == DELIVERED


async def test_two_purchases_fulfilled_by_one_call_are_both_delivered(stall: Stall) -> None:
    """P2: and the key, which is the same, is sent once."""
    purchases = [await stall.buy_and_pay(plan=plan) for plan in ("month", "quarter")]

    await provision(stall)

    assert len(stall.panel.provisioned) == 1
    for purchase in purchases:
        assert (await stall.again(purchase)).delivered_at is not None
    assert (await stall.notified())[2:] == ["key-ready"]


async def test_a_delivered_purchase_is_not_delivered_again_with_the_next_one(
    stall: Stall, skip: Skip
) -> None:
    """P2."""
    first = await stall.buy_and_pay()
    await provision(stall)
    first = await stall.again(first)
    skip(timedelta(hours=1))
    await stall.buy_and_pay(plan="quarter")
    await provision(stall)

    assert (await stall.again(first)).delivered_at == first.delivered_at
    told = await stall.notified()
    assert (told.count("key-ready"), told.count("subscription-extended")) == (1, 1)


async def test_a_worker_that_lost_its_lease_notifies_nobody(stall: Stall, skip: Skip) -> None:
    """P2: the one who took over does."""
    await stall.buy_and_pay()

    async def be_slow() -> None:
        stall.panel.on_call = nothing
        skip(LEASE)
        assert await provision(stall) == DELIVERED

    stall.panel.on_call = be_slow
    await provision(stall)

    assert len(stall.panel.provisioned) == 2
    assert await stall.notified() == ["payment-received", "key-ready"]


async def test_a_worker_that_lost_its_lease_cannot_undo_what_the_other_did(
    stall: Stall, skip: Skip
) -> None:
    """P2, P3: nor say that it takes longer when it is done."""
    await stall.buy_and_pay()
    await stall.change(await stall.subscription(), attempts=9)

    async def be_slow_and_fail() -> None:
        stall.panel.on_call = nothing
        skip(LEASE)
        assert await provision(stall) == DELIVERED
        stall.panel.failures = [UnavailableError("too slow")]

    stall.panel.on_call = be_slow_and_fail
    await provision(stall)

    assert (await stall.subscription()).activation_status is ActivationStatus.ACTIVE
    assert await stall.notified() == ["payment-received", "key-ready"]
    assert await stall.notified(OLGA) == []


async def test_a_crash_during_the_panel_call_is_taken_up_when_the_lease_is_over(
    stall: Stall, skip: Skip
) -> None:
    """P2."""
    await stall.buy_and_pay()
    calling = asyncio.Event()

    async def hang() -> None:
        calling.set()
        await asyncio.Event().wait()

    stall.panel.on_call = hang
    worker = asyncio.ensure_future(provision(stall))
    await calling.wait()
    worker.cancel()
    await asyncio.wait({worker})
    stall.panel.on_call = nothing

    assert await provision(stall) == IDLE
    skip(LEASE)
    assert await provision(stall) == DELIVERED
    assert await stall.notified() == ["payment-received", "key-ready"]


async def test_what_a_killed_instance_was_providing_is_taken_up_by_the_next_term_at_once(
    stall: Stall,
) -> None:
    """P2, P13: no clock is moved; before the new term the lease holds, and is waited for."""
    await begin_term(stall.db)
    await stall.buy_and_pay()

    async def die() -> None:
        raise asyncio.CancelledError

    stall.panel.on_call = die
    with pytest.raises(asyncio.CancelledError):
        await provision(stall)
    stall.panel.on_call = nothing
    assert await provision(stall) == IDLE
    leased = await get_time_to_next_attempt(stall.db)
    assert leased is not None
    assert leased > timedelta(seconds=50)

    await begin_term(stall.db)

    assert await get_time_to_next_attempt(stall.db) == timedelta()
    assert await provision(stall) == DELIVERED
    assert await stall.notified() == ["payment-received", "key-ready"]
    assert (await stall.subscription()).lease_term is None


@pytest.mark.parametrize("failure", [None, UnavailableError("too slow"), RefusedError("no")])
async def test_an_older_term_that_is_late_changes_nothing_of_what_the_newer_did(
    stall: Stall, failure: Exception | None
) -> None:
    """P2, P13: two terms overlap, and the older one's call ends last, well or badly."""
    await begin_term(stall.db)
    await stall.buy_and_pay()
    await stall.change(await stall.subscription(), attempts=9)

    async def be_overtaken() -> None:
        stall.panel.on_call = nothing
        await begin_term(stall.db)
        assert await provision(stall) == DELIVERED
        stall.panel.failures = [failure] if failure else []

    stall.panel.on_call = be_overtaken
    await provision(stall)

    subscription = await stall.subscription()
    assert subscription.activation_status is ActivationStatus.ACTIVE
    assert (subscription.attempts, subscription.last_error) == (0, None)
    assert await stall.notified() == ["payment-received", "key-ready"]
    assert await stall.notified(OLGA) == []


async def test_an_instance_that_leads_no_more_claims_for_its_successor(stall: Stall) -> None:
    """P2: it has not noticed yet; the new term does not take that for an older one's claim."""
    await begin_term(stall.db)
    await begin_term(stall.db)
    await stall.buy_and_pay()

    async def look_again() -> None:
        stall.panel.on_call = nothing
        assert await provision(stall) == IDLE

    stall.panel.on_call = look_again
    assert await provision(stall) == DELIVERED
    assert len(stall.panel.provisioned) == 1


async def test_a_failing_panel_is_tried_again_later_and_the_buyer_notified_once(
    stall: Stall, skip: Skip
) -> None:
    """P2: the second failure is when it takes longer than one would expect."""
    await stall.buy_and_pay()
    stall.panel.failures = [UnavailableError("down")]
    assert await provision(stall) == FAILED
    assert await stall.notified() == ["payment-received"]
    assert await provision(stall) == IDLE
    skip(timedelta(seconds=3))
    for _ in range(2):
        stall.panel.failures = [UnavailableError("down")]
        assert await provision(stall) == FAILED
        skip(timedelta(seconds=20))
    assert await stall.notified() == ["payment-received", "key-delayed"]
    assert (await stall.subscription()).last_error == "down"

    assert await provision(stall) == DELIVERED
    assert await stall.notified() == ["payment-received", "key-delayed", "key-ready"]
    assert await stall.notified(OLGA) == []


async def test_after_ten_failures_all_are_notified_once_and_the_key_still_comes(
    stall: Stall, skip: Skip
) -> None:
    """P2, P3: slow attempts go on for ever."""
    await stall.buy_and_pay()
    await fail(stall, UnavailableError("HTTP 502"), 9, skip)
    assert await stall.notified(OLGA) == []
    await fail(stall, UnavailableError("HTTP 502"), 4, skip)

    subscription = await stall.subscription()
    assert subscription.activation_status is ActivationStatus.NEEDS_ATTENTION
    assert await stall.notified() == ["payment-received", "key-delayed", "key-needs-attention"]
    (notification,) = await stall.notifications(OLGA)
    assert notification.template == "operator-activation"
    (item,) = await stall.rows(AttentionItem)
    assert notification.values == {
        "item": item.id,
        "subscription": subscription.id,
        "person": ANNA,
        "attempts": 10,
        "reason": "unavailable",
        "error": "HTTP 502",
    }

    assert await provision(stall) == DELIVERED
    assert (await stall.subscription()).activation_status is ActivationStatus.ACTIVE
    assert (await stall.notified())[-1] == "key-ready"


async def test_a_refusing_panel_is_the_operators_matter_after_three(
    stall: Stall, skip: Skip
) -> None:
    await stall.buy_and_pay()
    await fail(stall, RefusedError("HTTP 400"), 2, skip)
    assert await stall.notified(OLGA) == []
    await fail(stall, RefusedError("HTTP 400"), 1, skip)

    (notification,) = await stall.notifications(OLGA)
    assert (notification.values["reason"], notification.values["attempts"]) == ("refused", 3)


async def test_a_bug_in_the_client_counts_as_a_failure_and_stops_nobody(
    stall: Stall, skip: Skip
) -> None:
    """P6, P12: the operators get its name and not its text."""
    await stall.buy_and_pay()
    await fail(stall, ValueError("https://panel/?key=secret"), 10, skip)

    (notification,) = await stall.notifications(OLGA)
    assert notification.values["error"] == "unexpected ValueError"
    assert "secret" not in str((await stall.subscription()).last_error)


async def test_one_failing_subscription_does_not_keep_the_others_waiting(stall: Stall) -> None:
    """P6."""
    await stall.buy_and_pay(ANNA)
    await stall.buy_and_pay(BEN)
    stall.panel.failures = [ValueError("poison")]

    assert await provision(stall) == {"claimed": 2, "delivered": 1, "failed": 1}


async def test_the_retry_button_tries_at_once_and_the_operator_is_notified_of_the_next_failure(
    stall: Stall, skip: Skip
) -> None:
    """P3: a button that changes nothing visible would be pressed in vain."""
    await stall.buy_and_pay()
    await fail(stall, RefusedError("HTTP 400"), 3, skip)
    subscription = await stall.subscription()
    assert await stall.notified(OLGA) == ["operator-activation"]
    stall.wakes.clear()

    await retry_activation(stall.db, subscription.id, OLGA)

    renewed = await stall.subscription()
    assert (renewed.activation_status, renewed.attempts) == (ActivationStatus.PENDING, 0)
    assert set(stall.wakes) == {WorkerName.ACTIVATION, WorkerName.ACTIVATION_AWAY}
    *_, audit = await stall.rows(AuditEntry)
    assert (audit.actor, audit.action) == (f"user:{OLGA}", "activation_retried")
    await fail(stall, RefusedError("HTTP 400"), 3, skip)
    assert await stall.notified(OLGA) == ["operator-activation"] * 2

    await retry_activation(stall.db, subscription.id, OLGA)
    assert await provision(stall) == DELIVERED
    assert (await stall.notified())[-1] == "key-ready"


async def test_there_is_nothing_to_retry_when_the_key_is_there(stall: Stall) -> None:
    await stall.buy_and_pay()
    await provision(stall)

    for subscription_id in ((await stall.subscription()).id, 999_999):
        with pytest.raises(NothingToRetryError):
            await retry_activation(stall.db, subscription_id, OLGA)


async def test_the_worker_knows_when_to_look_again(stall: Stall, skip: Skip) -> None:
    assert await get_time_to_next_attempt(stall.db) is None
    await stall.buy_and_pay()
    assert await get_time_to_next_attempt(stall.db) == timedelta()

    stall.panel.failures = [UnavailableError("down")]
    await provision(stall)
    left = await get_time_to_next_attempt(stall.db)
    assert left is not None
    assert timedelta(seconds=1) < left <= timedelta(seconds=2)

    await stall.change(
        await stall.subscription(), lease_token=uuid4(), leased_until=clock.now() + LEASE
    )
    leased = await get_time_to_next_attempt(stall.db)
    assert leased is not None
    assert leased > timedelta(seconds=55)
    skip(LEASE)
    await provision(stall)
    assert await get_time_to_next_attempt(stall.db) is None


async def test_a_round_takes_a_batch_and_the_next_the_rest(stall: Stall) -> None:
    """P6: every round ends."""
    await stall.buy_and_pay()
    first = await stall.subscription()
    async with stall.db.unit_of_work() as session:
        for _ in range(24):
            session.add(
                Subscription(
                    user_id=ANNA,
                    access_id=uuid4(),
                    created_at=first.created_at,
                    expires_at=first.expires_at,
                    ends_at=first.ends_at,
                    traffic_limit_bytes=0,
                    device_limit=0,
                    activation_status=ActivationStatus.PENDING,
                    due_at=first.due_at,
                )
            )

    assert [(await provision(stall))["claimed"] for _ in range(3)] == [20, 5, 0]


async def nothing() -> None: ...


class OddPanel(FakePanel):
    """Its links hold what PostgreSQL can't."""

    async def provision(self, access: Access) -> str:
        return await super().provision(access) + "\0\ud83d" + "x" * 5_000


async def test_whatever_a_panel_says_can_be_stored(stall: Stall, skip: Skip) -> None:
    """P6: or the row would fail for ever, and nobody would learn why."""
    await stall.buy_and_pay()
    stall.panel = OddPanel()
    await fail(stall, RefusedError("no\0 such\ud83d squad"), 1, skip)
    assert (await stall.subscription()).last_error == "no\ufffd such\ufffd squad"

    assert await provision(stall) == DELIVERED

    link = (await stall.subscription()).link
    assert link is not None
    assert link.endswith("\ufffd\ufffd" + "x" * 5_000)


@pytest.mark.parametrize("error", [None, UnavailableError("down"), RefusedError("no")])
async def test_who_lost_the_lease_changes_nothing_of_the_subscription(
    stall: Stall, error: Exception | None
) -> None:
    """P2: however its own call ends, while the other's is still under way."""
    await stall.buy_and_pay()
    theirs = uuid4()

    async def lose_the_lease() -> None:
        stall.panel.on_call = nothing
        await stall.change(await stall.subscription(), lease_token=theirs, attempts=2)
        stall.panel.failures = [error] if error else []

    stall.panel.on_call = lose_the_lease
    await provision(stall)

    after = await stall.subscription()
    assert (after.lease_token, after.attempts, after.link) == (theirs, 2, None)
    assert after.activation_status is ActivationStatus.PENDING
    assert await stall.notified() == ["payment-received"]
    assert await stall.notified(OLGA) == []
