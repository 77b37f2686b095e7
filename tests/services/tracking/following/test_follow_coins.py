"""A chain is followed for coins that come to bound addresses: none skipped, none sent twice."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from app.db.models import ChainState, Watch
from app.domain.addresses import detect_address
from app.domain.shop_settings import ShopSettings
from app.services.tracking.following.follow import Follower, follow_chain
from app.services.tracking.wallet import addresses
from tests.support.followed_chain import KEY, watch_transactions
from tests.support.model_chain import ModelChain, ModelTx, a_hash
from tests.support.stall import ANNA, Stall

MINE = "0x" + "a1" * 20
SHOP = ShopSettings(tokens=(), coins_from={KEY: Decimal("0.001")})
ETHER = 10**18


@pytest.fixture(autouse=True)
async def bound(stall: Stall) -> None:
    await addresses.bind_address(stall.db, ANNA, detect_address(MINE), None, ShopSettings())


@pytest.fixture
async def follower(stall: Stall, chain: ModelChain) -> Follower:
    """Give the product, having read all blocks so far."""
    follower = Follower(stall.db, chain)
    await _catch_up(follower)
    chain.read_in_full.clear()
    return follower


def _coins(number: int) -> ModelTx:
    return ModelTx(a_hash("coins", number), f"0x{number:040x}", 0, to=MINE, value=ETHER)


async def _pass(follower: Follower) -> Mapping[str, int]:
    return await follow_chain(follower, SHOP)


async def _catch_up(follower: Follower) -> int:
    """How many passes it took."""
    passes = 1
    while (await _pass(follower))["more"]:
        passes += 1
    return passes


async def _told(stall: Stall) -> list[str]:
    rows = await stall.rows(Watch, Watch.about["kind"].astext == "incoming")
    return [row.tx_hash for row in sorted(rows, key=lambda row: row.id)]


async def test_coins_in_a_new_block_cost_one_call_and_their_receipt_one_more(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    """P11: and without a new block nothing is asked."""
    costs = []
    for number in range(3):
        if number == 1:
            chain.send(_coins(1))
        chain.mine()
        before = chain.calls
        await _pass(follower)
        costs.append(chain.calls - before)
    assert costs[0] == 2, "the heads and the block"
    assert costs[1] == 3
    assert await _told(stall) == [_coins(1).hash]
    before = chain.calls
    await _pass(follower)
    assert len(chain.read_in_full) == 3
    assert await _told(stall) == [_coins(1).hash]


async def test_coins_of_a_block_that_does_not_say_whether_they_moved_are_not_reported(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    """As before Byzantium: unknown is not arrived."""
    chain.endpoints[0].tells_outcomes = False
    chain.send(_coins(1))
    chain.mine()
    await _catch_up(follower)
    assert await _told(stall) == []
    chain.endpoints[0].tells_outcomes = True
    chain.send(_coins(2))
    chain.mine()
    await _catch_up(follower)
    assert _coins(2).hash in await _told(stall)


async def test_what_came_while_nobody_looked_is_reported_once_whatever_breaks_off(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    """P11: hundreds of blocks are read in portions, and a portion that fails is read again."""
    expected = []
    for number in range(1, 21):
        chain.send(_coins(number))
        chain.mine(5)
        expected.append(_coins(number).hash)
    head = chain.head.number
    chain.endpoints = [replace(chain.endpoints[0], dies_after=9)]
    await _catch_up(follower)
    assert 0 < len(await _told(stall)) < len(expected)
    chain.endpoints = [replace(chain.endpoints[0], dies_after=None)]
    assert await _catch_up(follower) > 3
    assert await _told(stall) == expected
    assert {*range(4, head + 1)} <= {*chain.read_in_full}
    (state,) = await stall.rows(ChainState, ChainState.chain == KEY)
    assert (state.coins_number, state.logs_number) == (head, head)


@pytest.mark.parametrize("watched", [0, 30], ids=["jumping over blocks", "reading all blocks"])
@pytest.mark.parametrize("depth", [1, 2, 5])
async def test_coins_in_a_block_that_another_took_the_place_of_are_reported(
    stall: Stall, chain: ModelChain, follower: Follower, watched: int, depth: int
) -> None:
    """P11: what a reorganisation brings is reported, and what it moves is not again."""
    await watch_transactions(stall, chain, watched) if watched else None
    chain.pool = []
    chain.mine(2)
    chain.send(_coins(1))
    chain.mine(5)
    await _catch_up(follower)
    chain.pool += chain.reorg(depth)
    chain.send(_coins(2))
    chain.mine(depth + 2)
    await _catch_up(follower)
    assert await _told(stall) == [_coins(1).hash, _coins(2).hash]


async def test_one_that_moved_to_another_block_is_reported_once(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    """P11."""
    chain.send(_coins(1))
    chain.mine()
    await _catch_up(follower)
    gone = chain.reorg(1)
    chain.mine(1)
    chain.pool += gone
    chain.mine(2)
    await _catch_up(follower)
    assert await _told(stall) == [_coins(1).hash]
