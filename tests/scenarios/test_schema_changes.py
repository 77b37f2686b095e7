"""Tables change below the running service, in the middle of the day."""

import asyncio
from pathlib import Path

import asyncpg

from app.bot.i18n import load_translators
from tests.support.books import Books
from tests.support.service_under_test import ServiceUnderTest, open_service_under_test
from tests.support.shop import ChatUser, find, has, is_key, order, text_of

BUYERS = 4
# Each makes statements stale that some connection has prepared.
CHANGES = (
    "ALTER TABLE users ALTER first_name TYPE varchar({n})",
    "ALTER TABLE purchases ALTER currency TYPE varchar({n})",
    "ALTER TABLE outbox ALTER template TYPE varchar({n})",
    "ALTER TABLE subscriptions ADD COLUMN shoe_size_{n} integer",
    "ALTER TABLE users ADD COLUMN shoe_size_{n} integer NOT NULL DEFAULT 42",
)
BACK_SOON = {load_translators().get(language).plain("error-database") for language in ("ru", "en")}


async def test_columns_that_change_cost_nobody_an_answer_and_nothing_that_was_paid(
    fresh_database_url: str, redis_url: str, tmp_path: Path
) -> None:
    """P1, P2, P8."""
    async with open_service_under_test(fresh_database_url, redis_url, tmp_path) as sut, sut.serve():
        buyers = [await sut.new_user(f"Buyer {number}") for number in range(BUYERS)]
        enough = asyncio.Event()
        changing = asyncio.create_task(_change_until(fresh_database_url, enough))
        await asyncio.gather(*(_look_around(sut, buyer) for buyer in buyers))
        for buyer in buyers:
            await sut.world.pay(await order(buyer, sut.world))
        for buyer in buyers:
            await buyer.wait_for(is_key)
        enough.set()

        assert await changing > 2 * len(CHANGES)
        books = Books(fresh_database_url)
        assert await books.statuses() == ["paid"] * BUYERS
        assert await books.rows("SELECT error FROM failed_updates") == []
        assert BACK_SOON.isdisjoint(sut.tap_answers())
        for buyer in buyers:
            received = await buyer.received()
            assert BACK_SOON.isdisjoint(map(text_of, received))
            assert len([message for message in received if is_key(message)]) == 1


async def _look_around(sut: ServiceUnderTest, buyer: ChatUser) -> None:
    for _ in range(3):
        await buyer.send("/start")
        menu = await buyer.wait_for(lambda message: has(message, "plans"))
        await buyer.tap(menu, find(menu, "plans")[0])
        await buyer.wait_for(lambda message: has(message, "plan:"))
        await sut.wait_taken()


async def _change_until(database_url: str, enough: asyncio.Event) -> int:
    """How many changes there were."""
    connection = await asyncpg.connect(database_url)
    changes = 0
    try:
        while not enough.is_set():
            change = CHANGES[changes % len(CHANGES)].format(n=300 + changes)
            await connection.execute(change)
            changes += 1
            await asyncio.sleep(0.1)
    finally:
        await connection.close()
    return changes
