"""What following a chain costs, counted at the endpoints: blocks and hits, never watches."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import asyncpg
import pytest

from app.clients.chains.rpc.timings import PoolTimings
from app.services.tracking.following.new_blocks import MAX_NEW_BLOCKS
from tests.scenarios.tracking.stage import ETH, Stage
from tests.support.anvil import Anvil
from tests.support.rpc_proxy import RpcProxy
from tests.support.stall import ANNA, BEN, open_stall

MANY = 100_000
MISSED = 1_000
MOST_CALLS = 5

_TRANSACTIONS = """
    INSERT INTO transactions
        (chain, tx_hash, state, nonce, first_seen_at, changed_at, check_at)
    SELECT 'eth', '0x' || lpad(to_hex(n), 64, '0'), 'pending', 0, now(), now(), now() + '1 day'
    FROM generate_series(1, $1::int) n
"""
_WATCHES = """
    INSERT INTO watches
        (user_id, chat_id, chain, tx_hash, mode, muted, about, created_at, card_lost)
    SELECT $2, $2, 'eth', '0x' || lpad(to_hex(n), 64, '0'), 'every', false, '{}', now(), false
    FROM generate_series(1, $1::int) n
"""


@pytest.fixture
async def stage(fresh_database_url: str, twins: tuple[Anvil, Anvil]) -> AsyncIterator[Stage]:
    """As the others', but in a database that is thrown away with its many rows."""
    async with open_stall(fresh_database_url) as stall, AsyncExitStack() as stack:
        proxies = [await stack.enter_async_context(RpcProxy.open(node.url)) for node in twins]
        stage = Stage(stall, twins, proxies, stack, ETH)
        await stage.mine(3)
        await stage.run()
        yield stage


async def _watch_many(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(_TRANSACTIONS, MANY)
        await connection.execute(_WATCHES, MANY, ANNA)
        await connection.execute("ANALYZE transactions, watches")
    finally:
        await connection.close()


def _calls(stage: Stage) -> int:
    return sum(sum(proxy.calls.values()) for proxy in stage.proxies)


async def test_a_hundred_thousand_watches_cost_five_calls_a_pass_at_most_and_no_missed_block(
    stage: Stage, fresh_database_url: str
) -> None:
    """P11, acceptance 5: without hits first; then a thousand blocks were missed, with hits."""
    await _watch_many(fresh_database_url)
    process = stage.start(PoolTimings())  # the service's own: endpoints are probed now and then
    await process.run()
    costs = []
    for blocks in (0, 1, 1, 2, 1):
        await stage.mine(blocks)
        before = _calls(stage)
        counts = await process.run()
        assert (counts["asked"], counts["blocks"]) == (0, blocks)
        costs.append(_calls(stage) - before)
    assert max(costs) <= MOST_CALLS

    hits = []
    for part in (1, MISSED // 2, MISSED // 2 - 1):
        hits.append(await stage.send())
        await stage.watch(hits[-1], BEN)  # Anna has as many as she may
        await stage.mine(part)
    before = _calls(stage)
    rounds = await process.catch_up()
    assert sum(one["blocks"] for one in rounds) == MISSED
    assert {one["blocks"] for one in rounds[:-1]} == {MAX_NEW_BLOCKS}
    assert sum(one["asked"] for one in rounds) <= 3 * len(hits)
    # A call a block, the three heads of each pass, and what the hits cost.
    assert _calls(stage) - before <= MISSED + 3 * len(rounds) + 4 * len(hits) * 3
    assert await stage.notified(BEN) == ["final", "final", "final"]


async def test_where_few_are_watched_a_thousand_missed_blocks_cost_a_few_receipts(
    stage: Stage,
) -> None:
    """P11, acceptance 5: cost is the lesser of watches and gap; nothing of them is missed."""
    for _ in range(3):
        await stage.watch(await stage.send())
    await stage.mine(MISSED)
    process = stage.start(PoolTimings())
    before = _calls(stage)
    counts = await process.run()
    assert (counts["blocks"], counts["asked"], counts["more"]) == (1, 3, 0)
    assert _calls(stage) - before <= 3 * MOST_CALLS
    assert await stage.notified() == ["final", "final", "final"]
