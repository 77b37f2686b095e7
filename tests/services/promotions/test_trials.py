"""The trial: once a user, with its notifications, until it ends or something is bought."""

import asyncio
from collections import Counter
from datetime import UTC, timedelta

import pytest
from sqlalchemy import update

from app.core import clock
from app.db.models import OutboxStatus, PromoCode, PromoUse, Purchase, Subscription, User
from app.domain.payments import PurchaseKind, PurchaseStatus
from app.domain.ports import RefusedError, UnavailableError, Usage
from app.domain.promo_codes import PromoKind
from app.domain.shop_settings import ShopSettings
from app.domain.subscriptions import ActivationStatus
from app.services.access.activation import provision_due_subscriptions
from app.services.access.expiry import (
    deprovision_ended_subscriptions,
    end_expired_subscriptions,
)
from app.services.promotions import trials
from app.services.promotions.trials import (
    TRIAL_BATCH,
    TrialClosedError,
    TrialUsedError,
    notify_trial_steps,
)
from app.services.purchases.channel_membership import MembershipUnknownError, NotMemberError
from app.services.purchases.orders import build_purchase
from app.services.purchases.sales import complete_sale
from app.services.users import lock_user
from tests.conftest import Skip
from tests.support.fakes import FakeChannels, FakePanel
from tests.support.several_panels import SeveralPanels
from tests.support.stall import ANNA, BEN, OLGA, Stall

SHOP = ShopSettings(awake_from_hour=0, awake_until_hour=24, time_zone="UTC")
IN_CHANNEL = SHOP.model_copy(update={"trial_channel": "@tollgate_news"})
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
UNUSED, USED = Usage(0, None), Usage(2 * 1024**3, None)


async def take(stall: Stall, user_id: int = ANNA, shop: ShopSettings = SHOP) -> Purchase:
    """Up to the key."""
    purchase = await trials.start_trial(stall.db, user_id, shop)
    await provision_due_subscriptions(stall.db, stall.panel)
    return purchase


async def notifications(stall: Stall, user_id: int = ANNA) -> list[str]:
    return [name for name in await stall.notified(user_id) if name.startswith("trial-")]


# --- taking it ------------------------------------------------------------------------------------


async def test_a_trial_gives_what_the_shop_says_and_a_key_that_says_until_when(
    stall: Stall,
) -> None:
    """P2, P3."""
    shop = ShopSettings(trial_days=2, trial_traffic_gb=5, trial_devices=3, grace_hours=24)
    purchase = await stall.again(await take(stall, ANNA, shop))

    subscription = await stall.subscription()
    assert (purchase.kind, purchase.status) == (PurchaseKind.TRIAL, PurchaseStatus.PAID)
    assert purchase.covers_from is not None
    assert subscription.expires_at - purchase.covers_from == 2 * DAY
    assert subscription.ends_at == subscription.expires_at, "a trial has no grace"
    assert (subscription.traffic_limit_bytes, subscription.device_limit) == (5 * 1024**3, 3)
    assert subscription.is_trial
    assert await stall.notified() == ["trial-key-ready"]
    (notification,) = await stall.notifications()
    assert notification.values["expires_at"] == subscription.expires_at.isoformat()
    (user,) = await stall.rows(User, User.id == ANNA)
    assert user.had_access_at is not None
    assert (await stall.balance()).minor == 0


async def test_a_code_that_makes_the_trial_longer_is_used_once(stall: Stall) -> None:
    code = PromoCode(
        code="LONGER",
        kind=PromoKind.TRIAL_DAYS,
        value=4,
        max_uses_per_user=1,
        created_at=clock.now(),
    )
    async with stall.db.unit_of_work() as session:
        session.add(code)
    (anna,) = await stall.rows(User, User.id == ANNA)
    await stall.change(anna, promo_code_id=code.id)
    assert (
        await trials.get_trial_length_days(stall.db, ANNA, SHOP) == SHOP.trial_days + 4
    )  # shown before
    purchase = await take(stall)
    assert purchase.days == SHOP.trial_days + 4
    assert [use.user_id for use in await stall.rows(PromoUse)] == [ANNA]
    assert (await stall.again(anna)).promo_code_id is None


async def test_fifty_taps_at_once_give_one_trial(stall: Stall) -> None:
    """P2: the others read that they have it."""
    results = await asyncio.gather(
        *(trials.claim_trial(stall.db, FakeChannels(), ANNA, SHOP) for _ in range(50)),
        return_exceptions=True,
    )
    kinds = Counter(type(result) for result in results)
    assert kinds == {Purchase: 1, TrialUsedError: 49}
    assert len(await stall.rows(Purchase)) == 1


async def test_who_ever_had_access_gets_no_trial(stall: Stall, skip: Skip) -> None:
    await stall.buy_and_pay(ANNA)
    skip(60 * DAY)
    await end_expired_subscriptions(stall.db)
    with pytest.raises(TrialUsedError):
        await take(stall)


async def test_a_closed_trial_is_not_given(stall: Stall) -> None:
    closed = SHOP.model_copy(update={"trial_enabled": False})
    with pytest.raises(TrialClosedError):
        await trials.claim_trial(stall.db, FakeChannels(), ANNA, closed)
    assert await stall.rows(Purchase) == []


async def test_only_members_of_the_channel_get_it(stall: Stall) -> None:
    """P5: Telegram is asked with no connection held."""
    channels = FakeChannels()
    with pytest.raises(NotMemberError):
        await trials.claim_trial(stall.db, channels, ANNA, IN_CHANNEL)
    channels.members.add(ANNA)
    purchase = await trials.claim_trial(stall.db, channels, ANNA, IN_CHANNEL)
    assert purchase.status is PurchaseStatus.PAID


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (RefusedError("member list is inaccessible"), "refused"),
        (UnavailableError("502"), "unavailable"),
    ],
)
async def test_a_check_that_does_not_work_gives_nothing_and_is_reported_once_a_day(
    stall: Stall, skip: Skip, failure: Exception, reason: str
) -> None:
    """P3: neither a trial in silence, nor an operator who does not know."""
    channels = FakeChannels()
    channels.members.add(ANNA)
    for days in (0, 0, 1):
        skip(days * DAY)
        channels.failures = [failure]
        with pytest.raises(MembershipUnknownError):
            await trials.claim_trial(stall.db, channels, ANNA, IN_CHANNEL)
    told = [
        row for row in await stall.notifications(OLGA) if row.template == "operator-trial-channel"
    ]
    assert [row.values["reason"] for row in told] == [reason, reason]
    assert await stall.rows(Purchase) == []
    await trials.claim_trial(stall.db, channels, ANNA, IN_CHANNEL)


async def test_who_had_it_reads_so_and_is_not_sent_to_a_channel(stall: Stall) -> None:
    await take(stall)
    channels = FakeChannels()
    channels.failures = [UnavailableError("down")]
    with pytest.raises(TrialUsedError):
        await trials.claim_trial(stall.db, channels, ANNA, IN_CHANNEL)
    assert await stall.notifications(OLGA) == []


async def test_a_panel_that_is_away_delays_a_trial_without_a_word_of_payment(
    stall: Stall, skip: Skip
) -> None:
    stall.panel.failures = [UnavailableError("down")] * 2
    await take(stall)
    skip(timedelta(minutes=1))
    await provision_due_subscriptions(stall.db, stall.panel)
    skip(HOUR)
    await provision_due_subscriptions(stall.db, stall.panel)
    assert await stall.notified() == ["trial-key-delayed", "trial-key-ready"]


# --- notifications --------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def unused(stall: Stall) -> FakePanel:
    """Nobody has connected yet."""
    stall.panel.usage = UNUSED
    return stall.panel


async def live(stall: Stall, skip: Skip, hours: int) -> None:
    """A worker that looks every half hour, and a second one beside it."""
    for _ in range(2 * hours):
        skip(HOUR / 2)
        await asyncio.gather(
            notify_trial_steps(stall.db, stall.panel, SHOP),
            notify_trial_steps(stall.db, stall.panel, SHOP),
        )


async def test_each_step_is_sent_once_however_many_look(stall: Stall, skip: Skip) -> None:
    """P4: two workers at once, to the end of the trial and beyond."""
    await take(stall)
    await live(stall, skip, 73)
    await end_expired_subscriptions(stall.db)
    await deprovision_ended_subscriptions(stall.db, stall.panel)
    await live(stall, skip, 2)

    subscription = await stall.subscription()
    assert await notifications(stall) == [
        "trial-key-ready",
        "trial-unused",
        "trial-unused",
        "trial-halfway-unused",
        "trial-ending",
        "trial-ended",
    ]
    assert "subscription-ended" not in await stall.notified()
    assert subscription.activation_status is ActivationStatus.REMOVED
    assert stall.panel.removed == [subscription.access_id]


async def test_who_connects_is_not_urged_and_gets_the_traffic_at_the_half(
    stall: Stall, skip: Skip
) -> None:
    await take(stall)
    stall.panel.usage = USED
    await live(stall, skip, 37)
    assert await notifications(stall) == ["trial-key-ready", "trial-halfway"]
    half = (await stall.notifications())[-1]
    assert (half.values["used_bytes"], half.values["limit_bytes"]) == (2 * 1024**3, 10 * 1024**3)
    assert (await stall.subscription()).trial_notified_step == "halfway"


async def test_a_panel_that_is_away_delays_only_what_needs_its_answer(
    stall: Stall, skip: Skip
) -> None:
    """P5, P6."""
    await take(stall, ANNA)
    skip(35 * HOUR)
    await take(stall, BEN)
    skip(HOUR)
    stall.panel.failures = [UnavailableError("down")] * 2
    assert await notify_trial_steps(stall.db, stall.panel, SHOP) == {"notified": 1, "left": 0}
    half = (await stall.notifications(ANNA))[-1]
    assert (half.template, half.values["used_bytes"]) == ("trial-halfway", None)
    assert await notifications(stall, BEN) == ["trial-key-ready"]

    await notify_trial_steps(stall.db, stall.panel, SHOP)
    assert await notifications(stall, BEN) == ["trial-key-ready", "trial-unused"]


PEOPLE = """
INSERT INTO users (id, language, first_name, created_at, referral_code)
SELECT 5000 + n, 'en', 'x', $2, 'code-' || n FROM generate_series(1, $1::int) n
"""
RUNNING = """
INSERT INTO subscriptions (user_id, is_trial, auto_renew, access_id, created_at, expires_at,
    ends_at, traffic_limit_bytes, device_limit, link, used_before_bytes, revision,
    activation_status, attempts, due_at)
SELECT id, true, false, gen_random_uuid(), $1::timestamptz, $1 + interval '3 days',
    $1 + interval '3 days', 0, 0, 'x', 0, 1, 'active', 0, $1 FROM users WHERE id > 5000
"""
TAKEN = """
INSERT INTO purchases (id, user_id, kind, status, titles, days, traffic_limit_bytes, device_limit,
    subscription_id, is_change, is_separate, base_used_bytes, price_minor, currency, discount_minor,
    credit_minor, from_balance_minor, created_at, expires_at, paid_at, covers_until,
    subscription_revision, delivered_at)
SELECT access_id, user_id, 'trial', 'paid', '{}', 3, 0, 0, id, false, false, 0, 0, 'USD', 0, 0, 0,
    $1::timestamptz, $1, $1, expires_at, 1, $1 FROM subscriptions
"""


async def many_take(stall: Stall, count: int) -> None:
    async with stall.db.unit_of_work() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(PEOPLE, (count, clock.now()))
        await connection.exec_driver_sql(RUNNING, (clock.now(),))
        await connection.exec_driver_sql(TAKEN, (clock.now(),))


async def test_trials_on_a_panel_that_is_away_keep_no_other_from_their_step(
    stall: Stall, skip: Skip
) -> None:
    """P6: more of them than one batch, and all older."""
    panels = SeveralPanels(stall)
    await panels.add("default")
    nl1 = await panels.add("nl1")
    await many_take(stall, TRIAL_BATCH + 5)
    async with stall.db.unit_of_work() as session:
        await session.execute(update(Subscription).values(panel_id=nl1))
    skip(HOUR)
    await take(stall)
    stall.panel.usage = UNUSED
    skip(HOUR)
    await panels.router.list_further()
    panels.fakes["nl1"].failures = [UnavailableError("502")] * 100

    assert await notify_trial_steps(stall.db, panels.router, SHOP) == {"notified": 1, "left": 0}
    assert await notifications(stall) == ["trial-key-ready", "trial-unused"]
    assert len(panels.fakes["nl1"].failures) == 90  # asked ten at a time, and no more


async def test_the_panel_is_asked_about_the_trials_own_access(stall: Stall, skip: Skip) -> None:
    await take(stall)
    await take(stall, BEN)
    skip(HOUR)
    await notify_trial_steps(stall.db, stall.panel, SHOP)
    own = {(await stall.subscription(user_id)).access_id for user_id in (ANNA, BEN)}
    assert set(stall.panel.asked_usage) == own


async def test_a_round_asks_the_panel_so_often_and_goes_on_with_the_rest(
    stall: Stall, skip: Skip
) -> None:
    """P6: and keys that the panel knows nothing of hold nobody up."""
    stall.panel.usage = None
    await many_take(stall, 203)
    skip(HOUR)
    assert await notify_trial_steps(stall.db, stall.panel, SHOP) == {"notified": 0, "left": 3}
    stall.panel.usage = UNUSED
    assert await notify_trial_steps(stall.db, stall.panel, SHOP) == {"notified": 3, "left": 0}


async def test_more_trials_than_a_batch_are_all_notified(stall: Stall, skip: Skip) -> None:
    """P6: batches follow each other within one round."""
    await many_take(stall, TRIAL_BATCH + 1)
    skip(70 * HOUR)
    assert await notify_trial_steps(stall.db, stall.panel, SHOP) == {
        "notified": TRIAL_BATCH + 1,
        "left": 0,
    }


async def test_nobody_is_woken(stall: Stall, skip: Skip) -> None:
    await take(stall)
    skip(HOUR)
    hour = clock.now().astimezone(UTC).hour
    asleep = ShopSettings(
        time_zone="UTC", awake_from_hour=0 if hour else 12, awake_until_hour=hour or 13
    )
    assert (await notify_trial_steps(stall.db, stall.panel, asleep))["notified"] == 0
    assert (await notify_trial_steps(stall.db, stall.panel, SHOP))["notified"] == 1


async def test_a_key_that_came_late_starts_the_clock_of_its_notifications(
    stall: Stall, skip: Skip
) -> None:
    await trials.start_trial(stall.db, ANNA, SHOP)
    skip(2 * HOUR)
    await notify_trial_steps(stall.db, stall.panel, SHOP)
    await provision_due_subscriptions(stall.db, stall.panel)
    await notify_trial_steps(stall.db, stall.panel, SHOP)
    assert await notifications(stall) == ["trial-key-ready"]
    skip(HOUR)
    await notify_trial_steps(stall.db, stall.panel, SHOP)
    assert await notifications(stall) == ["trial-key-ready", "trial-unused"]


async def test_buying_takes_back_what_was_not_sent_and_ends_the_trials_notifications(
    stall: Stall, skip: Skip
) -> None:
    """P3: the same key for longer, and no word of a trial after the payment."""
    await take(stall, ANNA)
    await take(stall, BEN)
    first = await stall.subscription()
    skip(70 * HOUR)
    await notify_trial_steps(stall.db, stall.panel, SHOP)

    await stall.buy_and_pay(ANNA)
    await provision_due_subscriptions(stall.db, stall.panel)
    await live(stall, skip, 4)

    states = {
        notification.chat_id: notification.status
        for user_id in (ANNA, BEN)
        for notification in await stall.notifications(user_id)
        if notification.template == "trial-ending"
    }
    assert states == {ANNA: OutboxStatus.WITHDRAWN, BEN: OutboxStatus.WAITING}
    bought = await stall.subscription()
    assert bought.expires_at == first.expires_at + 30 * DAY
    assert (bought.access_id, bought.link, bought.is_trial) == (first.access_id, first.link, False)
    assert (await stall.notified())[-1] == "subscription-extended"


async def test_an_end_that_was_not_sent_before_the_purchase_is_taken_back(
    stall: Stall, skip: Skip
) -> None:
    await take(stall)
    skip(4 * DAY)
    await end_expired_subscriptions(stall.db)
    await stall.buy_and_pay(ANNA)
    (ended,) = [row for row in await stall.notifications() if row.template == "trial-ended"]
    assert ended.status is OutboxStatus.WITHDRAWN


async def test_what_changes_while_the_panel_is_asked_is_not_sent(stall: Stall, skip: Skip) -> None:
    """P3: the user buys between the question and the notification."""
    await take(stall)
    skip(HOUR)

    async def buy() -> None:
        stall.panel.on_call = nothing
        await stall.buy_and_pay(ANNA)

    async def nothing() -> None: ...

    stall.panel.on_call = buy
    assert (await notify_trial_steps(stall.db, stall.panel, SHOP))["notified"] == 0


async def test_days_given_during_a_trial_move_its_end_and_take_back_what_was_said_of_it(
    stall: Stall, skip: Skip
) -> None:
    """P3: a gift is reported with the key's new date, then the new end."""
    await take(stall)
    stall.panel.usage = USED
    skip(70 * HOUR)
    await notify_trial_steps(stall.db, stall.panel, SHOP)
    gift = build_purchase(ANNA, PurchaseKind.GIFT)
    gift.days, gift.subscription_id = 2, (await stall.subscription()).id
    async with stall.db.unit_of_work() as session:
        await lock_user(session, ANNA)
        session.add(gift)
        await session.flush()
        await complete_sale(session, gift, SHOP)
    await provision_due_subscriptions(stall.db, stall.panel)
    await live(stall, skip, 4)
    ending = [row.status for row in await stall.notifications() if row.template == "trial-ending"]
    assert ending == [OutboxStatus.WITHDRAWN]
    skip(44 * HOUR)
    await notify_trial_steps(stall.db, stall.panel, SHOP)
    assert (await stall.notified())[-2:] == ["subscription-extended", "trial-ending"]
