"""The nodes speak JSON-RPC as real ones do: shapes, batches, tags and errors."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.sandbox.world.chains.node import ChainControl, Node

_QUANTITY = re.compile(r"0x(0|[1-9a-f][0-9a-f]*)")
_HASH = re.compile(r"0x[0-9a-f]{64}")
_UNKNOWN = "0x" + "ab" * 32
_TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"


def _are_quantities(shape: dict[str, Any], *names: str) -> bool:
    return all(_QUANTITY.fullmatch(shape[name]) for name in names)


def _are_hashes(shape: dict[str, Any], *names: str) -> bool:
    return all(_HASH.fullmatch(shape[name]) for name in names)


@pytest.mark.parametrize(("key", "chain_id"), [("eth", 1), ("bsc", 56)])
async def test_both_nodes_of_a_chain_say_its_id(
    http: httpx.AsyncClient, key: str, chain_id: int
) -> None:
    for endpoint in (1, 2):
        node = Node(http, f"/chains/{key}/{endpoint}")
        assert await node("eth_chainId") == hex(chain_id)
        assert await node("net_version") == str(chain_id)
        assert "Geth" in await node("web3_clientVersion")


async def test_a_block_has_the_fields_of_the_specification(node: Node) -> None:
    block = await node.block()
    numbers = ("number", "gasUsed", "gasLimit", "timestamp", "baseFeePerGas", "size")
    assert _are_quantities(block, *numbers)
    roots = ("stateRoot", "transactionsRoot", "receiptsRoot", "mixHash", "withdrawalsRoot")
    assert _are_hashes(block, "hash", "parentHash", "sha3Uncles", *roots)
    assert len(block["logsBloom"]) == 2 + 512
    assert block["transactions"]
    assert all(_HASH.fullmatch(one) for one in block["transactions"])


async def test_a_full_block_holds_transactions_in_its_order(node: Node) -> None:
    short, full = await node.block(), await node.block(full=True)
    assert [one["hash"] for one in full["transactions"]] == short["transactions"]
    places = [one["transactionIndex"] for one in full["transactions"]]
    assert places == [hex(place) for place in range(len(places))]
    assert {one["blockHash"] for one in full["transactions"]} == {full["hash"]}


async def test_blocks_hang_together_and_are_found_by_hash(
    http: httpx.AsyncClient, either: str
) -> None:
    node = Node(http, f"/chains/{either}/1")
    head = await node.head()
    for number in range(head - 20, head):
        block, child = await node.block(number), await node.block(number + 1)
        assert child["parentHash"] == block["hash"]
        assert int(child["timestamp"], 16) >= int(block["timestamp"], 16)
        assert await node.block_by_hash(block["hash"]) == block


@pytest.mark.parametrize(("key", "epoch", "safe", "final"), [("eth", 3, 6, 12), ("bsc", 1, 2, 3)])
async def test_tags_stand_where_finality_is(
    http: httpx.AsyncClient, key: str, epoch: int, safe: int, final: int
) -> None:
    node = Node(http, f"/chains/{key}/1")
    head = await node.head()
    tags = ("latest", "safe", "finalized", "pending")
    numbers = [int((await node.block(tag))["number"], 16) for tag in tags]
    ended = head - head % epoch
    assert numbers == [head, ended - safe, ended - final, head + 1]
    earliest = await node.block("earliest")
    assert int(earliest["number"], 16) <= head - 70
    assert (await node.block("pending"))["hash"] is None


async def test_what_nobody_knows_is_null(node: Node) -> None:
    head = await node.head()
    assert await node.block(head + 1) is None
    assert await node.block(5) is None
    for method in ("eth_getTransactionByHash", "eth_getTransactionReceipt"):
        assert await node(method, _UNKNOWN) is None
    assert await node.block_by_hash(_UNKNOWN) is None
    assert await node("eth_getBlockReceipts", hex(head + 1)) is None


async def test_a_pending_transaction_has_no_block_and_no_receipt(
    node: Node, eth: ChainControl
) -> None:
    tx_hash = await eth.send(person_id=1001, value="0.25")
    found = await node.transaction(tx_hash)
    assert (found["blockHash"], found["blockNumber"], found["transactionIndex"]) == (None,) * 3
    assert int(found["value"], 16) == 25 * 10**16
    assert found["gasPrice"] == found["maxFeePerGas"]
    numbers = ("nonce", "gas", "gasPrice", "maxPriorityFeePerGas", "value", "chainId", "type")
    assert _are_quantities(found, *numbers)
    assert await node.receipt(tx_hash) is None
    assert tx_hash in (await node.block("pending"))["transactions"]
    assert (await eth.view())["pending"] == 1


async def test_a_mined_transaction_has_a_receipt(node: Node, eth: ChainControl) -> None:
    tx_hash = await eth.send(tip_gwei=2)
    await eth.mine()
    receipt, block = await node.receipt(tx_hash), await node.block()
    assert (receipt["status"], receipt["logs"]) == ("0x1", [])
    assert (receipt["blockHash"], receipt["blockNumber"]) == (block["hash"], block["number"])
    assert block["transactions"][int(receipt["transactionIndex"], 16)] == tx_hash
    paid = int(block["baseFeePerGas"], 16) + 2 * 10**9
    assert int(receipt["effectiveGasPrice"], 16) == paid
    assert receipt["gasUsed"] == hex(21_000)
    found = await node.transaction(tx_hash)
    assert (found["blockHash"], int(found["gasPrice"], 16)) == (block["hash"], paid)


async def test_a_failed_transaction_says_so_and_moves_nothing(
    node: Node, eth: ChainControl
) -> None:
    tx_hash = await eth.send(token="USDT", value="10", fails=True)
    await eth.mine()
    receipt = await node.receipt(tx_hash)
    assert (receipt["status"], receipt["logs"]) == ("0x0", [])
    assert int(receipt["gasUsed"], 16) > 21_000
    assert (await eth.shown(tx_hash))["status"] == "failed"


@pytest.mark.parametrize(
    ("key", "symbol", "units"),
    [("eth", "USDT", 10**6), ("bsc", "USDT", 10**18), ("eth", "CELL", 10**18)],
)
async def test_a_token_transfer_leaves_a_log(
    http: httpx.AsyncClient,
    control_of: Callable[[str], ChainControl],
    key: str,
    symbol: str,
    units: int,
) -> None:
    node, chain = Node(http, f"/chains/{key}/1"), control_of(key)
    tx_hash = await chain.send(person_id=1001, token=symbol, value="12.5")
    await chain.mine()
    receipt, shown = await node.receipt(tx_hash), await chain.shown(tx_hash)
    (log,) = receipt["logs"]
    people = [address.removeprefix("0x") for address in (shown["from"], shown["to"])]
    assert log["topics"] == [_TRANSFER, *("0x" + one.rjust(64, "0") for one in people)]
    assert int(log["data"], 16) == 125 * units // 10
    assert (log["address"], log["removed"]) == (receipt["to"], False)
    assert shown["token"] == {"symbol": symbol, "amount": "12.5"}
    assert (await node.transaction(tx_hash))["input"].startswith("0xa9059cbb")


async def test_a_block_s_receipts_are_those_of_its_transactions(node: Node) -> None:
    block = await node.block(full=True)
    receipts = await node("eth_getBlockReceipts", "latest")
    assert [one["transactionHash"] for one in receipts] == [
        one["hash"] for one in block["transactions"]
    ]
    assert receipts == await node("eth_getBlockReceipts", block["hash"])
    assert receipts[-1]["cumulativeGasUsed"] == block["gasUsed"]
    assert receipts[0] == await node.receipt(block["transactions"][0]["hash"])
    logs = [log for receipt in receipts for log in receipt["logs"]]
    assert [log["logIndex"] for log in logs] == [hex(place) for place in range(len(logs))]


async def test_a_batch_is_answered_in_order_with_its_ids(node: Node) -> None:
    answers = await node.batch(
        ("eth_chainId", []), ("eth_nothing", []), ("eth_getBlockByNumber", ["latest", False])
    )
    assert [one["id"] for one in answers] == [0, 1, 2]
    assert (answers[0]["result"], answers[1]["error"]["code"]) == ("0x1", -32601)
    assert answers[2]["result"]["number"] == await node("eth_blockNumber")


async def test_a_batch_has_a_limit_that_the_page_can_lower(node: Node, eth: ChainControl) -> None:
    call: tuple[str, list[Any]] = ("eth_chainId", [])
    assert len(await node.batch(*[call] * 100)) == 100
    too_many = {"code": -32000, "message": "batch limit 100 exceeded"}
    body = [{"jsonrpc": "2.0", "id": 1, "method": "eth_chainId"}] * 101
    assert (await node.post(body)).json()["error"] == too_many
    await eth.patch("/endpoints/1", batch_limit=3)
    assert (await node.post(body[:4])).json()["error"]["message"] == "batch limit 3 exceeded"
    assert len((await node.post(body[:3])).json()) == 3


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", -32700),
        (b"{", -32700),
        (b'"eth_chainId"', -32700),
        (b"[" * 100_000, -32700),
        (b"[]", -32600),
        (b"{}", -32600),
        (b'{"jsonrpc":"2.0","id":{},"method":"eth_chainId"}', -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":{}}', -32602),
    ],
)
async def test_what_is_no_request_gets_its_error_code(node: Node, body: bytes, code: int) -> None:
    answer = await node.http.post(node.path, content=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (200, code)


async def test_a_notification_is_not_answered(node: Node) -> None:
    answer = await node.post({"jsonrpc": "2.0", "method": "eth_chainId"})
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("eth_mine", [], -32601),
        ("eth_getBlockByNumber", [], -32602),
        ("eth_getBlockByNumber", ["newest", False], -32602),
        ("eth_getBlockByNumber", ["0x01", False], -32602),
        ("eth_getBlockByNumber", ["0x" + "f" * 17, False], -32602),
        ("eth_getBlockByNumber", ["latest", "yes"], -32602),
        ("eth_getBlockByNumber", ["latest", False, 1], -32602),
        ("eth_getBlockByHash", ["0x12", False], -32602),
        ("eth_getTransactionByHash", ["0x12"], -32602),
        ("eth_getTransactionReceipt", [7], -32602),
        ("eth_getTransactionCount", ["0x12", "latest"], -32602),
        ("eth_getTransactionCount", ["0x" + "1" * 40, "0x1"], -32000),
        ("eth_getLogs", ["latest"], -32602),
        ("eth_getLogs", [{"fromBlock": "0x2", "toBlock": "0x1"}], -32602),
        ("eth_getLogs", [{"topics": [[]] * 5}], -32602),
        ("eth_getLogs", [{"address": "0x1"}], -32602),
        ("eth_getLogs", [{"blockHash": _UNKNOWN}], -32000),
        ("eth_feeHistory", ["0x1", "latest", [60, 50]], -32602),
        ("eth_feeHistory", ["0x1", "latest", [101]], -32602),
        ("eth_feeHistory", ["0x1", "0xfffffffff", []], -32000),
    ],
)
async def test_a_call_that_cannot_be_answered_has_the_code_of_its_cause(
    node: Node, method: str, params: list[Any], code: int
) -> None:
    assert await node.error(method, *params) == code


async def test_fees_of_the_past_and_of_the_next_block(node: Node, eth: ChainControl) -> None:
    await eth.patch(base_fee_gwei=30)
    await eth.mine(3)
    await eth.patch(base_fee_gwei=45.5)
    history = await node("eth_feeHistory", "0xa", "latest", [10, 50, 90])
    head = await node.head()
    assert history["oldestBlock"] == hex(head - 9)
    fees = [int(fee, 16) for fee in history["baseFeePerGas"]]
    assert len(fees) == 11
    assert fees[-4:] == pytest.approx([30 * 10**9] * 3 + [45_500_000_000], rel=0.1)
    assert len(history["gasUsedRatio"]) == 10
    assert all(0 < ratio < 1 for ratio in history["gasUsedRatio"])
    rewards = [[int(one, 16) for one in block] for block in history["reward"]]
    assert {len(block) for block in rewards} == {3}
    assert all(block == sorted(block) and block[0] > 0 for block in rewards)
    assert int(await node("eth_gasPrice"), 16) > 0.9 * 45_500_000_000
    assert "reward" not in await node("eth_feeHistory", 2, "latest", [])


async def test_a_fee_history_is_no_longer_than_the_chain(node: Node) -> None:
    history = await node("eth_feeHistory", "0x400", "latest", [50])
    count = await node.head() - int(history["oldestBlock"], 16) + 1
    assert len(history["reward"]) == count == len(history["baseFeePerGas"]) - 1


async def test_bsc_has_no_base_fee_but_a_price(http: httpx.AsyncClient) -> None:
    node = Node(http, "/chains/bsc/1")
    history = await node("eth_feeHistory", "0x4", "latest", [50])
    assert set(history["baseFeePerGas"]) == {"0x0"}
    assert (await node.block())["baseFeePerGas"] == "0x0"
    assert int(await node("eth_gasPrice"), 16) > 0
