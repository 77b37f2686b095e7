"""What a purchase asks of PostgreSQL from the provider's POST to the key, counted on the wire."""

from collections.abc import AsyncIterator

import pytest

from tests.support.books import Books
from tests.support.eventually import eventually
from tests.support.shop import ANNA, BEN, Shop, is_key, open_shop, order, text_of, urls
from tests.support.wire import PostgresWire

MOST_ROUND_TRIPS = 60
MOST_STATEMENTS_UNDER_THE_LOCK = 12
# Looks that nothing has woken are not the purchase's.
SELDOM = {
    "CRYPTO_PAYMENT_WATCHER_INTERVAL_SECONDS": "600",
    "FAST_EXPIRY_CLEANUP_INTERVAL_SECONDS": "600",
}


@pytest.fixture
async def wire(database_url: str) -> AsyncIterator[PostgresWire]:
    async with PostgresWire.to(database_url) as wire:
        yield wire


@pytest.fixture
async def shop(wire: PostgresWire, database_url: str, redis_url: str) -> AsyncIterator[Shop]:
    async with open_shop(wire.replace(database_url), redis_url, **SELDOM) as shop:
        yield shop


async def buy(shop: Shop, person_id: int, wire: PostgresWire) -> None:
    """Counted is what follows the provider's POST, until nobody asks for anything any more."""
    user = shop.world.user(person_id)
    invoice_id = await order(user, shop.world)
    await quiet(wire)
    wire.forget()
    await shop.world.pay(invoice_id)
    await user.wait_for(is_key)
    await quiet(wire)


async def quiet(wire: PostgresWire) -> None:
    """The same count at several looks."""
    counts: list[int] = []

    async def is_quiet() -> bool:
        counts.append(wire.round_trips)
        return len(counts) > 10 and len(set(counts[-10:])) == 1

    await eventually(is_quiet)


async def test_a_purchase_costs_sixty_round_trips_at_the_most(
    shop: Shop, wire: PostgresWire, database_url: str
) -> None:
    """P2, P4: and one message, which takes the place of the order."""
    await buy(shop, ANNA, wire)  # statements are prepared now

    await buy(shop, BEN, wire)

    assert wire.round_trips <= MOST_ROUND_TRIPS
    stored = next(
        number
        for number, text in enumerate(wire.statements)
        if "INSERT INTO external_events" in text
    )
    committed = next(
        number
        for number, text in enumerate(wire.statements)
        if number > stored and text.startswith("COMMIT")
    )
    assert committed - stored <= MOST_STATEMENTS_UNDER_THE_LOCK
    (message,) = [
        one for one in await shop.world.user(BEN).received() if "Payment received" in text_of(one)
    ]
    assert is_key(message)
    assert not any("#invoice-" in url for url in urls(message))
    books = Books(database_url)
    sent = "SELECT template, status FROM outbox WHERE chat_id = $1 ORDER BY id"
    assert [tuple(row.values()) for row in await books.rows(sent, BEN)] == [
        ("payment-received", "withdrawn"),
        ("key-ready", "sent"),
    ]
