"""What a claim of the outbox costs: the chats it looks at, however much waits behind each."""

import asyncpg

from app.core import clock
from app.domain.messages import Lane
from app.services.notifications.claiming import ChatRotation, claim_notifications
from tests.support.plans import Statement, explain, record
from tests.support.stall import Stall

GROUP = -1001
BATCH = 25

# To each of the chats that are so far apart.
WAITING = """
INSERT INTO outbox (key, chat_id, template, values, lane, doubt, status, attempts, created_at,
    due_at)
SELECT $1 || n, $2 + n * $3::int, 'x', '{}', $4, 'leave', 'waiting', 0, $5, $5
FROM generate_series(1, $6::int) n
"""
RELEASE = "UPDATE outbox SET lease_token = NULL, leased_until = NULL WHERE lease_token IS NOT NULL"


async def put_to_each(sql: asyncpg.Connection, key: str, count: int, lane: Lane) -> None:
    await sql.execute(WAITING, key, 1, 1, lane.value, clock.now(), count)


async def put_to_group(sql: asyncpg.Connection, key: str, count: int) -> None:
    lane = Lane.NOTIFICATION.value
    await sql.execute(WAITING, key, GROUP, 0, lane, clock.now(), count)


async def record_claim(stall: Stall, sql: asyncpg.Connection, lane: Lane) -> list[Statement]:
    """Nothing stays claimed."""
    statements = record(stall)
    async with stall.db.unit_of_work() as session:
        assert len(await claim_notifications(session, lane, ChatRotation())) == BATCH
    await sql.execute(RELEASE)
    return list(statements)


async def read_pages(sql: asyncpg.Connection, statements: list[Statement]) -> list[int]:
    """How many each touches; then all is as before."""
    # Freshly built, so that no index is higher only because it was split while it grew.
    await sql.execute("REINDEX TABLE outbox")
    # A row that was just replaced may still be in them; for so few, VACUUM would leave them there.
    await sql.execute("VACUUM (ANALYZE, INDEX_CLEANUP ON) outbox")
    transaction = sql.transaction()
    await transaction.start()
    plans = [await explain(sql, statement, ", ANALYZE, BUFFERS") for statement in statements]
    await transaction.rollback()
    return [int(plan[0]["Shared Hit Blocks"] + plan[0]["Shared Read Blocks"]) for plan in plans]


async def test_twenty_thousand_messages_for_one_chat_cost_a_claim_what_twenty_cost(
    stall: Stall, sql: asyncpg.Connection
) -> None:
    """P10: others do not wait behind a clogged group."""
    await put_to_each(sql, "news", 2_000, Lane.BULK)
    await put_to_each(sql, "others", BATCH - 1, Lane.NOTIFICATION)
    await put_to_group(sql, "few", 20)
    claim = await record_claim(stall, sql, Lane.NOTIFICATION)
    few = await read_pages(sql, claim)
    await put_to_group(sql, "many", 20_000)
    many = await read_pages(sql, claim)

    find, take, get_languages = zip(few, many, strict=True)
    assert find[1] == find[0] < BATCH * 4
    assert take[1] <= take[0] + 2 * BATCH  # other indexes of the table are a level higher
    assert get_languages[1] == get_languages[0]


async def test_a_chat_that_must_wait_costs_a_claim_one_look_however_much_waits_for_it(
    stall: Stall, sql: asyncpg.Connection
) -> None:
    """P10."""
    await put_to_each(sql, "news", 2_000, Lane.BULK)
    await put_to_each(sql, "others", BATCH, Lane.NOTIFICATION)
    find, *_ = await record_claim(stall, sql, Lane.NOTIFICATION)
    (without,) = await read_pages(sql, [find])
    await put_to_group(sql, "many", 20_000)
    await sql.execute(
        "UPDATE outbox SET due_at = due_at + interval '1 day' WHERE id ="
        " (SELECT min(id) FROM outbox WHERE chat_id = $1)",
        GROUP,
    )
    (with_it,) = await read_pages(sql, [find])

    assert with_it <= without + 4


async def test_a_batch_of_a_broadcast_reads_the_batch_and_not_the_broadcast(
    stall: Stall, sql: asyncpg.Connection
) -> None:
    """P10: or the rate would sink with the number of users."""
    await put_to_each(sql, "few", 2_000, Lane.BULK)
    find, *_ = await record_claim(stall, sql, Lane.BULK)
    (few,) = await read_pages(sql, [find])
    await put_to_each(sql, "more", 20_000, Lane.BULK)
    (many,) = await read_pages(sql, [find])

    assert many == few < BATCH * 4
