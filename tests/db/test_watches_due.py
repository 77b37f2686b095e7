"""What the tracker asks in every pass costs what is due, whatever else is watched."""

from datetime import timedelta

import asyncpg

from app.core import clock
from app.domain.shop_settings import ShopSettings
from app.services.tracking.cards.drawing import draw_due_cards
from app.services.tracking.cards.endings import end_awaited_watches
from app.services.tracking.following.follow import Follower, follow_chain
from tests.support.fake_chains import FakeChains
from tests.support.fakes import PlainRenderer, RecordingSender
from tests.support.model_chain import ModelChain, ModelTx, a_hash
from tests.support.plans import read_plans, record
from tests.support.stall import Stall

SMALL = {
    "addresses",  # nobody has bound one here
    "chain_blocks",
    "chain_states",
    "group_chats",
    "leadership_term",
    "shop_settings",
    "users",
}

# One in a hundred still runs; of these, half wait in the pool and half stand in a block.
TRANSACTIONS = """
INSERT INTO transactions (chain, tx_hash, state, block_number, block_hash, succeeded,
    first_seen_at, changed_at, check_at, ended_at)
SELECT 'eth', '0x' || lpad(to_hex(n), 64, '0'),
    CASE WHEN n % 100 > 1 THEN 'final' WHEN n % 100 = 1 THEN 'pending' ELSE 'mined' END,
    CASE WHEN n % 100 <> 1 THEN 1000000 END, CASE WHEN n % 100 <> 1 THEN '0xb' END,
    CASE WHEN n % 100 <> 1 THEN true END,
    $2, $2, CASE WHEN n % 100 = 1 THEN $2::timestamptz + interval '9 days' END,
    CASE WHEN n % 100 > 1 THEN $2::timestamptz END
FROM generate_series(1, $1::int) n
"""
WATCHES = """
INSERT INTO watches (user_id, chat_id, chain, tx_hash, mode, muted, about, created_at, card_lost,
    ended_at)
SELECT 1001, 1001, chain, tx_hash, 'every', false, '{}', first_seen_at, false, ended_at
FROM transactions
"""


async def test_among_twenty_thousand_watches_every_query_of_a_pass_has_its_index(
    stall: Stall, sql: asyncpg.Connection
) -> None:
    chain = ModelChain()
    follower = Follower(stall.db, chain)
    await follow_chain(follower, ShopSettings())
    await sql.execute(TRANSACTIONS, 20_000, clock.now() - timedelta(hours=1))
    await sql.execute(WATCHES)
    await sql.execute("ANALYZE")
    chain.send(ModelTx(a_hash("watched"), "0xsender", 0))
    chain.send(ModelTx("0x" + f"{1:064x}", "0xother", 0))
    chain.mine()

    statements = record(stall)
    await follow_chain(follower, ShopSettings())
    async with stall.db.unit_of_work() as session:
        await end_awaited_watches(session)
    await draw_due_cards(
        stall.db, FakeChains().registry, RecordingSender(), PlainRenderer(), ShopSettings()
    )

    indexes, scanned = await read_plans(sql, statements, SMALL)
    assert scanned == []
    assert indexes >= {"ix_transactions_to_check", "ix_watches_card_due", "ix_watches_awaited"}
