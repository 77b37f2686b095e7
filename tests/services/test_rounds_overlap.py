"""Two rounds at the same moment: neither waits for the other, and nothing is done by both (P2, P6).

That they overlap is proved, not hoped for: the row of one user stays locked by a transaction of
the test's own while the round runs, as another round would lock it.
"""

from datetime import timedelta

import pytest

from app.core import clock
from app.core.money import Money
from app.db.models import EntryKind, OutboxMessage, OutboxStatus
from app.domain.messages import Lane
from app.domain.shop_settings import ShopSettings
from app.services import ledger
from app.services.access.activation import provision_due_subscriptions
from app.services.access.expiry import (
    deprovision_ended_subscriptions,
    end_expired_subscriptions,
    notify_paid_time_over,
)
from app.services.access.reminders import remind_users
from app.services.notifications.outbox import DeliveryPorts, deliver_due_notifications
from app.services.promotions import trials
from app.services.purchases.renewals import (
    renew_due_subscriptions,
    set_subscription_auto_renew,
)
from tests.support.fakes import FakeClaims, PlainRenderer, RecordingSender
from tests.support.rounds import Round, count_done
from tests.support.stall import ANNA, BEN, OPERATORS, Stall

ALWAYS = ShopSettings(awake_from_hour=0, awake_until_hour=24, time_zone="UTC")
HOUR = timedelta(hours=1)
ACTIVE = f"SELECT FROM subscriptions WHERE user_id = {ANNA} FOR UPDATE"
A_USER = f"SELECT FROM users WHERE id = {ANNA} FOR UPDATE"
A_LETTER = f"SELECT FROM outbox WHERE chat_id = {ANNA} FOR UPDATE"


async def buy(stall: Stall) -> None:
    for user_id in (ANNA, BEN):
        await stall.buy_and_pay(user_id)


async def run_until(stall: Stall, expires: timedelta, ends: timedelta | None = None) -> None:
    """Both have a key that ends so far from now, and its grace."""
    await buy(stall)
    await provision_due_subscriptions(stall.db, stall.panel)
    for user_id in (ANNA, BEN):
        subscription = await stall.subscription(user_id)
        now = clock.now()
        await stall.change(
            subscription,
            expires_at=now + expires,
            ends_at=now + (expires if ends is None else ends),
        )


async def let_end(stall: Stall) -> None:
    await run_until(stall, -HOUR)


async def let_grace_begin(stall: Stall) -> None:
    await run_until(stall, -HOUR, HOUR)


async def let_end_soon(stall: Stall) -> None:
    await run_until(stall, 20 * HOUR)


async def let_leave(stall: Stall) -> None:
    await let_end(stall)
    await end_expired_subscriptions(stall.db)


async def let_renew(stall: Stall) -> None:
    await run_until(stall, 2 * HOUR)
    for user_id in (ANNA, BEN):
        subscription = await stall.subscription(user_id)
        await set_subscription_auto_renew(stall.db, user_id, subscription.id, on=True)
        async with stall.db.unit_of_work() as session:
            await ledger.add_ledger_entry(
                session,
                f"gift:{user_id}",
                user_id,
                EntryKind.CORRECTION,
                Money(5_000, "USD"),
                reason="a test",
            )


async def take_trials(stall: Stall) -> None:
    for user_id in (ANNA, BEN):
        await trials.start_trial(stall.db, user_id, ALWAYS)
    await provision_due_subscriptions(stall.db, stall.panel)
    for user_id in (ANNA, BEN):
        subscription = await stall.subscription(user_id)
        await stall.change(subscription, expires_at=clock.now() + HOUR)


async def provision(stall: Stall) -> int:
    await provision_due_subscriptions(stall.db, stall.panel)
    return len({access.name.partition("_")[0] for access in stall.panel.provisioned})


async def forget(stall: Stall) -> int:
    await deprovision_ended_subscriptions(stall.db, stall.panel)
    return len(stall.panel.removed)


async def send(stall: Stall) -> int:
    ports = DeliveryPorts(RecordingSender(), PlainRenderer(), FakeClaims(), OPERATORS)
    await deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION)
    sent = await stall.rows(OutboxMessage, OutboxMessage.status == OutboxStatus.SENT)
    return len({row.chat_id for row in sent})


async def tell_of(stall: Stall, name: str) -> int:
    """How many users were notified."""
    return sum([name in await stall.notified(user_id) for user_id in (ANNA, BEN)])


async def end(stall: Stall) -> int:
    await end_expired_subscriptions(stall.db)
    return await tell_of(stall, "subscription-ended")


async def tell_over(stall: Stall) -> int:
    await notify_paid_time_over(stall.db)
    return await tell_of(stall, "paid-time-over")


async def remind_all(stall: Stall) -> int:
    await remind_users(stall.db, ALWAYS)
    return await tell_of(stall, "reminder")


async def renew(stall: Stall) -> int:
    await renew_due_subscriptions(stall.db)
    return await tell_of(stall, "renewed")


async def accompany(stall: Stall) -> int:
    await trials.notify_trial_steps(stall.db, stall.panel, ALWAYS)
    return sum(
        [
            any(name.startswith("trial-") and name != "trial-key-ready" for name in told)
            for told in [await stall.notified(user_id) for user_id in (ANNA, BEN)]
        ]
    )


ROUNDS: dict[str, Round[Stall]] = {
    "provisioning": Round(buy, ACTIVE, provision),
    "removal": Round(let_leave, ACTIVE, forget),
    "sending": Round(take_trials, A_LETTER, send),
    "ends": Round(let_end, ACTIVE, end),
    "begun graces": Round(let_grace_begin, ACTIVE, tell_over),
    "reminders": Round(let_end_soon, ACTIVE, remind_all),
    "renewals": Round(let_renew, A_USER, renew),
    "trials": Round(take_trials, ACTIVE, accompany),
}


@pytest.mark.parametrize("round_", ROUNDS.values(), ids=ROUNDS.keys())
async def test_a_round_leaves_what_another_holds_and_serves_the_rest(
    stall: Stall, database_url: str, round_: Round[Stall]
) -> None:
    """P6: the held row is served once it is free, by whichever round comes then."""
    assert await count_done(round_, stall, database_url) == (1, 2)
