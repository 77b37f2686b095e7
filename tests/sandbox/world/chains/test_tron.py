"""TRON's JSON-RPC and HTTP API: one ledger behind both, with what java-tron does differently."""

from typing import Any

import httpx
import pytest

from sandbox.world.chains.addresses import addresses_of, evm_address
from sandbox.world.chains.tron.addresses import from_base58check
from sandbox.world.chains.tron.spec import USDT
from tests.sandbox.world.chains.node import ChainControl, Node

ANNA, BEN = 1001, 1002
TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
INVALID_PARAMS, NO_METHOD = -32602, -32601


@pytest.fixture
def node(http: httpx.AsyncClient) -> Node:
    return Node(http, "/chains/tron/1/jsonrpc")


async def ask_wallet(http: httpx.AsyncClient, method: str, **fields: object) -> Any:  # noqa: ANN401 - each method has its own
    answer = await http.post(f"/chains/tron/1/{method}", json=fields)
    return answer.raise_for_status().json()


async def get_logs(node: Node, first: int, last: int) -> list[dict[str, Any]]:
    recipient = from_base58check(addresses_of(BEN)["tron"])[2:].rjust(64, "0")
    wanted = {
        "fromBlock": hex(first),
        "toBlock": hex(last),
        "address": [USDT],
        "topics": [TRANSFER, None, [f"0x{recipient}"]],
    }
    found: list[dict[str, Any]] = await node("eth_getLogs", wanted)
    return found


async def test_a_transfer_is_the_same_in_both_apis_and_solid_nineteen_blocks_later(
    http: httpx.AsyncClient, node: Node, tron: ChainControl
) -> None:
    tx_hash = await tron.send(value="24.9937", token="USDT", person_id=ANNA)
    assert await node.transaction(tx_hash) is None
    pending = await ask_wallet(http, "wallet/gettransactionfrompending", value=tx_hash[2:])
    raw = pending["raw_data"]
    assert raw["expiration"] - raw["timestamp"] == 60_000

    await tron.mine()
    receipt = await node.receipt(tx_hash)
    number = int(receipt["blockNumber"], 16)
    assert receipt["status"] == "0x1"
    assert receipt["blockHash"].startswith(f"0x{number:016x}")
    [log] = await get_logs(node, number, number)
    assert (log["transactionHash"], int(log["data"], 16)) == (tx_hash, 24_993_700)
    assert receipt["logs"] == [log]
    info = await ask_wallet(http, "wallet/gettransactioninfobyid", value=tx_hash[2:])
    assert (info["blockNumber"], info["receipt"]["result"]) == (number, "SUCCESS")
    assert info["fee"] == 64_285 * 100 + 345 * 1_000
    assert info["log"][0]["data"] == log["data"][2:]
    asked = {"value": tx_hash[2:]}
    assert await ask_wallet(http, "walletsolidity/gettransactioninfobyid", **asked) == {}

    await tron.mine(19)
    assert int((await node.block("finalized"))["number"], 16) == number
    assert (await ask_wallet(http, "walletsolidity/gettransactioninfobyid", **asked))["id"]
    solid = await ask_wallet(http, "walletsolidity/getnowblock")
    assert solid["block_header"]["raw_data"]["number"] == number
    limits = {"startNum": number, "endNum": number + 2}
    blocks = await ask_wallet(http, "wallet/getblockbylimitnext", **limits)
    assert [one["block_header"]["raw_data"]["number"] for one in blocks["block"]] == [
        number,
        number + 1,
    ]


async def test_tags_methods_and_ranges_are_java_trons(node: Node) -> None:
    for tag in ("safe", "pending"):
        assert await node.error("eth_getBlockByNumber", tag, False) == INVALID_PARAMS  # noqa: FBT003 - the protocol's
    for method in ("eth_getTransactionCount", "eth_feeHistory", "eth_sendRawTransaction"):
        assert await node.error(method, "0x" + "a1" * 20, "latest") == NO_METHOD
    head = await node.head()
    wide = {"fromBlock": hex(head - 5_001), "toBlock": "latest"}
    assert await node.error("eth_getLogs", wide) == INVALID_PARAMS
    assert await get_logs(node, head + 1, head + 5) == []
    state = await node("eth_syncing")
    assert int(state["currentBlock"], 16) == head


async def test_what_fails_leaves_no_log_and_what_expires_comes_back_no_more(
    http: httpx.AsyncClient, node: Node, tron: ChainControl
) -> None:
    failing = await tron.send(token="USDT", fails=True)
    await tron.mine()
    receipt = await node.receipt(failing)
    assert (receipt["status"], receipt["logs"]) == ("0x0", [])
    info = await ask_wallet(http, "wallet/gettransactioninfobyid", value=failing[2:])
    assert (info["result"], info["receipt"]["result"]) == ("FAILED", "REVERT")

    late = await tron.send(value="5")
    await http.post("/world/skip", json={"seconds": 61})
    await tron.mine()
    assert await node.receipt(late) is None
    assert (await tron.shown(late))["status"] == "dropped"
    assert (await tron.post("resend", hash=late)).status_code == 409
    assert (await tron.post("send", replaces=failing)).status_code == 400


async def test_an_endpoint_overloaded_banned_blind_or_lying(
    http: httpx.AsyncClient, node: Node, tron: ChainControl
) -> None:
    await tron.send(value="7", token="USDT", person_id=ANNA)
    await tron.mine()
    head = await node.head()
    await tron.endpoint(1, "overloaded")
    answer = await node.post({"jsonrpc": "2.0", "id": 1, "method": "eth_blockNumber", "params": []})
    assert answer.status_code == 200
    assert "lack of computing resources" in answer.json()["Error"]
    await tron.endpoint(1, "forbidden")
    assert (await http.post("/chains/tron/1/wallet/getnowblock")).status_code == 403
    await tron.endpoint(1, "no_logs")
    assert await get_logs(node, head, head) == []
    await tron.endpoint(1, "lying")
    real, invented = await get_logs(node, head, head)
    assert await node.receipt(real["transactionHash"]) is not None
    assert await node.receipt(invented["transactionHash"]) is None


async def test_a_fork_moves_what_it_orphans(node: Node, tron: ChainControl) -> None:
    tx_hash = await tron.send(token="FAKE")
    await tron.mine(2)
    before = (await node.receipt(tx_hash))["blockHash"]
    await tron.reorg(2, "same_height")
    after = await node.receipt(tx_hash)
    assert after["blockHash"] != before
    assert after["blockHash"][:18] == before[:18]
    assert (await tron.post("reorg", depth=1, kind="replaced")).status_code == 400


def test_addresses_of_one_user_differ_from_family_to_family() -> None:
    shown = addresses_of(ANNA)
    assert shown["tron"].startswith("T")
    assert from_base58check(shown["tron"]) != shown["evm"] == evm_address(f"person {ANNA}")
