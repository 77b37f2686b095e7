"""BNB Smart Chain on a real node of its id: several blocks a look, and no count in between.

Seven blocks come in the 3 s between two looks. A node of the tests calls a block `finalized` after
8; where its finality stalls, 20 blocks stand for the 240 of life.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.responses import Response

from app.domain.chains import BSC
from app.domain.tracking import TxState
from tests.conftest import Skip
from tests.scenarios.tracking.stage import Stage
from tests.support.anvil import open_twins, reorg_all
from tests.support.rpc_proxy import (
    Behaviour,
    Exchange,
    JsonCall,
    RpcProxy,
    passing,
    refusing_calls,
)
from tests.support.stall import Stall

PER_LOOK = 7
LOOK = timedelta(seconds=3)
UNKNOWN_BLOCK = -39001


@pytest.fixture
async def bsc(stall: Stall) -> AsyncIterator[Stage]:
    spec = replace(BSC, final_count=20, stall_count=20)
    async with open_twins(chain_id=56) as twins, AsyncExitStack() as stack:
        proxies = [await stack.enter_async_context(RpcProxy.open(node.url)) for node in twins]
        stage = Stage(stall, twins, proxies, stack, spec)
        await stage.mine(3)
        await stage.run()
        yield stage


@pytest.mark.parametrize("others", [0, 20], ids=["jumping over blocks", "reading all blocks"])
async def test_seven_blocks_a_look_report_mined_and_then_final(
    bsc: Stage, skip: Skip, others: int
) -> None:
    """P11, acceptance 9."""
    for nonce in range(100, 100 + others):  # with a gap in the nonces: nobody mines them
        await bsc.watch(await bsc.send(await bsc.sign(nonce)))
    watch_id = await bsc.watch(await bsc.send())
    confirmations = []
    for _ in range(3):
        await bsc.mine(PER_LOOK)
        skip(LOOK)
        counts = await bsc.run()
        assert counts["blocks"] == (PER_LOOK if others else 1)
        confirmations.append((await bsc.card(watch_id)).confirmations)
    assert await bsc.notified() == ["mined", "final"]
    assert confirmations == [PER_LOOK, 2 * PER_LOOK, 3 * PER_LOOK]


async def test_all_steps_between_two_looks_are_reported_as_the_highest(bsc: Stage) -> None:
    """P11, acceptance 9: final at first sight."""
    await bsc.watch(await bsc.send())
    await bsc.mine(2 * PER_LOOK)
    await bsc.run()
    assert await bsc.notified() == ["final"]


async def test_a_reorganisation_between_two_looks_is_noticed(bsc: Stage) -> None:
    """P11, acceptance 2 and 9: the chain is longer when it is looked at again."""
    raw = await bsc.sign()
    await bsc.watch(tx_hash := await bsc.send(raw))
    await bsc.mine(2)
    await bsc.run()
    before = await bsc.row(tx_hash)
    await reorg_all(bsc.nodes, 2, [(raw, 1)])
    await bsc.mine(PER_LOOK - 2)
    await bsc.run()
    after = await bsc.row(tx_hash)
    assert after.block_number == (before.block_number or 0) + 1
    assert await bsc.notified() == ["mined", "moved"]


def _asks_for_finalized(call: JsonCall) -> bool:
    return "finalized" in call["params"]


async def test_where_the_node_knows_no_finality_counts_decide(bsc: Stage) -> None:
    """P11, acceptance 9: -39001 for the tag."""
    bsc.turn(refusing_calls(_asks_for_finalized, UNKNOWN_BLOCK, "unknown block"))
    process = bsc.start()
    await bsc.watch(tx_hash := await bsc.send())
    for blocks in (PER_LOOK, PER_LOOK, 5):
        await bsc.mine(blocks)
        await process.run()
        assert (await bsc.row(tx_hash)).state is TxState.MINED
    await bsc.mine()
    await process.run()
    assert await bsc.notified() == ["mined", "final"]


def _stalled_at(number: int) -> Behaviour:
    """The tag stays where it was, however far the head goes."""

    async def behave(exchange: Exchange) -> Response:
        exchange.calls = [
            {
                **call,
                "params": [hex(number) if one == "finalized" else one for one in call["params"]],
            }
            for call in exchange.calls
        ]
        return await passing(exchange)

    return behave


async def test_where_finality_stalls_the_count_of_that_case_is_final(bsc: Stage) -> None:
    """P11, acceptance 9."""
    bsc.turn(_stalled_at(0))
    await bsc.watch(tx_hash := await bsc.send())
    for blocks in (PER_LOOK, PER_LOOK, 5):
        await bsc.mine(blocks)
        await bsc.run()
        assert (await bsc.row(tx_hash)).state is TxState.MINED
    await bsc.mine()
    await bsc.run()
    assert await bsc.notified() == ["mined", "final"]
