"""Three real nodes over HTTP, the preferred one behind a proxy that refuses a single thing."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing
from datetime import timedelta
from functools import partial

import pytest

from app.clients.chains.evm.chain import RpcEvmChain
from app.db.models import ChainState
from app.domain.chains import ETHEREUM
from app.services.tracking.following.follow import Follower, follow_chain
from tests.conftest import Skip
from tests.services.tracking.following.test_real_answers import QUICK, SHOP, add
from tests.support.anvil import Anvil, mine_all, open_anvil, send_to_all
from tests.support.followed_chain import list_notified_milestones
from tests.support.rpc_proxy import JsonCall, RpcProxy, passing, refusing_calls
from tests.support.stall import Stall

LOOKUP, RECEIPT = "eth_getTransactionByHash", "eth_getTransactionReceipt"
BLOCK = "eth_getBlockByNumber"
TO_FINAL = 9  # with 4 slots an epoch; a node on a busy machine may answer late

Matches = Callable[[JsonCall, str], bool]

# Which calls are refused, of which one knows the hash that is followed; and how.
REFUSALS: dict[str, tuple[Matches, int, str]] = {
    "a method": (lambda one, _: one["method"] == RECEIPT, -32601, "method not found"),
    "a lookup": (lambda one, _: one["method"] == LOOKUP, -32001, "resource not found"),
    "an item": (lambda one, tx: one["params"][:1] == [tx], -32603, "internal error"),
    "an item's receipt": (lambda one, tx: _is(one, RECEIPT, tx), -32000, "header not found"),
    "a tag": (lambda one, _: _is(one, BLOCK, "finalized"), -32602, "invalid argument"),
    "another tag": (lambda one, _: _is(one, BLOCK, "safe"), -39001, "unknown block"),
}


def _is(call: JsonCall, method: str, first: str) -> bool:
    return bool(call["method"] == method and call["params"][0] == first)


def _fits(matches: Matches, tx_hash: str, call: JsonCall) -> bool:
    return matches(call, tx_hash)


@pytest.fixture
async def nodes() -> AsyncIterator[list[Anvil]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(open_anvil(chain_id=1)) for _ in range(3)]


async def test_what_one_of_three_refuses_keeps_nothing_from_being_final(
    stall: Stall, nodes: list[Anvil], skip: Skip
) -> None:
    """P11: each milestone once; the endpoint stays in use for all that it does answer."""
    sender = nodes[0].accounts[0]
    async with RpcProxy.open(nodes[0].url) as proxy:
        for nonce, (name, (matches, code, message)) in enumerate(REFUSALS.items()):
            proxy.behaviour = passing
            endpoints = (proxy.url, nodes[1].url, nodes[2].url)
            async with aclosing(RpcEvmChain(ETHEREUM, endpoints, timings=QUICK)) as chain:
                follower = Follower(stall.db, chain)
                await follow_chain(follower, SHOP)
                tx_hash = await send_to_all(nodes, await nodes[0].sign(nonce=nonce))
                await add(stall, tx_hash, sender, nonce)
                before = len(await list_notified_milestones(stall))
                proxy.behaviour = refusing_calls(partial(_fits, matches, tx_hash), code, message)
                reported: list[str] = []
                for _ in range(2 * TO_FINAL):
                    head = await mine_all(nodes)
                    skip(timedelta(seconds=16))
                    await follow_chain(follower, SHOP)
                    reported = (await list_notified_milestones(stall))[before:]
                    if reported[-1:] == ["final"]:
                        break
                assert reported == ["mined", "safe", "final"], name
                assert [one.state for one in chain.list_endpoints()] == ["ok"] * 3, name
                (state,) = await stall.rows(ChainState)
                assert (state.head_number, state.failing_since) == (head, None), name
