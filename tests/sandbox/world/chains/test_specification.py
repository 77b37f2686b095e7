"""The sandbox's nodes beside the cases of the Ethereum JSON-RPC specification, key by key."""

import re
from itertools import pairwise
from typing import Any

import pytest

from tests.sandbox.world.chains.node import ChainControl, Json, Node
from tests.support.execution_apis import SpecCase, get_spec_case, list_spec_cases

_TYPES = {
    "get-legacy-tx": 0,
    "get-access-list": 1,
    "get-dynamic-fee": 2,
    "get-blob-tx": 3,
    "get-setcode-tx": 4,
}
# What these ask for lies above the specification's own chain, and below ours.
_OF_A_YOUNGER_CHAIN = {"eth_getLogs/filter-error-future-block-range"}
_TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"


def shape(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Its keys, and what kind of hex string each leaf is: of even or of any length."""
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    if isinstance(value, str) and re.fullmatch("0x[0-9a-f]{64}", value):
        return "32 bytes"
    return "hex" if isinstance(value, str) and re.fullmatch("0x[0-9a-f]*", value) else value


async def mined(node: Node, eth: ChainControl, **what: object) -> tuple[Json, Json]:
    """The transaction and its receipt."""
    tx_hash = await eth.send(**what)
    await eth.mine()
    return await node.transaction(tx_hash), await node.receipt(tx_hash)


@pytest.mark.parametrize(("case", "type_"), _TYPES.items())
async def test_each_type_of_transaction_has_its_own_keys(
    node: Node, eth: ChainControl, case: str, type_: int
) -> None:
    transaction, receipt = await mined(node, eth, type=type_)
    wanted = get_spec_case(f"eth_getTransactionByHash/{case}").response["result"]
    assert transaction.keys() == wanted.keys()
    assert transaction["type"] == hex(type_)
    lists = ("accessList", "authorizationList", "blobVersionedHashes")
    for name in set(lists[1:]) & wanted.keys():
        assert shape(transaction[name]) == shape(wanted[name]), name
    named = "get-dynamic-fee" if type_ == 0 else case  # before Byzantium receipts had a root
    wanted = get_spec_case(f"eth_getTransactionReceipt/{named}").response["result"]
    assert receipt.keys() == wanted.keys()


@pytest.mark.parametrize("tag", ["latest", "safe", "finalized"])
async def test_a_block_has_the_keys_of_the_newest_fork(node: Node, tag: str) -> None:
    wanted = get_spec_case(f"eth_getBlockByNumber/get-{tag}").response["result"]
    assert (await node.block(tag)).keys() == wanted.keys()


async def test_logs_have_the_keys_of_the_specification(node: Node, eth: ChainControl) -> None:
    _, receipt = await mined(node, eth, token="USDT", value="5")
    (wanted, *_) = get_spec_case("eth_getLogs/contract-addr").response["result"]
    (log,) = receipt["logs"]
    assert log.keys() == wanted.keys()


@pytest.mark.parametrize(
    "case",
    [
        one
        for one in list_spec_cases()
        if one.response.get("result") is None and one.name not in _OF_A_YOUNGER_CHAIN
    ],
    ids=lambda case: case.name,
)
async def test_what_the_specification_refuses_or_does_not_find_is_so_here(
    node: Node, case: SpecCase
) -> None:
    answer = await node.answer(case.method, *case.params)
    assert answer.get("error") == case.response.get("error")
    assert answer.get("result") == case.response.get("result")


async def test_a_creation_names_its_contract(node: Node, eth: ChainControl) -> None:
    transaction, receipt = await mined(node, eth, kind="creation")
    assert (transaction["to"], receipt["to"], receipt["logs"]) == (None, None, [])
    assert re.fullmatch("0x[0-9a-f]{40}", receipt["contractAddress"])


async def test_a_swap_moves_two_tokens_and_an_nft_has_four_topics(
    node: Node, eth: ChainControl
) -> None:
    _, swap = await mined(node, eth, kind="swap", token="USDT", value="5")
    first, second = swap["logs"]
    assert first["address"] != second["address"]
    assert int(second["logIndex"], 16) == int(first["logIndex"], 16) + 1
    _, nft = await mined(node, eth, kind="nft")
    (log,) = nft["logs"]
    assert (log["topics"][0], len(log["topics"]), log["data"]) == (_TRANSFER, 4, "0x")


async def test_the_base_fee_moves_by_less_than_an_eighth(node: Node, eth: ChainControl) -> None:
    await eth.mine(20)
    history = await node("eth_feeHistory", "0x14", "latest", [])
    fees = [int(fee, 16) for fee in history["baseFeePerGas"]]
    assert len(set(fees)) > 3
    assert all(abs(after - before) * 8 <= before for before, after in pairwise(fees))


async def test_epochs_become_safe_and_final_at_once(node: Node, eth: ChainControl) -> None:
    finals = set()
    for _ in range(9):
        await eth.mine()
        finals.add(int((await node.block("finalized"))["number"], 16))
    assert {after - before for before, after in pairwise(sorted(finals))} == {3}
