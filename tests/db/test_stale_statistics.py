"""A burst after quiet days: PostgreSQL plans for a table as it saw it last, with one row in it.

The table was large before: its file is, so that it does not look grown.
"""

import asyncpg

from app.core import clock
from app.domain.tracking import ChainView
from app.services.tracking.following.selection import select_transactions
from tests.support.followed_chain import KEY, watch_transactions
from tests.support.model_chain import ModelChain, quick_spec
from tests.support.plans import count_rows_read, record
from tests.support.stall import Stall

BURST = 400


async def test_mined_transactions_are_not_read_once_for_each_of_them(
    stall: Stall, sql: asyncpg.Connection
) -> None:
    chain = ModelChain(quick_spec(KEY))
    await watch_transactions(stall, chain, BURST)
    await sql.execute("DELETE FROM transactions WHERE ctid < (SELECT max(ctid) FROM transactions)")
    await sql.execute("DELETE FROM watches")
    await sql.execute("UPDATE transactions SET tx_hash = 'the last'")
    await sql.execute("VACUUM ANALYZE transactions")
    await watch_transactions(stall, chain, BURST)
    hashes = [row["tx_hash"] for row in await sql.fetch("SELECT tx_hash FROM transactions")]
    statements = record(stall)
    async with stall.db.unit_of_work() as session:
        view = ChainView(chain.spec, clock.now())
        assert len((await select_transactions(session, view, hashes, None)).rows) == BURST + 1
    (look,) = statements
    assert await count_rows_read(sql, look) < 3 * BURST
