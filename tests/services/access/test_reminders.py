from datetime import UTC, datetime, timedelta

import pytest

from app.core import clock
from app.db.models import OutboxStatus, Subscription
from app.domain.shop_settings import ShopSettings
from app.services.access.activation import provision_due_subscriptions
from app.services.access.reminders import REMINDER_BATCH, remind_users
from tests.conftest import Skip
from tests.support.stall import ANNA, BEN, Stall

ALWAYS = ShopSettings(awake_from_hour=0, awake_until_hour=24, time_zone="UTC")
HOUR = timedelta(hours=1)


async def active(stall: Stall, user_id: int, left: timedelta) -> Subscription:
    await stall.buy_and_pay(user_id)
    await provision_due_subscriptions(stall.db, stall.panel)
    subscription = await stall.subscription(user_id)
    await stall.change(subscription, expires_at=clock.now() + left)
    return subscription


async def test_each_step_is_sent_once_however_often_the_worker_looks(
    stall: Stall, skip: Skip
) -> None:
    """P4: also when two instances look at once, and after a restart."""
    await active(stall, ANNA, timedelta(hours=80))
    for _ in range(80):
        await remind_users(stall.db, ALWAYS)
        await remind_users(stall.db, ALWAYS)
        skip(HOUR)
    assert (await stall.notified()).count("reminder") == 3


async def test_a_reminder_comes_in_the_order_and_at_the_time_of_its_step(
    stall: Stall, skip: Skip
) -> None:
    await active(stall, ANNA, timedelta(hours=73))
    assert (await remind_users(stall.db, ALWAYS))["reminded"] == 0
    skip(2 * HOUR)
    assert (await remind_users(stall.db, ALWAYS))["reminded"] == 1
    assert (await stall.subscription()).reminded_hours == 72


async def test_nobody_is_woken(stall: Stall) -> None:
    """A shop whose day is over now sends nothing until the morning."""
    hour = datetime.now(UTC).hour
    asleep = ShopSettings(
        time_zone="UTC",
        awake_from_hour=0 if hour else 12,
        awake_until_hour=hour or 13,
    )
    await active(stall, ANNA, timedelta(minutes=30))
    assert (await remind_users(stall.db, asleep))["reminded"] == 0
    assert (await remind_users(stall.db, ALWAYS))["reminded"] == 1


async def test_a_renewal_takes_back_what_was_not_sent_and_starts_anew(
    stall: Stall, skip: Skip
) -> None:
    """P3: no reminder after the payment, and the next end is reported again."""
    await active(stall, ANNA, timedelta(hours=20))
    await active(stall, BEN, timedelta(hours=20))
    await remind_users(stall.db, ALWAYS)

    await stall.buy_and_pay(ANNA, "quarter")

    states = {
        notification.chat_id: notification.status
        for user_id in (ANNA, BEN)
        for notification in await stall.notifications(user_id)
        if notification.template == "reminder"
    }
    assert states == {ANNA: OutboxStatus.WITHDRAWN, BEN: OutboxStatus.WAITING}
    assert (await stall.subscription(ANNA)).reminded_hours is None
    await provision_due_subscriptions(stall.db, stall.panel)
    skip(timedelta(days=90))
    await remind_users(stall.db, ALWAYS)
    assert (await stall.notified(ANNA)).count("reminder") == 2


@pytest.mark.parametrize("left", [timedelta(hours=-1), timedelta(days=10)])
async def test_who_has_ended_or_has_long_to_go_gets_nothing(stall: Stall, left: timedelta) -> None:
    await active(stall, ANNA, left)
    assert (await remind_users(stall.db, ALWAYS))["reminded"] == 0


async def test_more_users_than_a_batch_are_all_reminded(stall: Stall) -> None:
    """P6: batches follow each other within one round."""
    subscription = await active(stall, ANNA, timedelta(hours=20))
    async with stall.db.unit_of_work() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(
            "INSERT INTO subscriptions (user_id, access_id, created_at, expires_at, ends_at,"
            " is_trial, auto_renew, used_before_bytes, traffic_limit_bytes, device_limit, link,"
            " revision, activation_status, attempts, due_at)"
            " SELECT user_id, gen_random_uuid(), created_at, expires_at, ends_at,"
            " false, false, 0, 0, 0, link, 1, 'active', 0, due_at"
            f" FROM subscriptions, generate_series(1, {REMINDER_BATCH}) WHERE id = $1",
            (subscription.id,),
        )
    assert (await remind_users(stall.db, ALWAYS))["reminded"] == REMINDER_BATCH + 1


async def test_a_reminder_names_the_subscription_where_several_run(stall: Stall) -> None:
    await active(stall, BEN, timedelta(hours=20))
    one = await active(stall, ANNA, timedelta(hours=20))
    await stall.buy_another(ANNA)
    await remind_users(stall.db, ALWAYS)
    for user_id, number in ((ANNA, str(one.id)), (BEN, None)):
        (notification,) = [
            row for row in await stall.notifications(user_id) if row.template == "reminder"
        ]
        assert notification.values["number"] == number
