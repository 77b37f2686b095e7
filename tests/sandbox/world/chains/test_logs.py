"""`eth_getLogs` finds the transfers that were asked for and no others."""

import pytest

from tests.sandbox.world.chains.node import ChainControl, Node

_TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"


def _word(address: str) -> str:
    return "0x" + address.removeprefix("0x").rjust(64, "0")


async def _find(node: Node, first: int, **asked: object) -> list[str]:
    logs = await node("eth_getLogs", {"fromBlock": hex(first), "toBlock": "latest", **asked})
    return [log["transactionHash"] for log in logs]


async def test_transfers_are_found_by_token_recipient_and_block(
    node: Node, eth: ChainControl
) -> None:
    first = await node.head() + 1
    to_ben = await eth.send(person_id=1001, token="USDT", value="5")
    await eth.mine()
    to_anna = await eth.send(person_id=1002, token="CELL", value="7")
    await eth.mine()
    usdt = (await node.receipt(to_ben))["to"]
    cell = (await node.receipt(to_anna))["to"]
    ben, anna = [_word((await eth.shown(one))["to"]) for one in (to_ben, to_anna)]
    both = {"topics": [_TRANSFER, None, [ben, anna]]}
    assert await _find(node, first, **both) == [to_ben, to_anna]
    assert await _find(node, first, **both, address=usdt) == [to_ben]
    assert await _find(node, first, **both, address=[usdt.upper().replace("X", "x"), cell]) == [
        to_ben,
        to_anna,
    ]
    assert await _find(node, first, topics=[[_TRANSFER], anna, ben]) == [to_ben]
    assert await _find(node, first + 1, **both) == [to_anna]
    assert await _find(node, first, **(both | {"toBlock": hex(first)})) == [to_ben]
    with_a_fourth = await _find(node, first, topics=[None, None, [], None])  # NFTs, by chance
    assert not {to_ben, to_anna} & set(with_a_fourth)
    one_block = {"blockHash": (await node.receipt(to_ben))["blockHash"], **both}
    assert [log["transactionHash"] for log in await node("eth_getLogs", one_block)] == [to_ben]


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [(-9, 1, -32602), (5, 9, -32602), (0, -1, -32602), (-5_000, 0, -32005)],
    ids=["beyond the head", "above it", "reversed", "too long"],
)
async def test_a_range_that_no_node_answers_is_refused(
    node: Node, first: int, last: int, code: int
) -> None:
    """`first` and `last` count from the head."""
    head = await node.head()
    asked = {"fromBlock": hex(head + first), "toBlock": hex(head + last)}
    assert await node.error("eth_getLogs", asked) == code


async def test_the_whole_past_has_logs(node: Node) -> None:
    assert len(await _find(node, await node.head() - 4_999)) > 10


async def test_a_lagging_node_knows_no_log_that_is_younger(
    node: Node, second: Node, eth: ChainControl
) -> None:
    first = await node.head() + 1
    ours = await eth.send(token="USDT", value="5")
    await eth.mine(3)
    await eth.endpoint(2, "lagging")
    topics = [_TRANSFER, None, _word((await eth.shown(ours))["to"])]
    assert await _find(node, first, topics=topics) == [ours]
    asked = {"fromBlock": hex(first), "toBlock": hex(first + 2), "topics": topics}
    assert await second.error("eth_getLogs", asked) == -32602
    assert await second("eth_getLogs", {"fromBlock": hex(first - 9), "topics": topics}) == []
