"""What a round of reading a chain for payments costs, however many invoices are open.

The chain is in memory and counts what it is asked; the database is a real one. So the times are
those of our own work, without the endpoints'.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import median

from sqlalchemy import event, text

from app.services.payments.onchain.rounds import read_chain_payments
from benchmarks.measures import milliseconds, percentile, print_table
from benchmarks.stage import Stage
from tests.support.onchain import OnchainStall
from tests.support.stall import open_engine, stall_on

OPEN = (0, 100, 10_000)
ROUNDS = 15
DAY_OF_BSC = 192_000  # blocks, at 0.45 s each
PAYMENTS = 40

# As many open invoices as asked for, each of an order of its own.
_FILL = """
WITH chosen AS (SELECT t.id AS term_id, t.plan_id FROM terms t ORDER BY t.id LIMIT 1),
orders AS (
    INSERT INTO purchases (id, user_id, kind, status, plan_id, term_id, titles, days,
        traffic_limit_bytes, device_limit, is_separate, is_change, base_used_bytes, price_minor,
        currency, discount_minor, credit_minor, from_balance_minor, charge_minor, charge_currency,
        provider, created_at, expires_at)
    SELECT gen_random_uuid(), 1001, 'plan', 'pending', plan_id, term_id, '{{}}', 30, 0, 0, false,
        false, 0, 499, 'USD', 0, 0, 0, 499, 'USD', 'onchain', now(), now() + interval '1 hour'
    FROM chosen, generate_series(1, {count}) RETURNING id
)
INSERT INTO onchain_invoices (purchase_id, family, networks, address, amount_micro, state,
    created_at, expires_at, hold_until)
SELECT id, 'evm', ARRAY['usdt-bsc'], '0x' || repeat('5a', 20), 900000000 + row_number() OVER (),
    'waiting', now(), now() + interval '1 hour', now() + interval '25 hours' FROM orders
"""


async def run(stage: Stage) -> None:
    rounds = []
    for count in OPEN:
        async with _open_shop(stage) as (shop, statements):
            await _fill(shop, count)
            rounds.append([f"{count:,}", *await _measure_rounds(shop, statements)])
    print_table(
        f"A round with new final blocks ({ROUNDS} rounds; medians)",
        ["open invoices", "calls", "statements", "ms"],
        rounds,
    )
    async with _open_shop(stage) as (shop, _):
        print_table(
            f"A day of BSC, {DAY_OF_BSC:,} blocks, one payment at its end",
            ["rounds", "calls", "our own s", "paid"],
            [await _catch_up(shop)],
        )
    async with _open_shop(stage) as (shop, _):
        print_table(
            f"From a final block to the sale's commit ({PAYMENTS} payments, one at a time)",
            ["median ms", "p95 ms", "most ms"],
            [await _measure_sales(shop)],
        )


@asynccontextmanager
async def _open_shop(stage: Stage) -> AsyncIterator[tuple[OnchainStall, list[str]]]:
    engine = open_engine((await stage.create_database())["DATABASE_URL"])
    statements: list[str] = []
    async with stall_on(engine) as stall:
        shop = OnchainStall(stall)
        await shop.begin()
        event.listen(
            engine.sync_engine,
            "before_cursor_execute",
            lambda _c, _u, statement, *_: statements.append(statement),
        )
        yield shop, statements
    await engine.dispose()


async def _fill(shop: OnchainStall, count: int) -> None:
    async with shop.stall.db.unit_of_work() as session:
        await session.execute(text(_FILL.format(count=count)))
    async with shop.stall.db.engine.connect() as connection:
        await connection.execute(text("ANALYZE"))
        await connection.commit()


async def _measure_rounds(shop: OnchainStall, statements: list[str]) -> list[str]:
    bsc = shop.chains["bsc"]
    calls, asked, seconds = [], [], []
    for _ in range(ROUNDS):
        bsc.mine(7)  # BSC's pace, in its 3 s
        before = bsc.calls
        statements.clear()
        started = time.perf_counter()
        await read_chain_payments(shop.readers["bsc"], shop.onchain)
        seconds.append(time.perf_counter() - started)
        calls.append(bsc.calls - before)
        asked.append(len(statements))
    return [str(median(calls)), str(median(asked)), milliseconds(median(seconds))]


async def _catch_up(shop: OnchainStall) -> list[object]:
    bsc = shop.chains["bsc"]
    invoice = await shop.open(await shop.stall.order())
    bsc.mine(DAY_OF_BSC)
    shop.send(invoice)
    bsc.finalize()
    before, rounds, started = bsc.calls, 0, time.perf_counter()
    while True:
        rounds += 1
        await read_chain_payments(shop.readers["bsc"], shop.onchain)
        if (await shop.stall.again(invoice)).state == "paid":
            break
    took = time.perf_counter() - started
    return [rounds, f"{bsc.calls - before:,}", f"{took:.1f}", "yes"]


async def _measure_sales(shop: OnchainStall) -> list[str]:
    seconds = []
    for _ in range(PAYMENTS):
        order = await shop.stall.order()
        invoice = await shop.open(order)
        shop.send(invoice)
        shop.chains["bsc"].finalize()
        started = time.perf_counter()
        await read_chain_payments(shop.readers["bsc"], shop.onchain)
        seconds.append(time.perf_counter() - started)
        if (await shop.stall.again(invoice)).state != "paid":
            raise RuntimeError("a payment was missed")
    ordered = [median(seconds), percentile(seconds, 0.95), max(seconds)]
    return [milliseconds(one) for one in ordered]
