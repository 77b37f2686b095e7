"""The end of a subscription: reported once, and taken off the panel."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from app.core import clock
from app.db.models import Subscription
from app.domain.ports import UnavailableError
from app.domain.subscriptions import ActivationStatus
from app.services.access.activation import provision_due_subscriptions
from app.services.access.expiry import (
    deprovision_ended_subscriptions,
    end_expired_subscriptions,
)
from tests.conftest import Skip
from tests.support.locks import until_waiting
from tests.support.stall import ANNA, BEN, OLGA, Stall
from tests.support.terms import begin_term

MONTH = timedelta(days=31)


async def active(stall: Stall, user_id: int = ANNA, plan: str = "month") -> Subscription:
    await stall.buy_and_pay(user_id, plan)
    await provision_due_subscriptions(stall.db, stall.panel)
    return await stall.subscription(user_id)


async def remove(stall: Stall) -> dict[str, int]:
    return await deprovision_ended_subscriptions(stall.db, stall.panel)


async def test_what_is_due_ends_and_nothing_else(stall: Stall, skip: Skip) -> None:
    await active(stall, ANNA, "month")
    await active(stall, BEN, "quarter")
    assert await end_expired_subscriptions(stall.db) == 0
    skip(MONTH)

    assert await end_expired_subscriptions(stall.db) == 1
    assert await end_expired_subscriptions(stall.db) == 0

    ended, running = await stall.subscription(ANNA), await stall.subscription(BEN)
    assert ended.activation_status is ActivationStatus.REMOVAL_PENDING
    assert running.activation_status is ActivationStatus.ACTIVE
    assert (await stall.notified(ANNA))[-1] == "subscription-ended"
    assert "subscription-ended" not in await stall.notified(BEN)


async def test_two_workers_racing_end_it_once(stall: Stall, skip: Skip) -> None:
    """P2, P4."""
    await active(stall)
    skip(MONTH)

    assert sum(await asyncio.gather(*(end_expired_subscriptions(stall.db) for _ in range(5)))) == 1
    assert (await stall.notified()).count("subscription-ended") == 1


async def test_the_panel_forgets_the_key_once(stall: Stall, skip: Skip) -> None:
    """P5."""
    subscription = await active(stall)
    skip(MONTH)
    await end_expired_subscriptions(stall.db)

    assert await remove(stall) == {"removed": 1, "failed": 0}
    assert await remove(stall) == {"removed": 0, "failed": 0}

    assert stall.panel.removed == [subscription.access_id]
    removed = await stall.subscription()
    assert removed.activation_status is ActivationStatus.REMOVED
    assert removed.lease_token is None


async def test_a_failing_removal_is_tried_again_and_the_operator_notified_once(
    stall: Stall, skip: Skip
) -> None:
    """P6: whatever the failure is."""
    await active(stall)
    skip(MONTH)
    await end_expired_subscriptions(stall.db)
    for number in range(12):
        stall.panel.failures = [UnavailableError("down") if number % 2 else ValueError("poison")]
        assert await remove(stall) == {"removed": 0, "failed": 1}
        assert await remove(stall) == {"removed": 0, "failed": 0}  # not before its pause is over
        error = (await stall.subscription()).last_error
        assert error == ("down" if number % 2 else "unexpected ValueError")
        skip(timedelta(minutes=16))

    assert await stall.notified(OLGA) == ["operator-removal"]
    assert (await remove(stall))["removed"] == 1


async def test_a_renewal_after_the_end_wins_though_the_removal_is_under_way(
    stall: Stall, skip: Skip
) -> None:
    """P2: what was bought while the panel forgot the key is brought back."""
    await active(stall)
    skip(MONTH)
    await end_expired_subscriptions(stall.db)

    async def renew() -> None:
        stall.panel.on_call = nothing
        await stall.buy_and_pay()
        # Not before the panel has answered: two calls for one key would race.
        assert (await provision_due_subscriptions(stall.db, stall.panel))["claimed"] == 0

    stall.panel.on_call = renew
    await remove(stall)

    assert (await stall.subscription()).activation_status is ActivationStatus.PENDING
    assert (await provision_due_subscriptions(stall.db, stall.panel))["delivered"] == 1
    assert (await stall.subscription()).activation_status is ActivationStatus.ACTIVE
    assert stall.panel.provisioned[-1].expires_at > clock.now() + timedelta(days=29)


async def test_a_key_that_the_panel_has_forgotten_is_none(stall: Stall, skip: Skip) -> None:
    await active(stall)
    assert (await stall.subscription()).link is not None
    skip(MONTH)
    await end_expired_subscriptions(stall.db)
    await remove(stall)

    assert (await stall.subscription()).link is None


async def test_a_renewal_that_commits_first_is_not_ended(
    stall: Stall, skip: Skip, database_url: str
) -> None:
    """P2: the end saw it due, but waits for nobody and looks again."""
    await active(stall)
    purchase = await stall.buy()
    skip(MONTH)
    blocker = await asyncpg.connect(database_url)
    transaction = blocker.transaction()
    await transaction.start()
    # The settlement stops after it has locked the subscription: its message waits for this one.
    await blocker.execute("LOCK TABLE outbox IN SHARE MODE")
    settling = asyncio.ensure_future(stall.settle(stall.provider.pay(purchase.invoice_id)))
    await until_waiting(blocker)

    assert await end_expired_subscriptions(stall.db) == 0
    await transaction.rollback()
    await blocker.close()
    await settling

    assert await end_expired_subscriptions(stall.db) == 0
    assert (await stall.subscription()).activation_status is ActivationStatus.PENDING
    assert "subscription-ended" not in await stall.notified()


async def test_a_renewal_waits_for_an_end_that_has_not_committed_yet(
    stall: Stall, skip: Skip, database_url: str
) -> None:
    """P2: or one of the two revisions would be lost, and the panel sent one only."""
    before = await active(stall)
    purchase = await stall.buy()
    skip(MONTH)
    ending = await asyncpg.connect(database_url)
    async with ending.transaction():
        await ending.execute(
            "UPDATE subscriptions"
            " SET activation_status = 'removal_pending', revision = revision + 1"
        )
        settling = asyncio.ensure_future(stall.settle(stall.provider.pay(purchase.invoice_id)))
        await until_waiting(ending)
    await settling
    await ending.close()

    after = await stall.subscription()
    assert after.revision == before.revision + 2
    assert after.activation_status is ActivationStatus.PENDING


async def test_an_end_that_comes_first_makes_the_renewal_wait_and_start_anew(
    stall: Stall, skip: Skip
) -> None:
    """P2."""
    await active(stall)
    purchase = await stall.buy()
    skip(MONTH)

    await asyncio.gather(
        *(end_expired_subscriptions(stall.db) for _ in range(3)),
        stall.settle(stall.provider.pay(purchase.invoice_id)),
        *(end_expired_subscriptions(stall.db) for _ in range(3)),
    )

    subscription = await stall.subscription()
    assert subscription.activation_status is ActivationStatus.PENDING
    assert subscription.expires_at > clock.now() + timedelta(days=29)


async def test_nothing_is_removed_while_another_worker_holds_the_lease(
    stall: Stall, skip: Skip
) -> None:
    """P2: never two calls for one key."""
    subscription = await active(stall)
    skip(MONTH)
    await end_expired_subscriptions(stall.db)
    leased_until = clock.now() + timedelta(seconds=60)
    await stall.change(subscription, lease_token=uuid4(), leased_until=leased_until)

    assert await remove(stall) == {"removed": 0, "failed": 0}
    skip(timedelta(seconds=61))
    assert (await remove(stall))["removed"] == 1


async def test_a_removal_that_a_killed_instance_had_begun_is_free_for_the_next_term(
    stall: Stall, skip: Skip
) -> None:
    """P13."""
    await begin_term(stall.db)
    await active(stall)
    skip(MONTH)
    await end_expired_subscriptions(stall.db)

    async def die() -> None:
        raise asyncio.CancelledError

    stall.panel.on_call = die
    with pytest.raises(asyncio.CancelledError):
        await remove(stall)
    stall.panel.on_call = nothing
    assert await remove(stall) == {"removed": 0, "failed": 0}

    await begin_term(stall.db)
    assert await remove(stall) == {"removed": 1, "failed": 0}


@pytest.mark.parametrize("renewals", [1, 2])
async def test_each_end_is_reported(stall: Stall, skip: Skip, renewals: int) -> None:
    """P4: once for each, not once for ever."""
    for _ in range(1 + renewals):
        await active(stall)
        skip(MONTH)
        await end_expired_subscriptions(stall.db)

    assert (await stall.notified()).count("subscription-ended") == 1 + renewals


async def test_an_end_names_the_subscription_where_others_run(stall: Stall, skip: Skip) -> None:
    one = await active(stall, ANNA)
    await active(stall, BEN)
    skip(timedelta(days=10))
    await stall.buy_another(ANNA)
    skip(timedelta(days=21))

    assert await end_expired_subscriptions(stall.db) == 2

    assert (await stall.notifications(ANNA))[-1].values["number"] == str(one.id)
    assert (await stall.notifications(BEN))[-1].values["number"] is None


async def nothing() -> None: ...
