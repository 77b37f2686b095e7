"""A round of on-chain payments reads what is open and due, among those of years."""

import asyncpg

from tests.support.onchain import OnchainStall
from tests.support.plans import count_rows_read, record
from tests.support.stall import ANNA, Stall

PAST = """
WITH orders AS (
    INSERT INTO purchases (id, user_id, kind, status, titles, days, traffic_limit_bytes,
        device_limit, is_separate, is_change, base_used_bytes, price_minor, currency,
        discount_minor, credit_minor, from_balance_minor, provider, created_at, expires_at)
    SELECT gen_random_uuid(), $2, 'plan', 'expired', '{}', 30, 0, 0, false, false, 0, 499, 'USD',
        0, 0, 0, 'onchain', now(), now() - interval '2 days'
    FROM generate_series(1, $1::int) RETURNING id
), invoices AS (
    INSERT INTO onchain_invoices (purchase_id, family, networks, address, amount_micro, state,
        created_at, expires_at, hold_until, released_at)
    SELECT id, 'evm', ARRAY['usdt-bsc'], '0x' || repeat('5a', 20), 4990100, 'closed', now(),
        now() - interval '2 days', now() - interval '1 day', now() FROM orders RETURNING id
)
INSERT INTO onchain_transfers (chain, tx_hash, ordinal, block_number, block_hash, block_at, token,
    sender, recipient, units, state, seen_at, assignment)
SELECT 'bsc', '0x' || lpad(to_hex(id), 64, '0'), 0, 1, '0x' || repeat('0', 64), now(),
    '0x' || repeat('1', 40), '0x' || repeat('2', 40), '0x' || repeat('3', 40), 1, 'final', now(),
    'matched' FROM invoices
"""
MOST = 20


async def test_a_round_reads_what_is_open(stall: Stall, sql: asyncpg.Connection) -> None:
    shop = OnchainStall(stall)
    await shop.begin()
    await sql.execute(PAST, 3000, ANNA)
    await sql.execute("ANALYZE")
    invoice = await shop.open(await stall.order())
    shop.send(invoice)
    shop.chains["bsc"].mine()
    statements = record(stall)
    await shop.read()
    shop.chains["bsc"].finalize()
    await shop.read()
    assert (await stall.again(invoice)).state == "paid"
    read = {one: await count_rows_read(sql, one) for one in statements if "onchain" in str(one)}
    assert len(read) > 10
    assert {one: rows for one, rows in read.items() if rows > MOST} == {}
