"""What can be wrong with a node, one at a time, while the other answers."""

import httpx
import pytest

from tests.sandbox.world.chains.node import ChainControl, Node


async def test_a_lagging_node_is_the_same_chain_some_blocks_ago(
    node: Node, second: Node, eth: ChainControl
) -> None:
    """Its tags, receipts, nonces and blocks are all of one moment."""
    tx_hash = await eth.send()
    sender = (await eth.shown(tx_hash))["from"]
    await eth.mine(2)
    await eth.endpoint(2, "lagging")
    head = await node.head()
    assert await second.head() == head - 5
    tags = [int((await second.block(tag))["number"], 16) for tag in ("latest", "safe", "finalized")]
    epoch = (head - 5) - (head - 5) % 3
    assert tags == [head - 5, epoch - 6, epoch - 12]
    assert await second.hashes(head - 20, head - 5) == await node.hashes(head - 20, head - 5)
    assert await second.block(head - 4) is None
    assert await second.block_by_hash((await node.block())["hash"]) is None
    assert await second.receipt(tx_hash) is None
    assert (await second.transaction(tx_hash))["blockHash"] is None
    assert (await second.nonce(sender), await node.nonce(sender)) == (0, 1)
    young = (await node.block())["transactions"][0]
    assert await second.transaction(young) is None
    await eth.mine(4)
    assert await second.receipt(tx_hash) == await node.receipt(tx_hash)
    assert (await second.receipt(tx_hash)) is not None


async def test_a_lagging_node_sees_no_fork_after_a_reorg(
    node: Node, second: Node, eth: ChainControl
) -> None:
    await eth.endpoint(2, "lagging")
    await eth.reorg(8, "same_height")
    head = await node.head()
    assert await second.hashes(head - 9, head - 5) == await node.hashes(head - 9, head - 5)


async def test_a_limit_is_refused_in_both_ways(node: Node, eth: ChainControl) -> None:
    await eth.endpoint(1, "rate_limited")
    body = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId"}
    answers = [await node.post(body), await node.post([body, body])]
    by_status = next(one for one in answers if one.status_code == 429)
    by_code = next(one for one in answers if one.status_code == 200)
    assert by_status.headers["Retry-After"] == "2"
    told = by_code.json() if isinstance(by_code.json(), list) else [by_code.json()]
    assert {one["error"]["code"] for one in told} == {-32005}


async def test_a_page_stands_where_json_was_expected(node: Node, eth: ChainControl) -> None:
    await eth.endpoint(1, "html")
    answer = await node.post({"jsonrpc": "2.0", "id": 1, "method": "eth_chainId"})
    assert (answer.status_code, answer.text[:9]) == (200, "<!DOCTYPE")
    await eth.endpoint(1, "down")
    answer = await node.post({"jsonrpc": "2.0", "id": 1, "method": "eth_chainId"})
    assert (answer.status_code, "Bad Gateway" in answer.text) == (502, True)


async def test_one_node_is_of_another_chain(node: Node, second: Node, eth: ChainControl) -> None:
    await eth.endpoint(2, "wrong_chain")
    assert await node("eth_chainId") == "0x1"
    assert await second("eth_chainId") == hex(11_155_111)


async def test_calls_are_counted_one_by_one_in_a_batch(node: Node, eth: ChainControl) -> None:
    before = (await eth.view())["endpoints"]
    await node.batch(*[("eth_chainId", [])] * 3)
    await node.head()
    after = (await eth.view())["endpoints"]
    assert after["1"]["calls"] == before["1"]["calls"] + 4
    assert after["1"]["requests"] == before["1"]["requests"] + 2
    assert after["2"] == before["2"]


@pytest.mark.parametrize(
    ("path", "values", "status"),
    [
        ("/endpoints/3", {"state": "ok"}, 404),
        ("/endpoints/1", {"state": "purple"}, 400),
        ("/endpoints/1", {"batch_limit": 0}, 400),
        ("", {"auto_seconds": -1}, 400),
        ("", {"finality": "soon"}, 400),
        ("", {"base_fee_gwei": "NaN"}, 400),
        ("", {"colour": "red"}, 400),
    ],
)
async def test_a_setting_that_is_none_is_one_sentence(
    eth: ChainControl, path: str, values: dict[str, object], status: int
) -> None:
    answer = await eth.patch(path, **values)
    assert (answer.status_code, list(answer.json())) == (status, ["error"])


async def test_a_third_node_is_not_there(http: httpx.AsyncClient) -> None:
    assert (await http.post("/chains/eth/3", json={})).status_code == 404
    assert (await http.get("/chains/eth/1")).status_code == 405
