"""Endpoints that lag, contradict each other, refuse or garble: no lost watch, nothing untrue."""

from datetime import timedelta

import pytest
from starlette.responses import Response

from app.domain.tracking import TxState
from tests.conftest import Skip
from tests.scenarios.tracking.stage import Stage
from tests.support.rpc_proxy import (
    Behaviour,
    Exchange,
    batch_limit,
    cut,
    html,
    passing,
    rate_limited,
    refusing,
    short,
    shuffled,
    truncated,
)

A_WHILE = timedelta(seconds=12)
COOLED_DOWN = timedelta(seconds=70)
UNTRUE = {"reorged", "moved", "replaced", "dropped", "failed", "lost"}
FAULTS: dict[str, Behaviour] = {
    "HTTP 429": rate_limited(),
    "HTTP 429 with a time": rate_limited(retry_after=20),
    "code -32005 inside HTTP 200": refusing(-32005),
    "code 429 inside HTTP 200": refusing(429),
    "HTML": html,
    "short batches": short,
    "shuffled batches": shuffled,
    "truncated JSON": truncated,
    "connections cut": cut,
}


def _in_front_of(url: str) -> Behaviour:
    """The address answers for another node, as a load balancer's does."""

    async def behave(exchange: Exchange) -> Response:
        exchange._node_url = url
        return await passing(exchange)

    return behave


async def _watch_mined(stage: Stage) -> tuple[str, int]:
    """Its hash and its watch, two blocks deep; another that waits makes the loop read blocks."""
    tx_hash, watch_id = await stage.watch_sent()
    await stage.mine(2)
    for nonce in (5, 6, 7):  # with a gap in the nonces: nobody mines them
        await stage.watch(await stage.send(await stage.sign(nonce)))
    await stage.run()
    assert await stage.notified() == ["confirmed"]
    return tx_hash, watch_id


# --- lagging -------------------------------------------------------------------------------------


async def test_a_second_endpoint_that_lags_is_no_reorganisation_and_no_count_falls(
    stage: Stage, skip: Skip
) -> None:
    """P11, acceptance 4: the second node has not mined, and is the only one that answers."""
    _, watch_id = await _watch_mined(stage)
    first, second = stage.nodes
    await first.mine(3)
    await stage.run()
    counts = [(await stage.card(watch_id)).confirmations]
    before = await stage.standing()

    stage.turn(rate_limited(retry_after=3600), 0)
    for _ in range(5):
        skip(A_WHILE)
        await stage.process.run()
        counts.append((await stage.card(watch_id)).confirmations)
        now = await stage.standing()
        assert (now.final_number or 0) >= (before.final_number or 0)
        await second.mine()
    skip(A_WHILE)
    await stage.run()
    counts.append((await stage.card(watch_id)).confirmations)

    assert counts == sorted(counts, key=lambda count: count or 0)
    assert counts[0] == 5
    assert counts[-1] == 7
    assert not UNTRUE & set(await stage.notified())


async def test_an_address_that_stands_for_two_nodes_makes_no_count_fall(stage: Stage) -> None:
    """P11, acceptance 4: its answers come from the one that lags and from the other in turns."""
    _, watch_id = await _watch_mined(stage)
    first, second = stage.nodes
    stage.turn(html, 1)
    counts = []
    for _ in range(4):
        await first.mine()
        for node in (first, second, first):
            stage.turn(_in_front_of(node.url), 0)
            await stage.process.run()
            counts.append((await stage.card(watch_id)).confirmations)
    assert counts == sorted(counts, key=lambda count: count or 0)
    assert counts[-1] == 6
    assert not UNTRUE & set(await stage.notified())


# --- forked --------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1], ids=["preferred", "second"])
async def test_an_endpoint_on_a_fork_of_its_own_is_not_believed_alone_and_holds_nobody_up(
    stage: Stage, number: int
) -> None:
    """P11, acceptance 4: one node left the chain three blocks below its head."""
    tx_hash, watch_id = await _watch_mined(stage)
    await stage.mine()
    await stage.run()
    forked, honest = stage.nodes[number], stage.nodes[1 - number]
    await forked.reorg(3)
    for _ in range(3):
        await forked.mine()
        await honest.mine()
        await stage.run()
    assert not UNTRUE & set(await stage.notified())

    for _ in range(8):
        await forked.mine()
        await honest.mine()
        await stage.run()
    assert (await stage.row(tx_hash)).state is TxState.FINAL
    assert await stage.notified() == ["confirmed", "safe", "final"]
    assert (await stage.card(watch_id)).is_over


async def test_a_fork_that_is_always_a_block_ahead_is_not_believed_however_long_it_lasts(
    stage: Stage, skip: Skip
) -> None:
    """P11, acceptance 4: the node on it is preferred, and has blocks first."""
    tx_hash, _ = await _watch_mined(stage)
    await stage.mine()
    await stage.run()
    forked, honest = stage.nodes
    await forked.reorg(3)
    await forked.mine()
    for _ in range(12):
        await forked.mine()
        await honest.mine()
        skip(A_WHILE)
        await stage.run()
    assert (await stage.row(tx_hash)).state is TxState.FINAL
    assert not UNTRUE & set(await stage.notified())


async def test_another_block_that_a_forked_endpoint_names_alone_is_no_move(
    stage: Stage, skip: Skip
) -> None:
    """P11, acceptance 4: so few are watched that blocks are jumped over, and receipts asked for."""
    raw = await stage.sign()
    await stage.watch(tx_hash := await stage.send(raw))
    await stage.mine()
    await stage.run()
    forked, honest = stage.nodes
    await forked.reorg(1, [(raw, 0)])
    for _ in range(6):
        await forked.mine(2)
        await honest.mine(2)
        skip(A_WHILE)
        await stage.run()
    assert not UNTRUE & set(await stage.notified())

    stage.turn(_in_front_of(honest.url), 0)  # its operator has mended it
    for _ in range(2):
        await honest.mine(10)
        skip(A_WHILE * 2)
        await stage.run()
    row = await stage.row(tx_hash)
    assert row.block_hash == await honest.get_hash(row.block_number or 0)
    assert not UNTRUE & set(await stage.notified())
    assert (await stage.notified())[-1] == "final"


async def test_a_fork_that_both_endpoints_are_on_is_believed(stage: Stage) -> None:
    """Acceptance 4, the other side: agreeing endpoints are a reorganisation."""
    tx_hash, _ = await _watch_mined(stage)
    await stage.mine()
    await stage.run()
    for node in stage.nodes:
        await node.reorg(4)
        await node.mine()
    await stage.run()
    assert await stage.notified() == ["confirmed", "reorged"]
    assert (await stage.row(tx_hash)).state is TxState.REORGED


async def test_a_failure_that_one_endpoint_shows_alone_waits_for_the_other(
    stage: Stage, skip: Skip
) -> None:
    """P11, acceptance 4 and 8: the second node has not mined it yet."""
    tx_hash = await stage.send(await stage.sign(to=None, data="0x60006000fd", gas=100_000))
    await stage.watch(tx_hash)
    first, second = stage.nodes
    await first.mine()
    await stage.run()
    assert await stage.notified() == []
    await second.mine()
    await stage.mine()
    skip(A_WHILE * 2)
    await stage.run()
    assert await stage.notified() == ["failed"]


# --- refusing and garbling -----------------------------------------------------------------------


@pytest.mark.parametrize("numbers", [(0,), (0, 1)], ids=["one endpoint", "both endpoints"])
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_whatever_endpoints_answer_no_watch_is_lost_and_all_end_right(
    stage: Stage, skip: Skip, fault: Behaviour, numbers: tuple[int, ...]
) -> None:
    """P11, acceptance 6: blocks go on while they fail."""
    hashes = [await stage.send() for _ in range(2)]
    for tx_hash in hashes:
        await stage.watch(tx_hash)
    await stage.mine()
    await stage.run()

    stage.turn(fault, *numbers)
    sent_meanwhile = await stage.send()
    if numbers == (0,):
        await stage.watch(sent_meanwhile)
    for _ in range(4):
        await stage.mine()
        skip(A_WHILE)
        await stage.run()
    stage.turn()
    if numbers == (0, 1):
        await stage.watch(sent_meanwhile)
    for _ in range(2):
        skip(COOLED_DOWN)
        await stage.mine(5)
        await stage.run()

    for tx_hash in (*hashes, sent_meanwhile):
        assert (await stage.row(tx_hash)).state is TxState.FINAL
    told = await stage.notified()
    assert not UNTRUE & set(told)
    by_watch: dict[int, list[str]] = {}
    for notification in await stage.stall.notifications():
        by_watch.setdefault(int(notification.values["watch"]), []).append(notification.template)
    assert all(len(set(one)) == len(one) for one in by_watch.values())
    assert all(one[-1] == "watch-final" for one in by_watch.values())


async def test_with_one_good_endpoint_a_bad_one_costs_no_step(stage: Stage, skip: Skip) -> None:
    """P11, acceptance 6: the preferred one refuses from the first block on."""
    await stage.watch_sent()
    stage.turn(rate_limited(), 0)
    for _ in range(10):
        await stage.mine()
        skip(A_WHILE)
        await stage.run()
    assert await stage.notified() == ["mined", "confirmed", "safe", "final"]


# --- batches -------------------------------------------------------------------------------------


def _noting(sizes: list[int], then: Behaviour) -> Behaviour:
    async def behave(exchange: Exchange) -> Response:
        sizes.append(len(exchange.calls))
        return await then(exchange)

    return behave


@pytest.mark.parametrize(
    "limit",
    [batch_limit(3), batch_limit(3, -32600, "Batch size too large, {} at most")],
    ids=["geth's words", "another's words"],
)
async def test_a_batch_limit_of_three_is_learned(stage: Stage, limit: Behaviour) -> None:
    """Acceptance 7: it costs a few refused requests once, and no block."""
    for _ in range(25):
        await stage.watch(await stage.send())
    sizes: list[int] = []
    stage.turn(_noting(sizes, limit))
    process = stage.start()
    await stage.mine(20)
    for _ in range(8):
        await process.catch_up()
        await stage.mine()
    learned = [one.batch for one in stage.followed.list_endpoints()]
    assert learned[0] == 3

    refused = sum(size > 3 for size in sizes)
    sizes.clear()
    await stage.mine(20)
    await process.catch_up()
    assert max(sizes) == 3
    assert 0 < refused <= 10
    assert (await stage.notified()).count("final") == 25
