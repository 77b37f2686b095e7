"""A Cellframe node that synchronises, by its own word, is no witness and ends nothing."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from app.clients.chains.cellframe.chain import CellframeChain
from app.clients.chains.rpc.timings import PoolTimings
from app.core import clock
from app.db.models import ChainState, Transaction, Watch
from app.domain.chains import CELLFRAME
from app.domain.ports import UnavailableError
from app.domain.shop_settings import ShopSettings
from app.domain.tracking import TxState, WatchMode
from app.services.tracking.following.poll import Poller, poll_chain
from tests.clients.chains.cellframe.odd_node import STATUS, OddNode, envelope, errors, odd_node
from tests.conftest import Skip
from tests.support.followed_chain import list_notified_milestones
from tests.support.stall import ANNA, Stall

SHOP = ShopSettings()
TX, ATOM = "0x" + "ab" * 32, "0x" + "cd" * 32
NOT_FOUND = errors(-1, f"TX hash {TX} not found in chains and mempool")
TIMINGS = PoolTimings(probe_every=timedelta(0), pause=timedelta(milliseconds=1))


def status(current: int, in_network: int, said: str) -> bytes:
    main = {"current": current, "in network": in_network, "status": said}
    told = json.loads(json.dumps(STATUS))
    told["status"]["processed"]["main"] = main
    return envelope(told)


SYNCED = status(9, 9, "synced")
UNREADY = {"behind": status(5, 9, "synced"), "its word": status(9, 9, "sync in process")}


def accepted(confirmations: int) -> bytes:
    return envelope(
        {"status": "ACCEPTED", "hash": TX, "atom_hash": ATOM, "confirmations": confirmations}
    )


@pytest.fixture
async def node() -> AsyncIterator[OddNode]:
    async with odd_node(accepted(2)) as node:
        node.status_body = SYNCED
        yield node


@pytest.fixture
async def poller(stall: Stall, node: OddNode) -> AsyncIterator[Poller]:
    """Who watches one transaction."""
    now = clock.now()
    async with stall.db.unit_of_work() as session:
        values = {"chain": "cf", "tx_hash": TX}
        pending = {"state": TxState.PENDING, "first_seen_at": now, "changed_at": now}
        session.add(Transaction(**values, **pending, check_at=now))
        of_anna = {"user_id": ANNA, "chat_id": ANNA, "mode": WatchMode.EVERY, "created_at": now}
        session.add(Watch(**values, **of_anna))
    chain = CellframeChain(CELLFRAME, [node.url], timings=TIMINGS)
    yield Poller(stall.db, chain)
    await chain.aclose()


@pytest.mark.parametrize("unready", UNREADY)
async def test_a_node_that_synchronises_is_no_witness_and_ends_nothing(
    unready: str, stall: Stall, node: OddNode, poller: Poller, skip: Skip
) -> None:
    """P11: after a restart it knows nothing for a while, and counts what it likes."""
    await poll_chain(poller, SHOP)
    assert await list_notified_milestones(stall) == ["mined"]
    node.status_body = UNREADY[unready]
    for body in (NOT_FOUND, accepted(50), errors(-1, "no")) * 2:
        node.body = body
        skip(timedelta(hours=3))
        try:
            await poll_chain(poller, SHOP)
        except UnavailableError:
            assert body == errors(-1, "no")
    assert await list_notified_milestones(stall) == ["mined"]
    (chain,) = await stall.rows(ChainState, ChainState.chain == "cf")
    assert chain.failing_since is not None, "who waits in vain is not told so meanwhile"
    node.body = NOT_FOUND
    with pytest.raises(UnavailableError):
        await poller.chain.find(TX)
    node.status_body, node.body = SYNCED, accepted(50)
    skip(timedelta(hours=3))
    await poll_chain(poller, SHOP)
    assert await list_notified_milestones(stall) == ["mined", "final"]


async def test_a_count_below_nothing_is_no_count(
    stall: Stall, node: OddNode, poller: Poller
) -> None:
    """It subtracts without a sign: 2^64 - 1 is not final."""
    node.body = accepted(18446744073709551615)
    await poll_chain(poller, SHOP)
    assert await list_notified_milestones(stall) == ["mined"]
    (row,) = await stall.rows(Transaction)
    assert row.confirmations is None
