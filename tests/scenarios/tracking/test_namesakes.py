"""The same hash on several chains: two transactions that have nothing else in common."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import cast

import pytest

from app.clients.chains.cellframe.chain import CellframeChain
from app.db.models import Transaction, Watch
from app.domain.chains import CELLFRAME
from app.domain.tracking import TxState
from app.services.tracking.cards.probing import probe_chains
from app.services.tracking.chains import Chains
from sandbox.world import WorldServer
from sandbox.world.chains.cellframe.chain import CellframeChain as Node
from tests.conftest import Skip
from tests.scenarios.tracking.stage import TIMINGS, Desk, Stage, open_process
from tests.support.stall import ANNA, BEN

LOOK_AGAIN = timedelta(seconds=80)


@pytest.fixture
def node(world: WorldServer) -> Node:
    return cast("Node", world.world.chains["cf"])


@pytest.fixture
async def cellframe(world: WorldServer) -> AsyncIterator[CellframeChain]:
    chain = CellframeChain(CELLFRAME, [f"{world.url}/chains/cf"], timings=TIMINGS)
    yield chain
    await chain.aclose()


async def test_a_hash_on_two_chains_is_two_transactions_each_with_a_fate_of_its_own(
    stage: Stage, cellframe: CellframeChain, node: Node, skip: Skip
) -> None:
    """P11, acceptance 12: found on both; what one chain does is not said of the other."""
    desk = Desk(stage.stall, Chains([stage.chain], [cellframe]))
    tx_hash = await stage.send()
    node.send(1001, "somebody", "10", declined=True, tx_hash=tx_hash)
    found = await probe_chains(desk.chains, tx_hash)
    assert found.found.keys() == {"eth", "cf"}

    ethereum, backbone = await desk.track(tx_hash, "eth"), await desk.track(tx_hash, "cf")
    only_eth = await desk.track(tx_hash, "eth", BEN)
    polling = open_process(stage.stall.db, (), [cellframe])
    node.mine()
    skip(LOOK_AGAIN)
    await polling.catch_up()
    assert (await desk.card(backbone)).succeeded is False
    assert (await desk.card(ethereum)).state is TxState.PENDING

    await stage.mine(10)
    await stage.run()
    notifications = await stage.stall.notifications(ANNA)
    assert [(one.template, one.values["watch"], one.values["chain"]) for one in notifications] == [
        ("watch-failed", backbone, "cf"),
        ("watch-final", ethereum, "eth"),
    ]
    assert await desk.notified(BEN) == ["final"]
    assert (await desk.card(only_eth)).chain == "eth"
    assert (await desk.card(ethereum)).succeeded
    assert (await desk.card(backbone)).succeeded is False


async def test_what_is_awaited_on_all_chains_belongs_to_the_one_on_which_it_appears(
    stage: Stage, cellframe: CellframeChain, node: Node, skip: Skip
) -> None:
    """P11, acceptance 12: the others stop looking, and a namesake there later changes nothing."""
    desk = Desk(stage.stall, Chains([stage.chain], [cellframe]))
    raw = await stage.sign()
    tx_hash = await stage.send(raw)
    for one in stage.nodes:
        await one.drop(tx_hash)
    watch_id = await desk.track(tx_hash, None)
    polling = open_process(stage.stall.db, (), [cellframe])
    await polling.catch_up()
    await stage.run()
    assert (await desk.card(watch_id)).chain is None

    await stage.send(raw)
    skip(LOOK_AGAIN)
    await stage.mine()
    await stage.run()
    assert (await desk.card(watch_id)).chain == "eth"
    node.send(1001, "somebody", "10", declined=False, tx_hash=tx_hash)
    node.mine(20)
    skip(LOOK_AGAIN)
    await polling.catch_up()
    await stage.mine(10)
    await stage.run()

    assert await desk.notified() == ["mined", "final"]
    rows = await stage.stall.rows(Transaction)
    assert {row.chain: row.state for row in rows} == {
        "cf": TxState.UNKNOWN,
        "eth": TxState.FINAL,
    }
    assert all(row.ended_at is not None and row.check_at is None for row in rows)
    (watch,) = await stage.stall.rows(Watch)
    assert watch.ended_at is not None
