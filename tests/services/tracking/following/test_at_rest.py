"""What a pass costs while nothing is watched on its chain, and what then is not missed."""

import pytest
from sqlalchemy import event

from app.core.round_counts import AT_REST
from app.db.models import ChainState
from app.domain.addresses import detect_address
from app.domain.shop_settings import ShopSettings
from app.services.tracking.following.follow import Follower, follow_chain
from app.services.tracking.wallet.addresses import bind_address
from tests.support.followed_chain import KEY, SHOP, watch_transactions
from tests.support.model_chain import ModelChain
from tests.support.plans import record
from tests.support.stall import ANNA, Stall

ADDRESS = "0x" + "a1" * 20


@pytest.mark.parametrize("blocks", [0, 1, 30])
async def test_a_pass_of_a_chain_at_rest_is_seven_statements_in_one_transaction(
    stall: Stall, chain: ModelChain, follower: Follower, blocks: int
) -> None:
    await follow_chain(follower, SHOP)
    chain.mine(blocks)
    begun: list[object] = []
    event.listen(stall.db.engine.sync_engine, "commit", begun.append)
    statements = record(stall)

    counts = await follow_chain(follower, SHOP)

    assert counts[AT_REST] == 1
    # Where it stands, its blocks, what is due; the claim, the blocks before, the new one, the head.
    assert len(statements) == (7 if blocks else 5)
    assert len(begun) == 1


async def test_it_is_followed_at_its_pace_while_something_is_watched_or_awaited(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    assert AT_REST in await follow_chain(follower, SHOP)
    await watch_transactions(stall, chain)
    assert AT_REST not in await follow_chain(follower, SHOP)
    chain.mine(2000)
    await follow_chain(follower, SHOP)
    assert AT_REST in await follow_chain(follower, SHOP)
    await bind_address(stall.db, ANNA, detect_address(ADDRESS), None, ShopSettings())
    assert AT_REST not in await follow_chain(follower, SHOP)


async def test_blocks_count_as_read_for_transfers_while_nobody_waits_for_any(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    await follow_chain(follower, SHOP)
    chain.mine(50)
    await follow_chain(follower, SHOP)
    (state,) = await stall.rows(ChainState, ChainState.chain == KEY)
    assert state.logs_number == state.coins_number == state.head_number
