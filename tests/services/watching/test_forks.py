"""An endpoint on a branch of its own: not believed, and nobody waits for it to come back."""

import pytest

from app.core import clock
from app.db.models import ChainState, Transaction, Watch
from app.domain.shop import ShopSettings
from app.domain.watching import TxState, WatchMode
from app.services.watching.follow import Follower, follow
from tests.support.model_chain import ModelBlock, ModelChain, ModelTx, a_hash, quick_spec
from tests.support.stall import ANNA, Stall

SHOP = ShopSettings()
KEY = "m"


@pytest.fixture
def chain() -> ModelChain:
    return ModelChain(quick_spec(KEY))


@pytest.fixture
async def follower(stall: Stall, chain: ModelChain) -> Follower:
    follower = Follower(stall.db, chain)
    await follow(follower, SHOP)
    return follower


async def _watch(stall: Stall, chain: ModelChain, count: int = 1) -> ModelTx:
    """So many, all in the pool; the first of them."""
    txs = [ModelTx(a_hash("tx", n), f"0x{n:040x}", 0) for n in range(count)]
    now = clock.now()
    async with stall.db.unit_of_work() as session:
        for tx in txs:
            chain.send(tx)
            session.add(
                Transaction(
                    chain=KEY,
                    tx_hash=tx.hash,
                    state=TxState.PENDING,
                    first_seen_at=now,
                    changed_at=now,
                    check_at=now,
                )
            )
            session.add(
                Watch(
                    user_id=ANNA,
                    chat_id=ANNA,
                    chain=KEY,
                    tx_hash=tx.hash,
                    mode=WatchMode.EVERY,
                    created_at=now,
                )
            )
    return txs[0]


def _fork(chain: ModelChain, depth: int, blocks: int, *txs: ModelTx) -> list[ModelBlock]:
    """Another branch from `depth` blocks below the head, so many blocks long."""
    other = ModelChain(chain.spec, blocks=chain.blocks[:-depth])
    other.blocks = chain.blocks[:-depth]
    other.forks = 77
    other.pool = list(txs)
    other.mine(blocks)
    return other.blocks


async def _told(stall: Stall) -> list[str]:
    return [letter.template.removeprefix("watch-") for letter in await stall.letters(ANNA)]


async def test_the_chain_goes_on_with_an_endpoint_that_is_still_on_ours(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    """P11, acceptance 4."""
    tx = await _watch(stall, chain)
    chain.mine(4)
    await follow(follower, SHOP)
    branch = _fork(chain, 3, 3)
    for _ in range(3):
        branch = [*branch, *_extend(chain, branch)]
        chain.endpoints[0].branch = branch
        chain.mine()
        await follow(follower, SHOP)
    (state,) = await stall.rows(ChainState)
    assert state.head_hash == chain.head.hash
    assert await _told(stall) == ["safe", "final"]
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
    """P11, acceptance 4: where blocks are jumped over, receipts alone tell."""
    tx = await _watch(stall, chain)
    chain.mine()
    await follow(follower, SHOP)
    chain.endpoints[0].branch = _fork(chain, 1, 4, tx)
    chain.mine(3)
    await follow(follower, SHOP)
    assert await _told(stall) == ["mined"]
    (row,) = await stall.rows(Transaction)
    assert row.block_hash == chain.blocks[row.block_number or 0].hash
