"""Blocks that do not say whether their transactions succeeded, as all did before Byzantium."""

import pytest

from app.core import clock
from app.db.models import Transaction
from app.domain.tracking import Tracked, TxState
from app.services.tracking.following.follow import Follower, follow_chain
from app.services.tracking.following.late_indexing import find_listed_transactions
from tests.support.followed_chain import (
    KEY,
    SHOP,
    list_notified_milestones,
    watch_transactions,
)
from tests.support.model_chain import ModelChain
from tests.support.stall import ANNA, Stall


async def _pass(chain: ModelChain, follower: Follower, blocks: int = 1) -> None:
    chain.mine(blocks)
    await follow_chain(follower, SHOP)


async def _outcome(stall: Stall) -> bool | None:
    (row,) = await stall.rows(Transaction)
    return row.succeeded


@pytest.fixture
def silent(chain: ModelChain) -> None:
    for endpoint in chain.endpoints:
        endpoint.tells_outcomes = False


@pytest.mark.usefixtures("silent")
@pytest.mark.parametrize("fails", [False, True])
async def test_it_is_followed_to_its_end_which_says_that_it_is_not_recorded(
    stall: Stall, chain: ModelChain, follower: Follower, *, fails: bool
) -> None:
    await watch_transactions(stall, chain, fails=fails)
    for _ in range(10):
        await _pass(chain, follower)
    assert await list_notified_milestones(stall) == ["mined", "confirmed", "safe", "final"]
    assert {
        notification.values["unrecorded"] for notification in await stall.notifications(ANNA)
    } == {True}
    assert await _outcome(stall) is None


async def test_a_failure_whose_witness_does_not_say_is_not_reported(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    """P11: and no success either."""
    chain.endpoints[1].tells_outcomes = False
    await watch_transactions(stall, chain, fails=True)
    await _pass(chain, follower)
    assert await list_notified_milestones(stall) == ["mined"]
    assert await _outcome(stall) is None
    chain.endpoints[1].tells_outcomes = True
    for _ in range(9):
        await _pass(chain, follower)
    assert await list_notified_milestones(stall) == ["mined", "failed"]
    assert await _outcome(stall) is False


async def test_what_was_reported_of_a_block_stays_when_another_endpoint_does_not_say(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    await watch_transactions(stall, chain)
    await _pass(chain, follower)
    chain.endpoints[1].tells_outcomes = False
    chain.preferred = 1
    for _ in range(9):
        await _pass(chain, follower)
    assert await list_notified_milestones(stall) == ["mined", "confirmed", "safe", "final"]
    assert await _outcome(stall) is True


@pytest.mark.usefixtures("silent")
async def test_one_that_a_block_lists_is_mined_by_its_receipt(
    stall: Stall, chain: ModelChain
) -> None:
    """Though no lookup shows it yet."""
    tx = await watch_transactions(stall, chain)
    chain.mine()
    reader = await chain.pin()
    asked = [Tracked(KEY, tx.hash, TxState.PENDING, clock.now())]
    found = await find_listed_transactions(
        reader, asked, {}, await reader.get_blocks([chain.head.number])
    )
    node_tx = found[tx.hash].node_tx
    assert node_tx is not None
    assert node_tx.inclusion is not None
    assert (node_tx.inclusion.block_hash, node_tx.inclusion.succeeded) == (chain.head.hash, None)
