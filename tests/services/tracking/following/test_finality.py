"""Finality that stands still at one endpoint, or is unknown to it, holds nobody up."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
from pydantic import JsonValue

from app.clients.chains.evm.chain import RpcEvmChain
from app.core import clock
from app.db.models import ChainState, Transaction, Watch
from app.domain.chains import ETHEREUM
from app.domain.shop_settings import ShopSettings
from app.domain.tracking import TxState, WatchMode
from app.services.tracking.following.chain_cursor import ChainCursor
from app.services.tracking.following.finality import Finality
from app.services.tracking.following.follow import Follower, follow_chain
from tests.support.followed_chain import list_notified_milestones
from tests.support.model_chain import ModelChain, a_hash
from tests.support.rpc_proxy import JsonAnswer, JsonCall, RpcProxy, replaying
from tests.support.stall import ANNA, Stall

HEAD = 130


@pytest.fixture
def chain() -> ModelChain:
    """Its endpoints call the block final that is 6 below the head."""
    chain = ModelChain()
    chain.mine(HEAD + 1 - len(chain.blocks))
    return chain


async def find(
    chain: ModelChain,
    finality: Finality | None = None,
    *,
    known: int | None = None,
    is_awaited: bool = True,
    hashes: Mapping[int, str] | None = None,
) -> int | None:
    """As a pass does that knows these hashes; those of the whole chain, if nothing is said."""
    reader = await chain.pin()
    heads = await reader.get_heads()
    cursor = ChainCursor(0, {}, None, known, {}, is_awaited)
    if hashes is None:
        hashes = {block.number: block.hash for block in chain.blocks}
    finality = finality or Finality(chain.spec)
    return await finality.find(reader, heads.final, cursor, hashes, heads.latest.number)


async def test_one_that_stands_still_is_overtaken_by_another(chain: ModelChain) -> None:
    chain.endpoints[0].final = 94
    assert await find(chain) == HEAD - 6


@pytest.mark.parametrize("hashes", [None, {}], ids=["from the ring", "asked for"])
async def test_one_that_disagrees_counts_for_nothing(
    chain: ModelChain, hashes: Mapping[int, str] | None
) -> None:
    chain.endpoints[0].final = 94
    fork = ModelChain(forks=7)
    fork.mine(HEAD + 1 - len(fork.blocks))
    chain.endpoints[1].branch = fork.blocks
    assert await find(chain, hashes=hashes) == 94
    chain.endpoints[1].branch = None
    assert await find(chain, hashes=hashes) == HEAD - 6


@pytest.mark.parametrize("trouble", ["is_down", "is_ready", "knows_tags"])
async def test_one_that_is_no_witness_is_left_out(chain: ModelChain, trouble: str) -> None:
    chain.endpoints[0].final = 94
    setattr(chain.endpoints[1], trouble, trouble == "is_down")
    assert await find(chain) == 94


async def test_what_one_cannot_report_comes_from_another(chain: ModelChain) -> None:
    chain.endpoints[0].knows_tags = False
    assert await find(chain) == HEAD - 6
    assert await find(chain, is_awaited=False) == HEAD - 6


async def test_where_nobody_knows_it_blocks_are_counted(chain: ModelChain) -> None:
    """None says so; what was known before, by one that is gone, does not stand for ever."""
    for endpoint in chain.endpoints:
        endpoint.knows_tags = False
    assert await find(chain) is None
    assert await find(chain, known=12) == HEAD - 96 + 1
    assert await find(chain, known=50) == 50


async def test_between_two_questions_nothing_is_counted_that_another_can_report(
    chain: ModelChain,
) -> None:
    """The chain's own finality stands still, and that is no reason to count."""
    finality = Finality(chain.spec)
    chain.endpoints[0].knows_tags = False
    chain.endpoints[1].final = 20
    assert await find(chain, finality) == 20
    chain.mine()
    assert await find(chain, finality, known=20) == 20


async def test_others_are_asked_seldom_and_only_for_what_waits(chain: ModelChain) -> None:
    """In blocks: 30 s of them."""
    finality = Finality(chain.spec)
    costs = []
    for awaited in (False, True, True, True, True):
        before = chain.calls
        await find(chain, finality, is_awaited=awaited)
        costs.append(chain.calls - before - 1)  # without the pass's own
        chain.mine()
    assert costs == [0, 1, 0, 1, 0]


async def test_a_single_endpoint_is_believed_at_no_cost(chain: ModelChain) -> None:
    chain.is_single = True
    chain.endpoints[0].final = 94
    before = chain.calls
    assert await find(chain) == 94
    assert chain.calls - before == 1


async def test_nothing_above_the_head_is_final(chain: ModelChain) -> None:
    chain.endpoints[0].lag = 10
    chain.endpoints[0].final = 94
    assert await find(chain) == 94, "the other's block is not ours yet"


# --- the loop, over HTTP -------------------------------------------------------------------------

TX, SENDER = a_hash("tx"), "0x" + "a1" * 20
CASE: dict[str, Any] = {
    "endpoint 1": {"latest": 1301, "finalized": 937},
    "endpoint 2": {"latest": 1301, "finalized": 1237},
    "tx block": 1002,
}
"""sig-net/mpc#402"""


def answers(told: Mapping[str, int], branch: str = "") -> Any:  # noqa: ANN401 - a function of a call
    def answer(call: JsonCall) -> JsonAnswer:
        known: dict[str, JsonValue] = {
            "eth_chainId": "0x1",
            "eth_blockNumber": hex(told["latest"]),
            "eth_syncing": False,
            "eth_getTransactionCount": "0x1",
        }
        place: dict[str, JsonValue] = {
            "blockNumber": hex(CASE["tx block"]),
            "blockHash": a_hash("block", CASE["tx block"], ""),
            "from": SENDER,
        }
        if call["method"] == "eth_getBlockByNumber":
            tag = call["params"][0]
            number = told.get("latest" if tag == "safe" else tag) or int(tag, 16)
            return {"result": block(number, branch)}
        if call["method"] == "eth_getTransactionByHash":
            sent: dict[str, JsonValue] = {"nonce": "0x0", "value": "0x1", "gas": "0x5208"}
            return {"result": {"hash": TX, **place, **sent}}
        if call["method"] == "eth_getTransactionReceipt":
            paid = {"status": "0x1", "gasUsed": "0x5208", "effectiveGasPrice": "0x1"}
            return {"result": {"transactionHash": TX, **place, **paid}}
        return {"result": known[call["method"]]}

    return answer


def block(number: int, branch: str) -> dict[str, JsonValue]:
    return {
        "number": hex(number),
        "hash": a_hash("block", number, branch),
        "parentHash": a_hash("block", number - 1, branch),
        "timestamp": hex(1_700_000_000 + 12 * number),
        "transactions": [TX] if number == CASE["tx block"] else [],
    }


@pytest.fixture
async def endpoints() -> AsyncIterator[list[RpcProxy]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(RpcProxy.open("")) for _ in range(2)]


async def watch(stall: Stall) -> None:
    now = clock.now()
    of_tx = {"chain": "eth", "tx_hash": TX}
    async with stall.db.unit_of_work() as session:
        session.add(
            Transaction(
                **of_tx,
                state=TxState.PENDING,
                sender=SENDER,
                nonce=0,
                first_seen_at=now,
                changed_at=now,
                check_at=now + timedelta(hours=1),
            )
        )
        of_anna = {"user_id": ANNA, "chat_id": ANNA, "mode": WatchMode.EVERY}
        session.add(Watch(**of_tx, **of_anna, created_at=now))


@pytest.mark.parametrize("branch", ["", "another"], ids=["agrees", "disagrees"])
async def test_a_transaction_is_final_by_the_endpoint_whose_finality_moves(
    branch: str, stall: Stall, endpoints: list[RpcProxy]
) -> None:
    first, second = endpoints
    first.behaviour = replaying(answers(CASE["endpoint 1"]))
    second.behaviour = replaying(answers(CASE["endpoint 2"], branch))
    await watch(stall)
    chain = RpcEvmChain(ETHEREUM, [one.url for one in endpoints])
    follower = Follower(stall.db, chain)
    for _ in range(4):
        await follow_chain(follower, ShopSettings())
    await chain.aclose()
    (state,) = await stall.rows(ChainState)
    final = 937 if branch else 1237
    assert state.final_number == final
    assert await list_notified_milestones(stall) == (["safe"] if branch else ["safe", "final"])
    assert second.requests == 2, "a probe and one question"
