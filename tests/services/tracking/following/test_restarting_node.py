"""The sandbox's Cellframe node is restarted: until it has caught up, its bad news are none."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Literal, cast

import pytest

from app.clients.chains.cellframe.chain import CellframeChain
from app.core import clock
from app.db.models import Transaction, Watch
from app.domain.chains import CELLFRAME
from app.domain.ports import UnavailableError
from app.domain.tracking import TxState, WatchMode
from app.services.tracking.following.poll import Poller, poll_chain
from sandbox.world import WorldConfig, WorldServer, serve_world
from sandbox.world.chains.cellframe.addresses import cellframe_address
from sandbox.world.chains.cellframe.chain import CellframeChain as Node
from tests.conftest import Skip
from tests.services.tracking.following.test_not_ready import SHOP, TIMINGS
from tests.support.followed_chain import list_notified_milestones
from tests.support.stall import ANNA, Stall


@pytest.fixture
async def world() -> AsyncIterator[WorldServer]:
    config = WorldConfig(bot_token="1:bot", cryptobot_token="1:pay", panel_key="panel")
    async with serve_world(config) as server:
        yield server


@pytest.fixture
def node(world: WorldServer) -> Node:
    return cast("Node", world.world.chains["cf"])


async def watch(stall: Stall, node: Node) -> str:
    """A transfer that was just sent; its hash."""
    sent = node.send(1001, cellframe_address("person 1002"), "1", declined=False)
    now = clock.now()
    async with stall.db.unit_of_work() as session:
        values = {"chain": "cf", "tx_hash": sent.hash}
        pending = {"state": TxState.PENDING, "first_seen_at": now, "changed_at": now}
        session.add(Transaction(**values, **pending, check_at=now))
        of_anna = {"user_id": ANNA, "chat_id": ANNA, "mode": WatchMode.EVERY, "created_at": now}
        session.add(Watch(**values, **of_anna))
    return sent.hash


def start_again(node: Node) -> None:
    """It knows no block yet, and a restart has emptied its mempool."""
    node.set_node("lagging")
    node.state.seen_tip = 1


@pytest.mark.parametrize("dialect", ["new", "old"])
async def test_what_a_node_has_forgotten_while_it_synchronises_is_not_lost(
    dialect: Literal["new", "old"], stall: Stall, world: WorldServer, node: Node, skip: Skip
) -> None:
    """P11: neither what was mined, nor what waited when it went down."""
    node.state.dialect = dialect
    chain = CellframeChain(CELLFRAME, [f"{world.url}/chains/cf"], timings=TIMINGS)
    poller = Poller(stall.db, chain)
    mined = await watch(stall, node)
    node.mine()
    await poll_chain(poller, SHOP)
    assert await list_notified_milestones(stall) == ["mined"]
    waiting = await watch(stall, node)
    await poll_chain(poller, SHOP)

    node.set_node("down")
    skip(timedelta(hours=3))
    with pytest.raises(UnavailableError):
        await poll_chain(poller, SHOP)
    start_again(node)
    kept = {hash_: node.state.transactions.pop(hash_) for hash_ in (mined, waiting)}
    for _ in range(5):
        skip(timedelta(hours=3))
        await poll_chain(poller, SHOP)
    assert await list_notified_milestones(stall) == ["mined"]

    node.state.transactions |= kept
    node.set_node("ok")
    node.mine(11)
    skip(timedelta(hours=3))
    await poll_chain(poller, SHOP)
    await chain.aclose()
    assert sorted(await list_notified_milestones(stall)) == ["final", "final", "mined"]
    rows = await stall.rows(Transaction)
    assert {row.tx_hash: row.state for row in rows} == dict.fromkeys(
        (mined, waiting), TxState.FINAL
    )
