"""Whatever happens in whatever order: a balance is the sum of its entries and never negative."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from app.clients.balance import Balance
from app.core.money import Money
from app.db.models import EntryKind, EventOutcome, LedgerEntry, Purchase, Subscription
from app.domain.payments import PurchaseKind, PurchaseStatus
from app.domain.ports import Invoice
from app.services import ledger
from app.services.operations.corrections import BalanceOverdrawnError, correct_balance
from app.services.payments.checkout import BalanceShortError
from app.services.purchases import orders, top_ups
from app.services.users import TelegramProfile, upsert_user
from tests.support.stall import OLGA, Stall

_people = count(5_000)
_messages = count(1)

# Few and the same each time: an example is a user's whole life in a real database.
_lives = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

_SIGNS = {
    EntryKind.PAYMENT: (1, 1000),
    EntryKind.SALE: (-1000, 0),
    EntryKind.CREDIT: (0, 1000),
    EntryKind.REFUND: (0, 1000),
    EntryKind.PAYOUT: (-1000, 0),
    EntryKind.REFERRAL: (-1000, 1000),
    EntryKind.PROMO: (0, 1000),
    EntryKind.CORRECTION: (-1000, 1000),
}


@st.composite
def _entries(draw: st.DrawFn) -> tuple[str, EntryKind, int]:
    """Key, kind and amount; keys are few, so that many come again."""
    kind = draw(st.sampled_from(EntryKind))
    return f"key-{draw(st.integers(0, 9))}", kind, draw(st.integers(*_SIGNS[kind]))


async def _new_person(stall: Stall) -> int:
    user = next(_people)
    await upsert_user(stall.db, TelegramProfile(user, "Life", None, "en"))
    return user


@_lives
@given(entries=st.lists(_entries(), max_size=25))
async def test_a_balance_is_the_sum_of_what_was_entered_once(
    stall: Stall, entries: list[tuple[str, EntryKind, int]]
) -> None:
    """P9: a repeated key changes nothing; what would be negative is refused by the database."""
    user = await _new_person(stall)
    book: dict[str, int] = {}
    for key, kind, minor in entries:
        amount = Money(minor, "USD")
        own_key = f"{user}:{key}"
        is_new = key not in book
        if is_new and minor < 0 and sum(book.values()) + minor < 0:
            event("refused")
            with pytest.raises(IntegrityError):
                async with stall.db.unit_of_work() as session:
                    await ledger.add_ledger_entry(
                        session, own_key, user, kind, amount, reason="life"
                    )
        else:
            async with stall.db.unit_of_work() as session:
                entered = await ledger.add_ledger_entry(
                    session, own_key, user, kind, amount, reason="life"
                )
            assert entered is is_new
            book.setdefault(key, minor)
        balance = await stall.balance(user)
        assert balance == Money(sum(book.values()), "USD")
        assert balance.minor >= 0


# --- a life in the shop -----------------------------------------------------------------------


@dataclass
class Life:
    """One user, what their balance should be, and what they paid for so far."""

    stall: Stall
    user: int
    balance: int
    paid: list[Invoice]
    sold: int

    async def top_up(self, minor: int) -> None:
        order = await top_ups.place_top_up(self.stall.db, self.user, Money(minor, "USD"))
        order = await self.stall.pay(order)
        invoice = self.stall.provider.pay(order.invoice_id)
        assert await self.stall.settle(invoice) is EventOutcome.SETTLED
        self.balance += minor
        self.paid.append(invoice)

    async def hear_again(self, which: int) -> None:
        """Of a payment: the provider repeats itself."""
        if self.paid:
            again = self.paid[which % len(self.paid)]
            assert await self.stall.settle(again) is EventOutcome.REPEATED

    async def buy(self, _: int) -> None:
        order = await self.stall.order(self.user)
        if self.balance < order.cost.minor:
            with pytest.raises(BalanceShortError):
                await self.stall.pay(order, Balance())
            return
        assert (await self.stall.pay(order, Balance())).status is PurchaseStatus.PAID
        self.balance -= order.cost.minor
        self.sold += 1

    async def buy_partly(self, _: int) -> None:
        """As much as there is from the balance, the rest with crypto, if any is left."""
        order = await self.stall.order(self.user)
        order = await orders.set_order_balance_use(self.stall.db, order.id, self.user, use=True)
        part = min(self.balance, order.cost.minor)
        assert order.from_balance_minor == part
        order = await self.stall.pay(order, self.stall.provider if order.due.minor else Balance())
        if order.status is not PurchaseStatus.PAID:
            invoice = self.stall.provider.pay(order.invoice_id)
            assert await self.stall.settle(invoice) is EventOutcome.SETTLED
            self.paid.append(invoice)
        self.balance -= part
        self.sold += 1

    async def be_corrected(self, minor: int) -> None:
        message = next(_messages)
        amount = Money(minor * (-1 if minor % 2 else 1), "USD")
        for _ in range(2):  # Telegram delivers it twice
            if self.balance + amount.minor < 0:
                with pytest.raises(BalanceOverdrawnError):
                    await correct_balance(self.stall.db, OLGA, message, self.user, amount, "life")
            else:
                await correct_balance(self.stall.db, OLGA, message, self.user, amount, "life")
        if self.balance + amount.minor >= 0:
            self.balance += amount.minor

    async def check(self) -> None:
        entries = await self.stall.rows(LedgerEntry, LedgerEntry.user_id == self.user)
        assert sum(entry.amount_minor for entry in entries) == self.balance
        assert self.balance >= 0
        assert await self.stall.balance(self.user) == Money(self.balance, "USD")
        sales = [entry for entry in entries if entry.kind is EntryKind.SALE]
        assert len(sales) == self.sold


_Step = Callable[[Life, int], Awaitable[None]]
_STEPS: list[_Step] = [Life.top_up, Life.hear_again, Life.buy, Life.buy_partly, Life.be_corrected]


@_lives
@given(steps=st.lists(st.tuples(st.sampled_from(_STEPS), st.integers(100, 1500)), max_size=12))
async def test_a_life_of_payments_sales_and_corrections_adds_up(
    stall: Stall, steps: list[tuple[_Step, int]]
) -> None:
    """P2, P9: after each step the ledger says what the user should have, and every sale once."""
    life = Life(stall, await _new_person(stall), 0, [], 0)
    for step, value in steps:
        await step(life, value)
        await life.check()
    paid = await stall.rows(
        Purchase,
        Purchase.user_id == life.user,
        Purchase.status == PurchaseStatus.PAID,
        Purchase.kind == PurchaseKind.PLAN,
    )
    assert len(paid) == life.sold
    held = await stall.rows(Subscription, Subscription.user_id == life.user)
    assert len(held) == min(life.sold, 1)
