from collections.abc import Callable

from app.clients.chains.evm.chain import RpcEvmChain
from app.domain.chain_ports import NonceUse
from app.domain.chains import ETHEREUM
from tests.support.anvil import Anvil
from tests.support.rpc_proxy import JsonCall, RpcProxy, refusing_calls

Connect = Callable[..., RpcEvmChain]


async def test_who_used_a_nonce_is_found_among_hundreds_of_blocks_by_a_dozen_calls(
    node: Anvil, proxy: RpcProxy, connect: Connect
) -> None:
    """The replaced transaction's nonce, used by the one that replaced it."""
    for _ in range(3):
        await node.send(4)
        await node.mine(60)
    sought = await node.send(4)
    await node.send(5)
    await node.mine(300)
    await node.send(4)
    head = await node.mine()
    chain = connect(ETHEREUM, proxy.url)
    await chain.pin()
    proxy.reset_counts()

    found = await chain.find_nonce_use(node.accounts[4], 3, 1, head)

    assert found == NonceUse(sought)
    assert proxy.calls.total() <= 14


async def test_the_first_and_the_last_block_of_the_range_are_looked_at(
    node: Anvil, connect: Connect
) -> None:
    first, _ = await node.send(4), await node.mine(5)
    last, head = await node.send(4), await node.mine()
    chain = connect(ETHEREUM, node.url)

    assert await chain.find_nonce_use(node.accounts[4], 0, 1, head) == NonceUse(first)
    assert await chain.find_nonce_use(node.accounts[4], 1, 1, head) == NonceUse(last)


async def test_a_nonce_that_is_not_used_or_was_used_before_is_found_nowhere(
    node: Anvil, connect: Connect
) -> None:
    await node.send(4)
    head = await node.mine(5)
    chain = connect(ETHEREUM, node.url)

    assert await chain.find_nonce_use(node.accounts[4], 1, 1, head) is None
    assert await chain.find_nonce_use(node.accounts[4], 0, 2, head) is None
    assert await chain.find_nonce_use(node.accounts[4], 0, 2, 1) is None


async def test_a_node_without_an_archive_can_not_say(
    node: Anvil, proxy: RpcProxy, connect: Connect
) -> None:
    await node.send(4)
    head = await node.mine(9)

    def is_old(call: JsonCall) -> bool:
        return bool(call["method"] == "eth_getTransactionCount" and call["params"][1] != hex(head))

    proxy.behaviour = refusing_calls(is_old, -32000, "missing trie node 7a0d (path )")

    found = await connect(ETHEREUM, proxy.url).find_nonce_use(node.accounts[4], 0, 1, head)

    assert found is None
