"""Cellframe, which has no blocks for us: asked one by one, of a node that speaks either dialect."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import cast

import pytest

from app.clients.chains.cellframe.chain import CellframeChain
from app.db.models import ChainState, Transaction
from app.domain.chains import CELLFRAME
from app.domain.tracking import TxState
from app.services.tracking.chains import Chains
from sandbox.world import WorldServer
from sandbox.world.chains.cellframe.chain import CellframeChain as Node
from tests.conftest import Skip
from tests.scenarios.tracking.stage import TIMINGS, Desk, open_process
from tests.support.stall import Stall

LOOK_AGAIN = timedelta(minutes=3)  # longer than any pause between two looks in the first hour
UNKNOWN = "0x" + "ab" * 32


class Backbone(Desk):
    """The node, the chat's services and the loop; `pass_on` lets the loop's next look come."""

    def __init__(self, stall: Stall, chain: CellframeChain, node: Node, skip: Skip) -> None:
        super().__init__(stall, Chains([], [chain]))
        self.node = node
        self._skip = skip
        self._process = open_process(stall.db, (), [chain])

    async def pass_on(self, time: timedelta = LOOK_AGAIN) -> None:
        self._skip(time)
        await self._process.catch_up()

    async def watch(self, tx_hash: str) -> int:
        return await self.track(tx_hash, "cf")

    async def watch_sent(self, *, declined: bool = False) -> tuple[str, int]:
        tx_hash = self.node.send(1001, "somebody", "10", declined=declined).hash
        return tx_hash, await self.watch(tx_hash)

    async def row(self, tx_hash: str) -> Transaction:
        (row,) = await self.stall.rows(Transaction, Transaction.tx_hash == tx_hash)
        return row


@pytest.fixture(params=["new", "old"])
async def backbone(
    stall: Stall, world: WorldServer, skip: Skip, request: pytest.FixtureRequest
) -> AsyncIterator[Backbone]:
    """The test runs with a node of each dialect."""
    node = cast("Node", world.world.chains["cf"])
    node.state.dialect = request.param
    chain = CellframeChain(CELLFRAME, [f"{world.url}/chains/cf"], timings=TIMINGS)
    yield Backbone(stall, chain, node, skip)
    await chain.aclose()


async def test_from_the_mempool_to_the_tenth_confirmation(backbone: Backbone) -> None:
    """P11, acceptance 10."""
    _, watch_id = await backbone.watch_sent()
    assert (await backbone.card(watch_id)).state is TxState.PENDING
    counts = []
    for _ in range(10):
        backbone.node.mine()
        await backbone.pass_on()
        counts.append((await backbone.card(watch_id)).confirmations)
    assert counts == list(range(1, 11))
    assert await backbone.notified() == ["mined", "final"]
    assert (await backbone.card(watch_id)).is_over


async def test_another_atom_is_reported_as_moved(backbone: Backbone) -> None:
    """P11, acceptance 10: the reorganisation that nothing else shows."""
    tx_hash, watch_id = await backbone.watch_sent()
    backbone.node.mine(3)
    await backbone.pass_on()
    backbone.node.move(tx_hash)
    for _ in range(2):
        await backbone.pass_on()
    assert await backbone.notified() == ["mined", "moved"]
    row = await backbone.row(tx_hash)
    assert row.block_hash == backbone.node.state.transactions[tx_hash].atom_hash
    backbone.node.mine(7)
    await backbone.pass_on()
    assert await backbone.notified() == ["mined", "moved", "final"]
    assert (await backbone.card(watch_id)).is_over


async def test_what_loses_its_atom_waits_and_is_reported_when_it_has_another(
    backbone: Backbone,
) -> None:
    """P11, acceptance 10: accepted, then found in the mempool only."""
    tx_hash, _ = await backbone.watch_sent()
    backbone.node.mine(2)
    await backbone.pass_on()
    backbone.node.lose(tx_hash)
    for _ in range(2):
        await backbone.pass_on()
    assert (await backbone.row(tx_hash)).state is TxState.REORGED
    backbone.node.mine()
    await backbone.pass_on()
    assert await backbone.notified() == ["mined", "reorged", "mined"]


async def test_what_is_declined_has_failed_with_the_nodes_reason(backbone: Backbone) -> None:
    """P11, acceptance 10: DECLINED is Cellframe's status 0x0."""
    tx_hash, watch_id = await backbone.watch_sent(declined=True)
    backbone.node.mine()
    for _ in range(2):
        await backbone.pass_on()
    assert await backbone.notified() == ["failed"]
    assert (await backbone.row(tx_hash)).reason == "Transaction output is already used"
    assert (await backbone.card(watch_id)).succeeded is False
    backbone.node.mine(10)
    await backbone.pass_on()
    assert await backbone.notified() == ["failed"]
    assert (await backbone.card(watch_id)).is_over


async def test_without_a_count_it_is_accepted_and_no_number_is_made_up(
    backbone: Backbone,
) -> None:
    """P11, acceptance 10: an older node; after a day of it nobody asks any more."""
    backbone.node.state.counts = False
    tx_hash, watch_id = await backbone.watch_sent()
    backbone.node.mine(50)
    for _ in range(2):
        await backbone.pass_on()
    card = await backbone.card(watch_id)
    assert (card.state, card.confirmations) == (TxState.MINED, None)
    await backbone.pass_on(timedelta(days=1))
    assert await backbone.notified() == ["mined"]
    row = await backbone.row(tx_hash)
    assert row.ended_at is not None
    assert row.check_at is None


async def test_a_count_that_stops_being_reported_does_not_fall(backbone: Backbone) -> None:
    """P11, acceptance 10: the gateway is exchanged for an older node."""
    _, watch_id = await backbone.watch_sent()
    backbone.node.mine(4)
    await backbone.pass_on()
    backbone.node.state.counts = False
    await backbone.pass_on()
    assert (await backbone.card(watch_id)).confirmations == 4
    backbone.node.state.counts = True
    backbone.node.mine(6)
    await backbone.pass_on()
    assert await backbone.notified() == ["mined", "final"]


async def test_an_error_inside_the_result_is_no_transaction_and_no_end(
    backbone: Backbone,
) -> None:
    """P11, acceptance 10: "not found" with HTTP 200, until the mempool's time is over."""
    tx_hash, _ = await backbone.watch_sent()
    awaited = await backbone.watch(UNKNOWN)
    backbone.node.forget(tx_hash)
    for _ in range(3):
        await backbone.pass_on()
    assert await backbone.notified() == []
    assert (await backbone.row(tx_hash)).state is TxState.PENDING
    await backbone.pass_on(CELLFRAME.pending_lifetime)
    assert await backbone.notified() == ["dropped"]
    assert (await backbone.card(awaited)).state is TxState.UNKNOWN


async def test_while_the_gateway_is_down_nothing_is_reported_and_the_card_says_so(
    backbone: Backbone,
) -> None:
    """P11, acceptance 10: what happened meanwhile is reported once, when it is back."""
    _, watch_id = await backbone.watch_sent()
    backbone.node.mine(2)
    await backbone.pass_on()
    backbone.node.set_node("down")
    backbone.node.mine(3)
    for _ in range(3):
        await backbone.pass_on()
    card = await backbone.card(watch_id)
    assert card.failing_since is not None
    assert (card.state, card.confirmations) == (TxState.MINED, 2)
    assert await backbone.notified() == ["mined"]

    backbone.node.set_node("ok")
    backbone.node.mine(5)
    await backbone.pass_on(2 * LOOK_AGAIN)
    (state,) = await backbone.stall.rows(ChainState)
    assert state.failing_since is None
    assert await backbone.notified() == ["mined", "final"]
