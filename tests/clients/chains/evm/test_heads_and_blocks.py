from collections.abc import Callable

import pytest

from app.clients.chains.evm.chain import RpcEvmChain
from app.domain.chains import BSC, ETHEREUM
from app.domain.ports import UnavailableError
from tests.support.anvil import Anvil, open_anvil
from tests.support.rpc_proxy import JsonCall, RpcProxy, answering, refusing_calls

Connect = Callable[..., RpcEvmChain]


def asks_for_a_tag(call: JsonCall) -> bool:
    return call["params"][:1] in (["safe"], ["finalized"])


async def test_heads_are_the_nodes_own_word_of_what_is_safe_and_final(
    node: Anvil, connect: Connect
) -> None:
    """P11: an epoch of this node has 4 blocks, so safe is 4 behind and final 8."""
    await node.mine(20)

    heads = await (await connect(ETHEREUM, node.url).pin()).get_heads()

    assert (heads.latest.number, heads.safe, heads.final) == (20, 16, 12)
    assert heads.latest.hash == await node.get_hash(20)
    assert heads.latest.parent_hash == await node.get_hash(19)


async def test_the_three_heads_are_one_request(proxy: RpcProxy, connect: Connect) -> None:
    reader = await connect(ETHEREUM, proxy.url).pin()
    proxy.reset_counts()

    await reader.get_heads()

    assert (proxy.requests, proxy.calls) == (1, {"eth_getBlockByNumber": 3})


async def test_a_chain_without_a_safe_tag_is_not_asked_for_it(connect: Connect) -> None:
    async with open_anvil(BSC.chain_id or 0) as node, RpcProxy.open(node.url) as proxy:
        await node.mine(9)
        reader = await connect(BSC, proxy.url).pin()
        proxy.reset_counts()

        heads = await reader.get_heads()

    assert (heads.latest.number, heads.safe, heads.final) == (9, None, 1)
    assert proxy.calls == {"eth_getBlockByNumber": 2}


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (-39001, "Unknown block"),
        (-32602, "invalid argument 0: hex string without 0x prefix"),
        (-32000, "'finalized' tag not supported on pre-merge network"),
        (-32603, 'strconv.ParseUint: parsing "finalized": invalid syntax'),
        (-32601, "the method is not available"),
        (-32004, "not supported"),
        (-32001, "Resource not found"),
        (3, "no"),
    ],
)
async def test_a_node_that_knows_no_tags_is_not_asked_for_them_again(
    proxy: RpcProxy, connect: Connect, code: int, message: str
) -> None:
    proxy.behaviour = refusing_calls(asks_for_a_tag, code, message)
    reader = await connect(ETHEREUM, proxy.url).pin()
    first = await reader.get_heads()
    proxy.reset_counts()

    second = await reader.get_heads()

    assert (first.safe, first.final) == (second.safe, second.final) == (None, None)
    assert proxy.calls == {"eth_getBlockByNumber": 1}


async def test_what_one_node_does_not_know_another_is_still_asked(
    node: Anvil, proxy: RpcProxy, connect: Connect
) -> None:
    await node.mine(8)
    proxy.behaviour = refusing_calls(asks_for_a_tag, -39001)
    reader = await connect(ETHEREUM, proxy.url, node.url).pin()

    ignorant = await reader.get_heads()
    informed = await (await reader.other()).get_heads()

    assert (ignorant.final, informed.final) == (None, 0)


async def test_blocks_come_in_the_order_asked_for_with_their_transactions(
    node: Anvil, connect: Connect
) -> None:
    await node.mine()
    tx_hash = await node.send()
    await node.mine(2)

    blocks = await (await connect(ETHEREUM, node.url).pin()).get_blocks([3, 1, 2])

    assert [block.number for block in blocks] == [3, 1, 2]
    assert [block.tx_hashes for block in blocks] == [(), (), (tx_hash,)]
    assert blocks[0].parent_hash == blocks[2].hash
    assert (blocks[0].at - blocks[2].at).total_seconds() == 12


async def test_a_block_that_the_node_lacks_is_no_answer(node: Anvil, connect: Connect) -> None:
    await node.mine(3)
    reader = await connect(ETHEREUM, node.url).pin()

    with pytest.raises(UnavailableError):
        await reader.get_blocks([3, 4])


async def test_another_block_than_asked_for_is_no_answer(
    node: Anvil, proxy: RpcProxy, connect: Connect
) -> None:
    await node.mine(3)
    reader = await connect(ETHEREUM, proxy.url).pin()
    proxy.behaviour = answering("eth_getBlockByNumber", await node.get_block("0x2"))

    with pytest.raises(UnavailableError):
        await reader.get_blocks([3])


async def test_a_reorganisation_shows_in_the_hashes_and_not_in_the_height(
    node: Anvil, connect: Connect
) -> None:
    """P11."""
    await node.mine(10)
    reader = await connect(ETHEREUM, node.url).pin()
    before = await reader.get_blocks(range(6, 11))

    await node.reorg(3)

    after = await reader.get_blocks(range(6, 11))
    assert [old.hash == new.hash for old, new in zip(before, after, strict=True)] == [
        True, True, False, False, False,
    ]  # fmt: skip
    assert after[2].parent_hash == before[1].hash
    assert (await reader.get_heads()).latest == after[-1]


async def test_a_head_that_makes_no_sense_is_no_answer(
    node: Anvil, proxy: RpcProxy, connect: Connect
) -> None:
    reader = await connect(ETHEREUM, proxy.url).pin()
    block = await node.get_block("0x0")
    for nonsense in (
        None,
        "0x10",
        {"number": "0x10"},
        block | {"hash": 1},
        block | {"timestamp": hex(1 << 60)},
        block | {"number": f"0x{'f' * 64}"},
        block | {"number": "0x" + "f" * 65},
        block | {"number": -1},
    ):
        proxy.behaviour = answering("eth_getBlockByNumber", nonsense)

        with pytest.raises(UnavailableError):
            await reader.get_heads()
