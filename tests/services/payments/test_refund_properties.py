"""Whatever is bought and refunded in whatever order: periods and money add up."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import count

from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from app.clients.balance import Balance
from app.core import clock
from app.core.errors import ExpectedError
from app.db.models import EntryKind, LedgerEntry, Purchase, Subscription
from app.domain.payment_methods import PaymentMethodClosedError
from app.domain.payments import PurchaseStatus
from app.services.access import activation, expiry
from app.services.payments import refunds, settlement
from app.services.payments.checkout import BalanceShortError
from app.services.payments.methods import PaymentMethods
from app.services.users import TelegramProfile, upsert_user
from tests.conftest import Skip
from tests.support.fakes import FakeProvider
from tests.support.payback import PayingBack
from tests.support.periods import time_left
from tests.support.stall import OLGA, Stall

_people = count(7_000)
_stars = PayingBack()  # one for all lives: its invoices have numbers

_lives = settings(
    max_examples=8,
    phases=[Phase.explicit, Phase.generate],  # a life is too long to be made shorter
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

_steps = st.one_of(
    st.tuples(
        st.just("buy"),
        st.sampled_from(["month", "quarter", "pro-1"]),
        st.sampled_from(["stars", "cryptobot", "balance"]),
    ),
    st.tuples(st.just("refund"), st.integers(0, 5)),
    st.tuples(st.just("skip"), st.integers(1, 40)),
)


@dataclass
class Life:
    """One user's."""

    stall: Stall
    skip: Skip
    user: int
    payment_methods: PaymentMethods

    async def buy(self, plan: str, payment_method: str) -> None:
        provider = self.payment_methods.providers[payment_method]
        order = await self.stall.order(self.user, plan)
        try:
            paid = await self.stall.pay(order, provider)
        except (BalanceShortError, PaymentMethodClosedError) as error:
            event(type(error).__name__)
            return
        if paid.status is PurchaseStatus.PENDING:
            await self._settle(
                self.stall.provider if payment_method == "cryptobot" else _stars, paid
            )

    async def _settle(self, provider: FakeProvider, paid: Purchase) -> None:
        invoice = provider.pay(paid.invoice_id)
        async with self.stall.db.unit_of_work() as session:
            await settlement.settle_invoice(session, provider.name, invoice)

    async def refund(self, number: int) -> None:
        bought = await self.bought()
        if not bought:
            return
        chosen = bought[number % len(bought)]
        try:
            await refunds.refund_purchase(
                self.stall.db, self.payment_methods, chosen.id, OLGA, "a life"
            )
        except ExpectedError as error:
            event(type(error).__name__)
        else:
            event("refunded")

    async def tend(self) -> None:
        """What the workers do meanwhile."""
        await activation.provision_due_subscriptions(self.stall.db, self.stall.panel)
        await expiry.end_expired_subscriptions(self.stall.db)
        await expiry.deprovision_ended_subscriptions(self.stall.db, self.stall.panel)

    async def bought(self) -> list[Purchase]:
        """The newest last."""
        rows = await self.stall.rows(
            Purchase,
            Purchase.user_id == self.user,
            Purchase.status == PurchaseStatus.PAID,
        )
        return sorted(rows, key=lambda row: row.paid_at or row.created_at)

    async def kept(self) -> int:
        """What the shop has of this user's money."""
        rows = await self.stall.rows(LedgerEntry, LedgerEntry.user_id == self.user)
        moved = {EntryKind.PAYMENT, EntryKind.PAYOUT}
        balance = sum(row.amount_minor for row in rows)
        assert balance >= 0
        assert balance == (await self.stall.balance(self.user)).minor
        return sum(row.amount_minor for row in rows if row.kind in moved) - balance

    async def expect_whole(self) -> None:
        now = clock.now()
        bought = await self.bought()
        for row in await self.stall.rows(Subscription, Subscription.user_id == self.user):
            covers = [
                one
                for one in bought
                if one.subscription_id == row.id and one.covers_until and one.covers_until > now
            ]
            assert time_left(covers, now) == max(row.expires_at - now, timedelta())
            if covers and all(one.traffic_limit_bytes for one in covers):
                assert row.traffic_limit_bytes >= 1
                assert row.device_limit >= max(one.device_limit for one in covers)


@_lives
@given(steps=st.lists(_steps, min_size=3, max_size=10))
async def test_periods_and_money_add_up_over_any_life(
    stall: Stall, skip: Skip, steps: list[tuple[str, ...]]
) -> None:
    """P9: what was paid for and not over is what still runs; no money appears or gets lost."""
    user = next(_people)
    await upsert_user(stall.db, TelegramProfile(user, "Life", None, "en"))
    life = Life(stall, skip, user, PaymentMethods([stall.provider, Balance(), _stars]))
    for step, *about in steps:
        if step == "buy":
            await life.buy(*about)
        elif step == "refund":
            await life.refund(int(about[0]))
        else:
            skip(timedelta(days=int(about[0]), minutes=7))
        await life.tend()
        await life.expect_whole()
        assert await life.kept() >= 0

    for number in reversed(range(len(await life.bought()))):
        await life.refund(number)
    assert await life.bought() == []
    assert await life.kept() == 0
