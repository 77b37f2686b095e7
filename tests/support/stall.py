"""The services over a real database, with the outside world in memory and users who buy."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

from sqlalchemy import ColumnElement, inspect, select
from sqlalchemy import update as sql_update
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool

from app.core.money import Money
from app.core.settings import load_settings
from app.db.engine import create_engine
from app.db.models import (
    Base,
    EventOutcome,
    OutboxMessage,
    Plan,
    Purchase,
    Subscription,
    Term,
)
from app.db.unit_of_work import Database
from app.domain.ports import Invoice, PaymentProvider
from app.services import ledger
from app.services.notifications.notify import resolve_operators
from app.services.payments import checkout, settlement
from app.services.payments.checkout import InvoiceText
from app.services.purchases import orders
from app.services.users import TelegramProfile, upsert_user
from tests.support.fakes import FakePanel, FakeProvider
from tests.support.readable import expect_readable

ANNA, BEN, OLGA = 1001, 1002, 1003  # Olga is the operator
OPERATORS = (OLGA,)
TERMS = {"month": "standard-1", "quarter": "standard-3", "year": "standard-12"}

Row = TypeVar("Row", bound=Base)


def settings_for(database_url: str, **variables: str) -> dict[str, str]:
    return {
        "BOT_TOKEN": "42:TEST",
        "WEBHOOK_SECRET": "k7Qw-Zr4Tn9s_Xb2LmPv8Hd3",
        "ADMIN_IDS": str(OLGA),
        "WEBHOOK_URL": "https://example.org/telegram/webhook",
        "DATABASE_URL": database_url,
        **variables,
    }


class Stall:
    """The services under test with what they need, and users who buy."""

    def __init__(self, db: Database, wakes: list[str]) -> None:
        self.db = db
        self.wakes = wakes
        self.operators: Sequence[int] = OPERATORS
        self.provider = FakeProvider()
        self.panel = FakePanel()

    async def term(self, plan: str = "month") -> Term:
        """One on sale: "month", "quarter" or "year" of Standard, else like "pro-3"."""
        code, _, months = TERMS.get(plan, plan).partition("-")
        (row,) = await self.rows(Plan, Plan.code == code)
        (term,) = await self.rows(Term, Term.plan_id == row.id, Term.months == int(months))
        return term

    async def order(
        self, user_id: int = ANNA, plan: str = "month", subscription_id: int | None = None
    ) -> Purchase:
        """Before a method is chosen; without a subscription, for the one the bot would take."""
        term = await self.term(plan)
        if subscription_id is None:
            choice = await orders.choose_order_target(self.db, user_id, term.id)
            subscription_id = choice.only
        return await orders.place_order(self.db, self.panel, user_id, term.id, subscription_id)

    async def pay(self, purchase: Purchase, provider: PaymentProvider | None = None) -> Purchase:
        """Choose the method; with the balance, the order is paid after it."""
        return await checkout.pay_order(
            self.db,
            provider or self.provider,
            purchase.id,
            purchase.user_id,
            InvoiceText("VPN", "VPN"),
        )

    async def buy(self, user_id: int = ANNA, plan: str = "month") -> Purchase:
        """Up to the invoice that waits to be paid."""
        return await self.pay(await self.order(user_id, plan))

    async def settle(self, invoice: Invoice, provider: str = "cryptobot") -> EventOutcome:
        async with self.db.unit_of_work() as session:
            return await settlement.settle_invoice(session, provider, invoice)

    async def buy_and_pay(self, user_id: int = ANNA, plan: str = "month") -> Purchase:
        purchase = await self.buy(user_id, plan)
        outcome = await self.settle(self.provider.pay(purchase.invoice_id))
        assert outcome is EventOutcome.SETTLED
        return await self.again(purchase)

    async def buy_another(self, user_id: int = ANNA) -> Subscription:
        """A month of Standard, paid, beside what the user has."""
        term = await self.term()
        order = await orders.place_order(
            self.db, self.panel, user_id, term.id, None, is_separate=True
        )
        purchase = await self.pay(order)
        await self.settle(self.provider.pay(purchase.invoice_id))
        purchase = await self.again(purchase)
        (row,) = await self.rows(Subscription, Subscription.id == purchase.subscription_id)
        return row

    async def balance(self, user_id: int = ANNA, currency: str = "USD") -> Money:
        async with self.db.read_only() as session:
            return await ledger.get_balance(session, user_id, currency)

    async def rows(self, model: type[Row], *where: ColumnElement[bool]) -> list[Row]:
        async with self.db.read_only() as session:
            keys = inspect(model).primary_key
            return list(await session.scalars(select(model).where(*where).order_by(*keys)))

    async def change(self, row: Base, **values: object) -> None:
        """What a user does in the database, or time."""
        keys = [column == getattr(row, column.name) for column in row.__table__.primary_key]
        async with self.db.unit_of_work() as session:
            await session.execute(sql_update(type(row)).where(*keys).values(**values))

    async def again(self, row: Row) -> Row:
        keys = [column == getattr(row, column.name) for column in row.__table__.primary_key]
        (fresh,) = await self.rows(type(row), *keys)
        return fresh

    async def subscription(self, user_id: int = ANNA) -> Subscription:
        (row,) = await self.rows(Subscription, Subscription.user_id == user_id)
        return row

    async def notified(self, user_id: int = ANNA) -> list[str]:
        """The templates of all notifications that a user ever got, in order."""
        return [row.template for row in await self.notifications(user_id)]

    async def notifications(self, user_id: int = ANNA) -> list[OutboxMessage]:
        """Those for the operators become theirs first, as when the outbox sends."""
        async with self.db.unit_of_work() as session:
            await resolve_operators(session, self.operators)
        return await self.rows(OutboxMessage, OutboxMessage.chat_id == user_id)

    @property
    def connections_in_use(self) -> int:
        pool = self.db.engine.pool
        assert isinstance(pool, QueuePool)
        return pool.checkedout()


@asynccontextmanager
async def open_stall(database_url: str) -> AsyncIterator[Stall]:
    """One with connections of its own."""
    engine = open_engine(database_url)
    async with stall_on(engine) as stall:
        yield stall
    await engine.dispose()


@asynccontextmanager
async def stall_on(engine: AsyncEngine) -> AsyncIterator[Stall]:
    wakes: list[str] = []
    stall = Stall(Database(engine, wakes.append), wakes)
    for id_, name in ((ANNA, "Anna"), (BEN, "Ben"), (OLGA, "Olga")):
        await upsert_user(stall.db, TelegramProfile(id_, name, None, "ru" if id_ == ANNA else "en"))
    yield stall
    assert stall.connections_in_use == 0
    expect_readable(await stall.rows(OutboxMessage))


def open_engine(database_url: str) -> AsyncEngine:
    """As the service has it."""
    return create_engine(load_settings(settings_for(database_url)))
