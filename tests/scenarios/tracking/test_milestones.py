"""What real nodes do to a transaction, step by step, and what of it users are notified of."""

import asyncio
from datetime import timedelta

from starlette.responses import Response

from app.db.models import Watch
from app.domain.chains import format_coins
from app.domain.tracking import TxState
from tests.conftest import Skip
from tests.scenarios.tracking.stage import Stage
from tests.support.rpc_proxy import Behaviour, Exchange, passing

BLOCK = timedelta(seconds=12)
ROUNDS = 12
STARTS = (0, 3, 6, 9)  # of both processes: three restarts


def _side_by_side(count: int) -> Behaviour:
    """Nobody gets the heads before so many have asked: their passes begin at one revision."""
    barrier = asyncio.Barrier(count)

    async def behave(exchange: Exchange) -> Response:
        if any(call["params"][:1] == ["latest"] for call in exchange.calls):
            await barrier.wait()
        return await passing(exchange)

    return behave


async def test_each_milestone_is_reported_once_across_three_restarts_while_two_trackers_race(
    stage: Stage, skip: Skip
) -> None:
    """P11, acceptance 1."""
    raw = await stage.sign()
    tx_hash = await stage.send(raw)
    for node in stage.nodes:
        await node.drop(tx_hash)
    watch_id = await stage.watch(tx_hash)
    assert (await stage.card(watch_id)).state is TxState.UNKNOWN

    stage.turn(_side_by_side(2))
    for number in range(ROUNDS):
        if number in STARTS:
            racing = [stage.start(), stage.start()]
        if number == 1:
            await stage.send(raw)
        if number > 1:
            await stage.mine()
        skip(BLOCK)
        counts = await asyncio.gather(*(process.run() for process in racing))
        assert sum(one.get("raced", 0) for one in counts) == 1

    assert await stage.notified() == ["seen", "mined", "confirmed", "safe", "final"]
    assert (await stage.card(watch_id)).is_over


async def test_blocks_that_come_faster_than_looks_report_the_highest_step_only(
    stage: Stage,
) -> None:
    """P11, acceptance 9: on Ethereum, where there are more steps than on BSC."""
    await stage.watch_sent()
    await stage.mine(2)
    await stage.run()
    await stage.mine(7)
    await stage.run()
    assert await stage.notified() == ["confirmed", "final"]


async def test_a_failure_says_what_gas_it_took_and_what_that_cost(stage: Stage) -> None:
    """P11, acceptance 8: status 0x0."""
    raw = await stage.sign(to=None, data="0x60006000fd", gas=100_000)
    tx_hash = await stage.send(raw)
    watch_id = await stage.watch(tx_hash)
    await stage.mine()
    await stage.run()

    receipt = await stage.nodes[0].rpc("eth_getTransactionReceipt", tx_hash)
    gas_used = int(receipt["gasUsed"], 16)
    spent = gas_used * int(receipt["effectiveGasPrice"], 16)
    (notification,) = await stage.stall.notifications()
    assert receipt["status"] == "0x0"
    assert notification.template == "watch-failed"
    assert notification.values["gas_used"] == gas_used
    assert notification.values["fee"] == f"{format_coins(spent, 18)} ETH"
    card = await stage.card(watch_id)
    assert (card.succeeded, card.gas_used, card.fee) == (False, gas_used, spent)

    await stage.mine(10)
    await stage.run()
    assert await stage.notified() == ["failed"]
    (watch,) = await stage.stall.rows(Watch)
    assert watch.ended_at is not None
