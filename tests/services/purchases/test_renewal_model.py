"""Whatever happens in whatever order: access is on exactly while it was paid for, or its grace."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core import clock
from app.core.money import Money
from app.db.models import EntryKind, OutboxMessage, Purchase, Subscription
from app.domain.payments import PurchaseKind, PurchaseStatus
from app.domain.ports import Access, AccessRef
from app.domain.shop_settings import ShopSettings
from app.domain.subscriptions import ENDED_STATUSES
from app.services import ledger, shop_settings
from app.services.access.activation import provision_due_subscriptions
from app.services.access.expiry import (
    deprovision_ended_subscriptions,
    end_expired_subscriptions,
    notify_paid_time_over,
)
from app.services.access.reminders import remind_users
from app.services.purchases.renewals import (
    renew_due_subscriptions,
    set_subscription_auto_renew,
)
from app.services.users import TelegramProfile, upsert_user
from tests.support.fakes import FakePanel
from tests.support.periods import period_of
from tests.support.stall import Stall, stall_on

HOUR = timedelta(hours=1)
MONTH = timedelta(days=30)
PRICE = 499
PEOPLE = count(50_000)
BERLIN = ShopSettings(time_zone="Europe/Berlin")

# Midnights, and the hours in which Berlin's clocks go forward and back.
STARTS = [
    datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2027, 3, 28, 0, 59, 30, tzinfo=UTC),
    datetime(2027, 10, 31, 0, 59, 30, tzinfo=UTC),
]
# The second of these lands on the end of a month to the hour: where all the races are.
SKIPS = [timedelta(minutes=10), 5 * HOUR, 47 * HOUR, MONTH - 5 * HOUR, MONTH]
STEPS = st.one_of(
    st.sampled_from(["pay", "renew", "end", "tell", "remove", "provision", "remind", "all"]),
    st.sampled_from(["give", "on", "off", "grace", "no grace", "at once"]),
    st.sampled_from(SKIPS),
)


@dataclass
class Model:
    """What a user may expect, reckoned from payments alone."""

    paid_until: datetime | None = None
    access_until: datetime | None = None
    balance: int = 0
    grace: timedelta = timedelta()
    renews: bool = False
    renewed: int = 0
    ends: list[datetime] = field(default_factory=list)

    def extend(self, now: datetime) -> None:
        start = now
        if self.paid_until and self.access_until and now < self.access_until:
            start = self.paid_until
        self.paid_until = start + MONTH
        self.access_until = self.paid_until + self.grace
        self.ends.append(self.paid_until)

    def renew(self, now: datetime) -> bool:
        if not self.renews or self.paid_until is None or self.access_until is None:
            return False
        if not self.paid_until - 6 * HOUR <= now < self.access_until or self.balance < PRICE:
            return False
        self.balance -= PRICE
        self.renewed += 1
        self.extend(now)
        return True


class AccountPanel(FakePanel):
    """Knows until when each access is on."""

    def __init__(self) -> None:
        super().__init__()
        self.accounts: dict[UUID, datetime] = {}

    async def provision(self, access: Access) -> str:
        self.accounts[access.access_id] = access.expires_at
        return await super().provision(access)

    async def deprovision(self, access: AccessRef) -> None:
        self.accounts.pop(access.access_id, None)
        await super().deprovision(access)


class Life:
    """One user, the model of what they may expect, and the services side by side."""

    def __init__(self, stall: Stall, user_id: int) -> None:
        self.stall, self.user_id, self.model = stall, user_id, Model()
        self.panel = stall.panel = AccountPanel()
        self.steps: dict[str, Callable[[], Awaitable[object]]] = {
            "pay": self.pay,
            "renew": self.renew,
            "end": lambda: end_expired_subscriptions(stall.db),
            "tell": lambda: notify_paid_time_over(stall.db),
            "remove": lambda: deprovision_ended_subscriptions(stall.db, stall.panel),
            "provision": self.provision,
            "remind": lambda: remind_users(stall.db, BERLIN),
            "all": self.all,
            "give": self.give,
            "on": lambda: self.switch(on=True),
            "off": lambda: self.switch(on=False),
            "grace": lambda: self.set_grace(48),
            "no grace": lambda: self.set_grace(0),
            "at once": self.at_once,
        }

    async def pay(self) -> None:
        await self.stall.buy_and_pay(self.user_id)
        self.model.extend(clock.now())

    async def renew(self) -> None:
        counts = await renew_due_subscriptions(self.stall.db)
        assert "failed" not in counts
        assert counts.get("renewed", 0) == self.model.renew(clock.now())

    async def at_once(self) -> None:
        """All workers side by side, each twice, as two instances would for a moment."""
        db, panel = self.stall.db, self.stall.panel
        await asyncio.gather(
            *(renew_due_subscriptions(db) for _ in range(2)),
            *(end_expired_subscriptions(db) for _ in range(2)),
            *(deprovision_ended_subscriptions(db, panel) for _ in range(2)),
            *(notify_paid_time_over(db) for _ in range(2)),
            *(remind_users(db, BERLIN) for _ in range(2)),
        )
        # One that was busy is left to the next round.
        await renew_due_subscriptions(db)
        self.model.renew(clock.now())

    async def all(self) -> None:
        for step in ("renew", "end", "tell", "remove", "provision", "remind"):
            await self.steps[step]()

    async def provision(self) -> None:
        while (await provision_due_subscriptions(self.stall.db, self.stall.panel))["claimed"]:
            pass

    async def give(self) -> None:
        async with self.stall.db.unit_of_work() as session:
            key = f"correction:{uuid4()}"
            money = Money(PRICE, "USD")
            kind = EntryKind.CORRECTION
            await ledger.add_ledger_entry(session, key, self.user_id, kind, money, reason="a test")
        self.model.balance += PRICE

    async def switch(self, *, on: bool) -> None:
        for row in await self.subscriptions():
            await set_subscription_auto_renew(self.stall.db, self.user_id, row.id, on=on)
            self.model.renews = on

    async def set_grace(self, hours: int) -> None:
        await shop_settings.change_shop_setting(self.stall.db, "grace_hours", str(hours))
        self.model.grace = hours * HOUR

    async def subscriptions(self) -> list[Subscription]:
        return await self.stall.rows(Subscription, Subscription.user_id == self.user_id)

    async def check(self) -> None:
        """What holds at every moment, whichever workers have run."""
        assert (await self.stall.balance(self.user_id)).minor == self.model.balance
        now = clock.now()
        for row in await self.subscriptions():
            assert _is_near(row.expires_at, self.model.paid_until)
            assert _is_near(row.ends_at, self.model.access_until)
            if row.ends_at > now:
                assert row.activation_status not in ENDED_STATUSES, (
                    "nothing that was paid for is ended"
                )
            else:
                assert not self.is_on(row.access_id, now), "nothing is on that was not paid for"
        await self.check_periods()

    async def check_periods(self) -> None:
        """No period was sold twice, and none overlaps another."""
        sold = await self.stall.rows(
            Purchase, Purchase.user_id == self.user_id, Purchase.status == PurchaseStatus.PAID
        )
        periods = sorted(period_of(row) for row in sold)
        assert all(one[1] <= next_[0] for one, next_ in pairwise(periods))
        renewed = [row.covers_from for row in sold if row.kind is PurchaseKind.RENEWAL]
        assert len(set(renewed)) == len(renewed)

    async def check_at_rest(self) -> None:
        """Once every worker has run: on exactly while it was paid for, or its grace."""
        await self.all()
        await self.check()
        for row in await self.subscriptions():
            assert self.is_on(row.access_id, clock.now()) == (row.ends_at > clock.now())
        notifications = await self.stall.rows(OutboxMessage, OutboxMessage.chat_id == self.user_id)
        told = [notification.template for notification in notifications]
        assert told.count("renewed") == len(await self.renewals())
        for template in ("subscription-ended", "paid-time-over", "renewal-short"):
            assert told.count(template) <= len(self.model.ends)

    async def renewals(self) -> list[Purchase]:
        return await self.stall.rows(
            Purchase, Purchase.user_id == self.user_id, Purchase.kind == PurchaseKind.RENEWAL
        )

    def is_on(self, access_id: UUID, now: datetime) -> bool:
        """By the panel's own clock."""
        until = self.panel.accounts.get(access_id)
        return until is not None and until > now


def _is_near(one: datetime, other: datetime | None) -> bool:
    return other is not None and abs(one - other) < timedelta(seconds=60)


@pytest.fixture
async def stall(engine: AsyncEngine) -> AsyncIterator[Stall]:
    async with stall_on(engine) as stall:
        yield stall
    clock.set_offset(timedelta())


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    start=st.sampled_from(STARTS),
    grace=st.sampled_from([0, 48]),
    steps=st.lists(STEPS, min_size=4, max_size=14),
)
@example(start=STARTS[0], grace=48, steps=[MONTH, "end", "give", "at once", MONTH, "all"])
@example(start=STARTS[1], grace=0, steps=["give", MONTH - 5 * HOUR, "at once", "at once", "all"])
@example(start=STARTS[2], grace=0, steps=[MONTH, "end", "pay", "remove", "provision", "all"])
async def test_access_is_on_exactly_while_it_was_paid_for(
    stall: Stall, start: datetime, grace: int, steps: list[str | timedelta]
) -> None:
    """P2, P9: and no period is ever charged twice."""
    clock.set_offset(start - datetime.now(UTC))
    life = Life(stall, next(PEOPLE))
    await upsert_user(stall.db, TelegramProfile(life.user_id, "X", None, "en"))
    await life.set_grace(grace)
    await life.pay()
    await life.provision()
    await life.switch(on=True)
    moved = start - datetime.now(UTC)
    for step in steps:
        if isinstance(step, timedelta):
            moved += step
            clock.set_offset(moved)
        else:
            await life.steps[step]()
        await life.check()
    await life.check_at_rest()
    assert len(await life.renewals()) == life.model.renewed
    await _leave(life)


async def _leave(life: Life) -> None:
    """Nothing of this life is due in the next one's."""
    for row in await life.subscriptions():
        await set_subscription_auto_renew(life.stall.db, life.user_id, row.id, on=False)
        far = datetime(2040, 1, 1, tzinfo=UTC)
        await life.stall.change(row, expires_at=far, ends_at=far)
