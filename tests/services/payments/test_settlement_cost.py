"""What settling costs PostgreSQL: each statement is a round trip under the user's lock."""

import re
from collections.abc import AsyncIterator

import pytest

from app.db.models import EventOutcome
from app.domain.ports import Invoice
from app.services.payments.events import INVOICE_PAID, receive_payment_event
from tests.support.extras import TRAFFIC, buy_extra, order_extra, sell
from tests.support.stall import ANNA, BEN, Stall, open_stall
from tests.support.wire import PostgresWire

FIRST_PURCHASE = [
    "BEGIN",
    "INSERT INTO external_events",  # and the payment is locked
    "SELECT users",  # and the user and the order are locked
    "INSERT INTO ledger_entries",
    "SELECT terms",
    "INSERT INTO ledger_entries",
    "SELECT subscriptions",
    "INSERT INTO subscriptions",
    "INSERT INTO outbox",
    "INSERT INTO audit",
    "UPDATE purchases",
    "UPDATE users",
    "SELECT pg_notify",
    "COMMIT",
]
EXTENSION = [
    *FIRST_PURCHASE[:7],
    "UPDATE subscriptions",
    "UPDATE outbox",  # what it said of the old end, and has not been sent
    *FIRST_PURCHASE[8:11],
    *FIRST_PURCHASE[12:],
]

EXTRA = [
    *FIRST_PURCHASE[:4],
    "SELECT subscriptions",  # and the extra: whether the offer holds
    *FIRST_PURCHASE[5:7],
    *FIRST_PURCHASE[8:10],
    "UPDATE purchases",
    "UPDATE subscriptions",
    *FIRST_PURCHASE[12:],
]

_KIND = re.compile(r"^(?:BEGIN|COMMIT|SELECT \w+)|INSERT INTO \w+|UPDATE \w+")


@pytest.fixture
async def wire(database_url: str) -> AsyncIterator[PostgresWire]:
    async with PostgresWire.to(database_url) as wire:
        yield wire


@pytest.fixture
async def stall(database_url: str, wire: PostgresWire) -> AsyncIterator[Stall]:
    async with open_stall(wire.replace(database_url)) as stall:
        yield stall


async def test_a_payment_is_settled_in_twelve_statements(stall: Stall, wire: PostgresWire) -> None:
    """P2: the first purchase of a user, then one that extends what they have."""
    for _ in range(2):  # the connection prepares each statement, which is a round trip, once
        await hear(stall, await pay(stall, BEN))

    costs = [await count(stall, wire, await pay(stall, ANNA)) for _ in range(2)]

    assert costs == [FIRST_PURCHASE, EXTENSION]


async def test_a_payment_for_extra_traffic_costs_no_more(stall: Stall, wire: PostgresWire) -> None:
    """P2."""
    await hear(stall, await pay(stall, ANNA))
    extra = await sell(stall, TRAFFIC, 50, "1.99")
    await buy_extra(stall, extra)  # the connection prepares each statement once
    paid = await stall.pay(await order_extra(stall, extra))

    assert await count(stall, wire, stall.provider.pay(paid.invoice_id)) == EXTRA


async def test_a_payment_that_is_reported_again_costs_one_statement(
    stall: Stall, wire: PostgresWire
) -> None:
    """P2."""
    paid = await pay(stall, ANNA)
    await hear(stall, paid)
    assert await count(stall, wire, paid) == ["BEGIN", "INSERT INTO external_events", "COMMIT"]


async def pay(stall: Stall, user_id: int) -> Invoice:
    return stall.provider.pay((await stall.buy(user_id)).invoice_id)


async def hear(stall: Stall, paid: Invoice) -> EventOutcome:
    return await receive_payment_event(stall.db, "cryptobot", b"{}", (INVOICE_PAID, paid))


async def count(stall: Stall, wire: PostgresWire, paid: Invoice) -> list[str]:
    """The statements, each by its verb and its table: as many round trips."""
    wire.forget()
    await hear(stall, paid)
    assert wire.round_trips == len(wire.statements)
    return [kind for text in wire.statements for kind in _KIND.findall(text)[:1]]
