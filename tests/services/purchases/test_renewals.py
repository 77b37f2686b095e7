"""Renewing from the balance: once a period, never on terms that nobody agreed to."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import update

from app.core import clock
from app.core.money import Money
from app.core.round_counts import MORE_DUE, NEXT_IN_MS
from app.core.worker_names import WorkerName
from app.db.models import (
    AuditEntry,
    EntryKind,
    OutboxStatus,
    Plan,
    Purchase,
    Subscription,
    Term,
)
from app.domain.payments import PurchaseKind, PurchaseStatus
from app.domain.shop_settings import ShopSettings
from app.domain.subscriptions import ActivationStatus
from app.services import ledger, shop_settings
from app.services.access.activation import provision_due_subscriptions
from app.services.access.expiry import (
    deprovision_ended_subscriptions,
    end_expired_subscriptions,
    notify_paid_time_over,
)
from app.services.access.reminders import remind_users
from app.services.access.subscriptions import SubscriptionGoneError
from app.services.operations.plan_admin import set_term_limits, set_term_price
from app.services.payments.checkout import cancel_order
from app.services.purchases.renewals import (
    RENEWAL_BATCH,
    NothingToRenewError,
    RenewalResult,
    renew_due_subscriptions,
    set_subscription_auto_renew,
)
from tests.conftest import Skip
from tests.support.locks import until_waiting
from tests.support.stall import ANNA, BEN, OLGA, Stall

HOUR = timedelta(hours=1)
DAY = 24 * HOUR
MONTH = 30 * DAY
ALWAYS = ShopSettings(awake_from_hour=0, awake_until_hour=24, time_zone="UTC")
PRICE = 499


@dataclass
class Till:
    """The renewing side of the stall."""

    stall: Stall
    skip: Skip

    async def open(self, user_id: int = ANNA, plan: str = "month") -> Subscription:
        """Bought, delivered, and set to renew itself."""
        await self.stall.buy_and_pay(user_id, plan)
        await self.provision()
        subscription = await self.stall.subscription(user_id)
        return await set_subscription_auto_renew(self.stall.db, user_id, subscription.id, on=True)

    async def open_near_end(self, user_id: int = ANNA, left: timedelta = 5 * HOUR) -> Subscription:
        subscription = await self.open(user_id)
        self.skip(MONTH - left)
        return subscription

    async def give(self, minor: int, user_id: int = ANNA) -> None:
        async with self.stall.db.unit_of_work() as session:
            await ledger.add_ledger_entry(
                session,
                f"correction:{uuid4()}",
                user_id,
                EntryKind.CORRECTION,
                Money(minor, "USD"),
                reason="a test",
            )

    async def renew(self) -> dict[str, int]:
        counts = await renew_due_subscriptions(self.stall.db)
        assert MORE_DUE not in counts
        return counts

    async def renewals(self, user_id: int = ANNA) -> list[Purchase]:
        return await self.stall.rows(
            Purchase, Purchase.kind == PurchaseKind.RENEWAL, Purchase.user_id == user_id
        )

    async def provision(self) -> None:
        await provision_due_subscriptions(self.stall.db, self.stall.panel)

    async def set_term(self, **values: object) -> None:
        async with self.stall.db.unit_of_work() as session:
            await session.execute(update(Term).values(**values))


@pytest.fixture
def till(stall: Stall, skip: Skip) -> Till:
    return Till(stall, skip)


@pytest.fixture
async def with_grace(stall: Stall) -> None:
    await shop_settings.change_shop_setting(stall.db, "grace_hours", "48")


async def test_it_renews_once_from_the_balance_within_six_hours_of_the_end(till: Till) -> None:
    """P2, P3, P9: charged, extended, reported and passed to the panel in one go."""
    before = await till.open()
    await till.give(PRICE + 100)
    till.skip(MONTH - 7 * HOUR)
    assert await till.renew() == {}
    till.skip(2 * HOUR)

    assert await till.renew() == {"renewed": 1}
    assert await till.renew() == {}

    after = await till.stall.subscription()
    assert after.expires_at == before.expires_at + MONTH
    assert (await till.stall.balance()).minor == 100
    (renewal,) = await till.renewals()
    assert (renewal.status, renewal.provider) == (PurchaseStatus.PAID, "balance")
    assert (renewal.from_balance_minor, renewal.charge_minor) == (PRICE, 0)
    assert (renewal.covers_from, renewal.covers_until) == (before.expires_at, after.expires_at)
    await till.provision()
    assert till.stall.panel.provisioned[-1].expires_at == after.expires_at
    assert (await till.renewals())[0].delivered_at is not None
    assert await till.stall.notified() == ["payment-received", "key-ready", "renewed"]
    notification = (await till.stall.notifications())[-1]
    assert notification.values == {
        "subscription": after.id,
        "number": None,
        "expires_at": after.expires_at.isoformat(),
        "price": "4.99 USD",
        "balance": "1.00 USD",
    }


async def test_a_missing_sum_is_reported_once_for_each_end_and_money_renews(till: Till) -> None:
    """P4."""
    await till.open_near_end()
    await till.give(49)
    assert await till.renew() == {"short": 1}
    for _ in range(2):
        assert await till.renew() == {}
    notification = (await till.stall.notifications())[-1]
    assert (notification.template, notification.values["missing"]) == ("renewal-short", "4.50 USD")
    assert (notification.values["top_up_minor"], notification.values["currency"]) == (450, "USD")

    till.stall.wakes.clear()
    await till.give(450)
    assert WorkerName.AUTO_RENEWAL in till.stall.wakes
    assert await till.renew() == {"renewed": 1}
    await till.provision()
    till.skip(MONTH)
    assert await till.renew() == {"short": 1}

    assert (await till.stall.notified()).count("renewal-short") == 2
    assert (await till.stall.notified()).count("renewed") == 1


async def test_money_of_somebody_else_wakes_nobody(till: Till) -> None:
    await till.open_near_end()
    await till.give(1)
    assert await till.renew() == {"short": 1}
    till.stall.wakes.clear()
    await till.give(PRICE, BEN)
    await till.give(-1)
    assert WorkerName.AUTO_RENEWAL not in till.stall.wakes


async def test_a_price_that_the_balance_suffices_for_renews_at_once(till: Till) -> None:
    await till.open_near_end()
    await till.give(399)
    assert await till.renew() == {"short": 1}
    till.stall.wakes.clear()
    await set_term_price(till.stall.db, "standard", 12, "1.00")
    assert till.stall.wakes == []
    await set_term_price(till.stall.db, "standard", 1, "3.99")
    assert WorkerName.AUTO_RENEWAL in till.stall.wakes
    assert await till.renew() == {"renewed": 1}


async def test_limits_that_are_no_longer_worse_renew_at_once(till: Till) -> None:
    await till.open_near_end()
    await till.give(PRICE)
    await till.set_term(device_limit=1)
    assert await till.renew() == {"changed": 1}
    await set_term_limits(till.stall.db, "standard", 1, None, 100)
    assert await till.renew() == {"renewed": 1}


async def test_switching_it_on_again_tries_again(till: Till) -> None:
    subscription = await till.open_near_end()
    assert await till.renew() == {"short": 1}
    await set_subscription_auto_renew(till.stall.db, ANNA, subscription.id, on=True)
    assert await till.renew() == {"short": 1}
    assert (await till.stall.notified()).count("renewal-short") == 1


@pytest.mark.usefixtures("with_grace")
async def test_the_last_try_is_just_before_the_access_ends(till: Till, database_url: str) -> None:
    """Whatever has come without a word: money that other code has entered, for one."""
    await till.open_near_end()
    assert await till.renew() == {"short": 1}
    other = await asyncpg.connect(database_url)
    await other.execute(
        "INSERT INTO ledger_entries"
        " (key, user_id, kind, amount_minor, currency, created_at, reason)"
        " VALUES ('by hand', $1, 'correction', $2, 'USD', now(), 'a test')",
        ANNA,
        PRICE,
    )
    await other.close()
    till.skip(5 * HOUR + 47 * HOUR + timedelta(minutes=44))
    assert await till.renew() == {}
    till.skip(timedelta(minutes=2))
    assert await till.renew() == {"renewed": 1}


async def test_a_sum_too_small_to_top_up_asks_for_the_least_one(till: Till) -> None:
    await till.open_near_end()
    await till.give(PRICE - 1)
    await till.renew()
    values = (await till.stall.notifications())[-1].values
    assert (values["missing"], values["top_up_minor"]) == ("0.01 USD", 100)


async def test_a_notification_that_was_not_sent_is_taken_back_by_the_renewal(till: Till) -> None:
    """P3: there is no notification of too little money after it sufficed."""
    await till.open_near_end()
    await remind_users(till.stall.db, ALWAYS)
    await till.renew()
    await till.give(PRICE)
    await till.renew()

    states = {
        notification.template: notification.status
        for notification in await till.stall.notifications()
    }
    assert states["renewal-short"] is OutboxStatus.WITHDRAWN
    assert states["reminder"] is OutboxStatus.WITHDRAWN
    assert states["renewed"] is OutboxStatus.WAITING


@pytest.mark.parametrize(
    "prepare",
    [
        {"auto_renew": False},
        {"is_trial": True},
        {"term_id": None},
        {"activation_status": ActivationStatus.REMOVAL_PENDING},
        {"activation_status": ActivationStatus.REMOVED},
    ],
    ids=str,
)
async def test_what_need_not_or_cannot_renew_is_left_alone(
    till: Till, prepare: dict[str, object]
) -> None:
    subscription = await till.open_near_end()
    await till.give(PRICE)
    await till.stall.change(subscription, **prepare)
    assert await till.renew() == {}
    assert (await till.stall.balance()).minor == PRICE


async def test_what_is_over_is_not_charged(till: Till) -> None:
    await till.open_near_end()
    await till.give(PRICE)
    till.skip(6 * HOUR)
    assert await till.renew() == {}


async def test_an_archived_plan_still_renews_for_its_buyers(till: Till) -> None:
    await till.open_near_end()
    await till.give(PRICE)
    await till.set_term(archived_at=clock.now())
    for plan in await till.stall.rows(Plan):
        await till.stall.change(plan, archived_at=clock.now())
    assert await till.renew() == {"renewed": 1}


async def test_a_lower_price_is_taken_as_it_is(till: Till) -> None:
    await till.open_near_end()
    await till.give(PRICE)
    await till.set_term(price_minor=399)
    assert await till.renew() == {"renewed": 1}
    assert (await till.stall.balance()).minor == PRICE - 399


@pytest.mark.parametrize("worse", [{"price_minor": 500}, {"days": 29}, {"device_limit": 1}])
async def test_worse_terms_are_reported_once_and_not_charged_until_they_were_bought_by_hand(
    till: Till, worse: dict[str, int]
) -> None:
    """P9: nobody pays by surprise."""
    await till.open_near_end()
    await till.give(10_000)
    await till.set_term(**worse)
    assert await till.renew() == {"changed": 1}
    for _ in range(2):
        assert await till.renew() == {}
    assert (await till.stall.notified()).count("renewal-changed") == 1
    assert (await till.stall.balance()).minor == 10_000

    await till.stall.buy_and_pay()
    await till.provision()
    till.skip((await till.stall.subscription()).expires_at - clock.now() - HOUR)
    assert await till.renew() == {"renewed": 1}


async def test_a_free_period_renews_for_nothing(till: Till) -> None:
    await till.open_near_end()
    await till.set_term(price_minor=0)
    assert await till.renew() == {"renewed": 1}
    assert (await till.stall.balance()).minor == 0


async def test_an_open_order_is_waited_for_until_the_end_is_near(till: Till) -> None:
    """P9: who is about to pay is not charged beside it."""
    await till.open_near_end(left=50 * timedelta(minutes=1))
    await till.give(PRICE)
    await till.stall.buy()
    assert await till.renew() == {"waiting": 1}
    till.skip(timedelta(minutes=36))
    assert await till.renew() == {"renewed": 1}


async def test_an_order_whose_time_is_over_is_not_waited_for(till: Till) -> None:
    await till.open_near_end()
    await till.give(PRICE)
    await till.stall.buy()
    assert await till.renew() == {"waiting": 1}
    till.skip(HOUR)
    assert await till.renew() == {"renewed": 1}


async def test_an_order_that_was_cancelled_keeps_nobody_waiting(till: Till) -> None:
    await till.open_near_end()
    await till.give(PRICE)
    order = await till.stall.buy()
    await cancel_order(till.stall.db, order.id, order.user_id)
    assert await till.renew() == {"renewed": 1}


async def test_an_order_without_an_invoice_keeps_nobody_waiting(till: Till) -> None:
    await till.open_near_end()
    await till.give(PRICE)
    await till.stall.order()
    assert await till.renew() == {"renewed": 1}


@pytest.mark.usefixtures("with_grace")
async def test_in_the_grace_it_renews_from_the_end_of_what_was_paid(till: Till) -> None:
    before = await till.open_near_end(left=-20 * HOUR)
    assert before.ends_at == before.expires_at + 48 * HOUR
    await till.give(PRICE)

    assert await till.renew() == {"renewed": 1}

    after = await till.stall.subscription()
    assert after.expires_at == before.expires_at + MONTH
    assert after.ends_at == after.expires_at + 48 * HOUR


@pytest.mark.usefixtures("with_grace")
async def test_the_begin_of_the_grace_is_reported_once_and_the_access_stays_on(
    till: Till,
) -> None:
    """P4: also when two look at once."""
    await till.open_near_end()
    assert await notify_paid_time_over(till.stall.db) == 0
    till.skip(6 * HOUR)

    told = await asyncio.gather(*(notify_paid_time_over(till.stall.db) for _ in range(4)))
    assert (sum(told), await end_expired_subscriptions(till.stall.db)) == (1, 0)
    assert (await remind_users(till.stall.db, ALWAYS))["reminded"] == 0
    assert (await till.stall.notified()).count("paid-time-over") == 1
    till.skip(48 * HOUR)
    assert await notify_paid_time_over(till.stall.db) == 0
    assert await end_expired_subscriptions(till.stall.db) == 1
    assert (await till.stall.notified())[-1] == "subscription-ended"


@pytest.mark.usefixtures("with_grace")
async def test_every_notification_names_the_subscription_where_several_run(till: Till) -> None:
    one = await till.open_near_end()
    await till.stall.buy_another()
    await till.renew()
    till.skip(6 * HOUR)
    await notify_paid_time_over(till.stall.db)
    await till.give(PRICE)
    await till.renew()
    named = {
        notification.template: notification.values["number"]
        for notification in await till.stall.notifications()
        if notification.values.get("number")
    }
    assert named == dict.fromkeys(("renewal-short", "paid-time-over", "renewed"), str(one.id))


@pytest.mark.usefixtures("with_grace")
async def test_each_end_with_a_grace_is_reported(till: Till) -> None:
    await till.open_near_end(left=-HOUR)
    await notify_paid_time_over(till.stall.db)
    await till.stall.buy_and_pay()
    await till.provision()
    till.skip(MONTH)
    assert await notify_paid_time_over(till.stall.db) == 1
    notifications = [
        one for one in await till.stall.notifications() if one.template == "paid-time-over"
    ]
    assert [one.status for one in notifications] == [OutboxStatus.WITHDRAWN, OutboxStatus.WAITING]


async def test_without_a_grace_the_end_alone_is_reported(till: Till) -> None:
    await till.open_near_end(left=-HOUR)
    assert await notify_paid_time_over(till.stall.db) == 0
    assert await end_expired_subscriptions(till.stall.db) == 1


async def test_a_grace_that_the_operator_changes_is_that_of_the_next_period(till: Till) -> None:
    """P2: what a user was promised when paying neither shrinks nor grows."""
    await shop_settings.change_shop_setting(till.stall.db, "grace_hours", "48")
    before = await till.open_near_end(left=-HOUR)
    await shop_settings.change_shop_setting(till.stall.db, "grace_hours", "0")
    assert await end_expired_subscriptions(till.stall.db) == 0
    await till.give(PRICE)

    assert await till.renew() == {"renewed": 1}

    after = await till.stall.subscription()
    assert after.ends_at == after.expires_at == before.expires_at + MONTH


@pytest.mark.parametrize(
    ("minor", "outlook"), [(0, "short"), (PRICE - 1, "short"), (PRICE, "renews")]
)
async def test_a_reminder_says_what_will_become_of_the_renewal(
    till: Till, minor: int, outlook: str
) -> None:
    await till.open_near_end(left=20 * HOUR)
    if minor:
        await till.give(minor)
    assert (await remind_users(till.stall.db, ALWAYS))["reminded"] == 1
    values = (await till.stall.notifications())[-1].values
    assert (values["outlook"], values["price"]) == (outlook, "4.99 USD")
    assert values["missing"] == str(Money(PRICE - minor, "USD"))


async def test_a_reminder_of_what_does_not_renew_says_nothing_of_it(till: Till) -> None:
    subscription = await till.open_near_end(left=20 * HOUR)
    await set_subscription_auto_renew(till.stall.db, ANNA, subscription.id, on=False)
    await remind_users(till.stall.db, ALWAYS)
    assert "outlook" not in (await till.stall.notifications())[-1].values


async def test_it_is_switched_by_its_owner_and_each_change_written_down(till: Till) -> None:
    subscription = await till.open()
    for on in (True, False, False, True):
        switched = await set_subscription_auto_renew(till.stall.db, ANNA, subscription.id, on=on)
        assert switched.auto_renew is on
    with pytest.raises(SubscriptionGoneError):
        await set_subscription_auto_renew(till.stall.db, BEN, subscription.id, on=False)
    assert (await till.stall.subscription()).auto_renew
    audited = [entry.action for entry in await till.stall.rows(AuditEntry)]
    switches = [action for action in audited if action.startswith("auto_renew")]
    assert switches == ["auto_renew_on", "auto_renew_off", "auto_renew_on"]


@pytest.mark.parametrize("without_price", [{"is_trial": True}, {"term_id": None}])
async def test_what_has_no_price_cannot_renew_itself(
    till: Till, without_price: dict[str, object]
) -> None:
    await till.stall.buy_and_pay()
    subscription = await till.stall.subscription()
    await till.stall.change(subscription, **without_price)
    with pytest.raises(NothingToRenewError):
        await set_subscription_auto_renew(till.stall.db, ANNA, subscription.id, on=True)
    assert not (
        await set_subscription_auto_renew(till.stall.db, ANNA, subscription.id, on=False)
    ).auto_renew


async def test_one_that_fails_keeps_nobody_from_renewing_and_the_operator_is_notified_once(
    till: Till, database_url: str
) -> None:
    """P6."""
    await till.open()
    await till.open(BEN)
    till.skip(MONTH - 5 * HOUR)
    for user_id in (ANNA, BEN):
        await till.give(PRICE, user_id)
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        "ALTER TABLE purchases ADD CONSTRAINT poison"
        f" CHECK (kind <> 'renewal' OR user_id <> {ANNA}) NOT VALID"
    )

    assert await till.renew() == {"failed": 1, "renewed": 1}
    assert await till.renew() == {}
    till.skip(timedelta(minutes=10))
    assert await till.renew() == {"failed": 1}
    assert await till.stall.notified(OLGA) == ["operator-renewal-failed"]
    assert (await till.stall.balance()).minor == PRICE

    await connection.execute("ALTER TABLE purchases DROP CONSTRAINT poison")
    await connection.close()
    till.skip(timedelta(minutes=10))
    assert await till.renew() == {"renewed": 1}


async def test_a_round_whose_time_is_over_goes_on_where_it_stopped(till: Till) -> None:
    """P6: those without money must not use up every round."""
    await till.open()
    await till.open(BEN)
    till.skip(MONTH - 5 * HOUR)
    no_time = timedelta()

    assert await renew_due_subscriptions(till.stall.db, no_time) == {"short": 1, MORE_DUE: 1}
    await till.give(PRICE, BEN)
    assert await renew_due_subscriptions(till.stall.db, no_time) == {"renewed": 1, MORE_DUE: 1}
    assert await renew_due_subscriptions(till.stall.db, no_time) == {}


async def test_more_than_a_batch_are_all_looked_at(till: Till) -> None:
    subscription = await till.open_near_end()
    async with till.stall.db.unit_of_work() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(
            "INSERT INTO subscriptions (user_id, plan_id, term_id, is_trial, auto_renew, access_id,"
            " created_at, expires_at, ends_at, used_before_bytes, traffic_limit_bytes,"
            " device_limit, link, revision, activation_status, attempts, due_at)"
            " SELECT user_id, plan_id, term_id, false, true, gen_random_uuid(), created_at,"
            " expires_at, ends_at, 0, 0, 0, link, 1, 'active', 0, due_at"
            f" FROM subscriptions, generate_series(1, {RENEWAL_BATCH}) WHERE id = $1",
            (subscription.id,),
        )
    counts = await till.renew()
    assert counts == {"short": 1, "changed": RENEWAL_BATCH}


async def test_who_is_busy_is_left_and_looked_at_again_at_once(
    till: Till, database_url: str
) -> None:
    """P6: a round waits for nobody."""
    await till.open_near_end()
    await till.give(PRICE)
    blocker = await asyncpg.connect(database_url)
    async with blocker.transaction():
        await blocker.execute("SELECT 1 FROM users WHERE id = $1 FOR UPDATE", ANNA)
        assert await till.renew() == {RenewalResult.BUSY: 1, NEXT_IN_MS: 1000}
    await blocker.close()
    assert await till.renew() == {"renewed": 1}


Race = Callable[[Till, Purchase], list[asyncio.Future[object]]]


@pytest.mark.parametrize("renewal_first", [True, False])
async def test_a_payment_and_a_renewal_at_the_same_moment_charge_each_once(
    till: Till, *, renewal_first: bool
) -> None:
    """P2, P9: twenty times; what the user pays adds its days, the renewal at most once."""
    for _ in range(20):
        await till.give(-(await till.stall.balance()).minor or PRICE)
        if (await till.stall.balance()).minor < PRICE:
            await till.give(PRICE)
        if not await till.stall.rows(Subscription):
            await till.open()
        before = await till.stall.subscription()
        till.skip(before.ends_at - clock.now() - timedelta(minutes=10))
        purchase = await till.stall.buy()
        invoice = till.stall.provider.pay(purchase.invoice_id)
        renewals_before = len(await till.renewals())
        settling = [till.stall.settle(invoice) for _ in range(2)]
        renewing = [renew_due_subscriptions(till.stall.db) for _ in range(2)]
        await asyncio.gather(*(renewing + settling if renewal_first else settling + renewing))

        renewed = len(await till.renewals()) - renewals_before
        after = await till.stall.subscription()
        assert renewed in {0, 1}
        assert after.expires_at == before.expires_at + (1 + renewed) * MONTH
        assert (await till.stall.balance()).minor == (1 - renewed) * PRICE
        await till.provision()


async def test_many_renewals_at_once_charge_one_period_once(till: Till) -> None:
    """P2: as two instances would, for a moment."""
    before = await till.open_near_end()
    await till.give(5 * PRICE)
    await asyncio.gather(*(renew_due_subscriptions(till.stall.db) for _ in range(6)))
    assert len(await till.renewals()) == 1
    assert (await till.stall.balance()).minor == 4 * PRICE
    assert (await till.stall.subscription()).expires_at == before.expires_at + MONTH
    assert (await till.stall.notified()).count("renewed") == 1


async def test_a_renewal_that_commits_first_is_not_ended(till: Till, database_url: str) -> None:
    """P2: the end sees the row held and looks again later."""
    await till.open_near_end(left=timedelta(seconds=30))
    await till.give(PRICE)
    blocker = await asyncpg.connect(database_url)
    transaction = blocker.transaction()
    await transaction.start()
    # The renewal stops after it has locked the subscription: its notification waits for this one.
    await blocker.execute("LOCK TABLE outbox IN SHARE MODE")
    renewing = asyncio.ensure_future(renew_due_subscriptions(till.stall.db))
    await until_waiting(blocker)
    till.skip(timedelta(minutes=1))

    assert await end_expired_subscriptions(till.stall.db) == 0
    await transaction.rollback()
    await blocker.close()
    assert await renewing == {"renewed": 1}

    assert await end_expired_subscriptions(till.stall.db) == 0
    assert (await till.stall.subscription()).activation_status is ActivationStatus.PENDING
    assert "subscription-ended" not in await till.stall.notified()


async def test_an_end_that_commits_first_is_not_charged(till: Till, database_url: str) -> None:
    """P9: the renewal waits for it, and looks again at what it has become."""
    await till.open_near_end()
    await till.give(PRICE)
    ending = await asyncpg.connect(database_url)
    async with ending.transaction():
        await ending.execute(
            "UPDATE subscriptions"
            " SET activation_status = 'removal_pending', revision = revision + 1"
        )
        renewing = asyncio.ensure_future(renew_due_subscriptions(till.stall.db))
        await until_waiting(ending)
    await ending.close()

    assert await renewing == {"settled": 1}
    assert (await till.stall.balance()).minor == PRICE
    assert await till.renewals() == []


async def test_switching_it_off_waits_for_a_renewal_and_none_follows(till: Till) -> None:
    subscription = await till.open_near_end()
    await till.give(2 * PRICE)
    await asyncio.gather(
        renew_due_subscriptions(till.stall.db),
        set_subscription_auto_renew(till.stall.db, ANNA, subscription.id, on=False),
        renew_due_subscriptions(till.stall.db),
    )
    charged = len(await till.renewals())
    assert (await till.stall.balance()).minor == (2 - charged) * PRICE
    till.skip(MONTH)
    assert await till.renew() == {}


async def test_a_removal_under_way_does_not_take_away_what_was_paid_again(till: Till) -> None:
    """P2: paid while the panel forgets the key, it comes back and renews itself as before."""
    await till.open_near_end(left=-HOUR)
    await end_expired_subscriptions(till.stall.db)

    async def pay_meanwhile() -> None:
        till.stall.panel.on_call = _nothing
        await till.stall.buy_and_pay()
        await till.give(PRICE)
        assert await till.renew() == {}  # what was just paid is far from its end

    till.stall.panel.on_call = pay_meanwhile
    await deprovision_ended_subscriptions(till.stall.db, till.stall.panel)
    await till.provision()
    assert (await till.stall.subscription()).activation_status is ActivationStatus.ACTIVE
    till.skip(MONTH - HOUR)
    assert await till.renew() == {"renewed": 1}


async def _nothing() -> None: ...


async def test_what_was_taken_back_is_not_bought_again(till: Till) -> None:
    """P2, P9: one end has one renewal, refunded or not."""
    before = await till.open_near_end()
    await till.give(2 * PRICE)
    await till.renew()
    await till.provision()
    subscription = await till.stall.subscription()
    await till.stall.change(subscription, expires_at=before.expires_at, ends_at=before.ends_at)
    assert await till.renew() == {"settled": 1}
    assert (await till.stall.balance()).minor == PRICE


async def test_a_renewal_never_says_that_a_key_is_ready_or_on_its_way(till: Till) -> None:
    """A user who has the key was notified of the renewal; a slow panel is said to be slow."""
    await till.open_near_end()
    await till.give(PRICE)
    await till.renew()
    for _ in range(12):
        till.stall.panel.failures = [ValueError("poison")]
        await till.provision()
        till.skip(timedelta(minutes=16))
    assert (await till.stall.notified())[2:] == [
        "renewed",
        "renewal-delayed",
        "renewal-needs-attention",
    ]
    await till.provision()
    assert (await till.stall.notified())[-1] == "renewal-needs-attention"
    assert (await till.renewals())[0].delivered_at is not None


async def test_a_user_who_comes_back_after_the_removal_gets_the_key_again(till: Till) -> None:
    await till.open_near_end(left=-HOUR)
    await end_expired_subscriptions(till.stall.db)
    await deprovision_ended_subscriptions(till.stall.db, till.stall.panel)
    await till.stall.buy_and_pay()
    await till.provision()
    assert (await till.stall.notified()).count("key-ready") == 2
    assert (await till.stall.subscription()).auto_renew
