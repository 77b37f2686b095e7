"""An endpoint on a branch of its own: not believed, and nobody waits for it to come back."""

from app.db.models import ChainState, Transaction
from app.domain.tracking import TxState
from app.services.tracking.following.follow import Follower, follow_chain
from tests.support.followed_chain import SHOP, list_notified_milestones, watch_transactions
from tests.support.model_chain import ModelBlock, ModelChain, ModelTx
from tests.support.stall import Stall


def _fork(chain: ModelChain, depth: int, blocks: int, *txs: ModelTx) -> list[ModelBlock]:
    """Another branch from `depth` blocks below the head, so many blocks long."""
    other = ModelChain(chain.spec, blocks=chain.blocks[:-depth])
    other.blocks = chain.blocks[:-depth]
    other.forks = 77
    other.pool = list(txs)
    other.mine(blocks)
    return other.blocks


async def test_the_chain_goes_on_with_an_endpoint_that_is_still_on_ours(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    """P11, acceptance 4."""
    tx = await watch_transactions(stall, chain)
    chain.mine(4)
    await follow_chain(follower, SHOP)
    branch = _fork(chain, 3, 3)
    for _ in range(3):
        branch = [*branch, *_extend(chain, branch)]
        chain.endpoints[0].branch = branch
        chain.mine()
        await follow_chain(follower, SHOP)
    (state,) = await stall.rows(ChainState)
    assert state.head_hash == chain.head.hash
    assert await list_notified_milestones(stall) == ["safe", "final"]
    (row,) = await stall.rows(Transaction, Transaction.tx_hash == tx.hash)
    assert row.state is TxState.FINAL


def _extend(chain: ModelChain, branch: list[ModelBlock]) -> list[ModelBlock]:
    other = ModelChain(chain.spec)
    other.blocks, other.forks = list(branch), 77
    other.mine()
    return other.blocks[-1:]


async def test_another_block_of_an_included_one_needs_two_witnesses(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    """P11, acceptance 4: where blocks are jumped over, receipts alone show it."""
    tx = await watch_transactions(stall, chain)
    chain.mine()
    await follow_chain(follower, SHOP)
    chain.endpoints[0].branch = _fork(chain, 1, 4, tx)
    chain.mine(3)
    await follow_chain(follower, SHOP)
    assert await list_notified_milestones(stall) == ["mined"]
    (row,) = await stall.rows(Transaction)
    assert row.block_hash == chain.blocks[row.block_number or 0].hash
