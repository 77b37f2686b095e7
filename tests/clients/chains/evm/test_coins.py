"""Coins that blocks' own transactions send, of a real node."""

from collections.abc import Callable

import pytest

from app.clients.chains.evm.chain import RpcEvmChain
from app.clients.chains.evm.models import CoinBlockModel
from app.domain.chain_ports import CoinBlock, Transfer
from app.domain.chains import ETHEREUM
from app.domain.ports import UnavailableError
from tests.support.anvil import Anvil
from tests.support.rpc_proxy import RpcProxy

Connect = Callable[..., RpcEvmChain]


async def test_coins_to_the_recipients_are_found_by_one_request(
    node: Anvil, proxy: RpcProxy, connect: Connect
) -> None:
    mine = node.accounts[3]
    tx_hash = await node.send(0, to=mine, value=5 * 10**17)
    await node.send(1, to=mine, value=0)
    await node.send(2, to=node.accounts[4], value=7)
    await node.mine(2)
    reader = await connect(ETHEREUM, proxy.url).pin()
    proxy.reset_counts()

    blocks = await reader.get_coin_blocks([mine.upper().replace("0X", "0x")], [1, 2])

    one, two, before = [await node.get_hash(number) for number in (1, 2, 0)]
    coins = Transfer(tx_hash, -1, 1, one, "", node.accounts[0], mine, 5 * 10**17)
    assert blocks == [CoinBlock(one, before, (coins,)), CoinBlock(two, one, ())]
    assert (proxy.requests, proxy.calls) == (1, {"eth_getBlockByNumber": 2})


async def test_what_a_contract_passes_on_is_not_seen(node: Anvil, connect: Connect) -> None:
    """As the documentation says: it stands in no block."""
    mine = node.accounts[3]
    before = int(await node.rpc("eth_getBalance", mine, "latest"), 16)
    passing_on = f"0x60006000600060003473{mine.removeprefix('0x')}5af100"
    await node.send(0, to=None, value=10**18, data=passing_on, gas=200_000)
    await node.mine()
    assert int(await node.rpc("eth_getBalance", mine, "latest"), 16) == before + 10**18

    (block,) = await (await connect(ETHEREUM, node.url).pin()).get_coin_blocks([mine], [1])

    assert block.transfers == ()


async def test_a_block_that_the_node_lacks_is_no_block_without_coins(
    node: Anvil, connect: Connect
) -> None:
    reader = await connect(ETHEREUM, node.url).pin()
    with pytest.raises(UnavailableError):
        await reader.get_coin_blocks([node.accounts[3]], [0, 1])


def test_a_type_without_value_or_nonce_hides_no_coins_of_its_block() -> None:
    """Types of L2s, as Base's 0x7d and a deposit (0x7e), which some nodes send without a nonce."""
    block, parent, coins = (f"0x{number:064x}" for number in (7, 6, 1))
    sender, mine = f"0x{'de' * 20}", f"0x{'a1' * 20}"
    answer = {
        "number": "0x7",
        "hash": block,
        "parentHash": parent,
        "transactions": [
            {"type": "0x7d", "hash": f"0x{'42' * 32}", "from": sender, "tx": {"nonceKey": "0x0"}},
            {"type": "0x7e", "hash": f"0x{'43' * 32}", "from": sender, "to": mine, "nonce": None},
            {"type": "0x7e", "hash": coins, "from": sender, "to": mine, "value": "0x5"},
        ],
    }
    (transfer,) = CoinBlockModel.model_validate(answer).to_block([mine]).transfers
    assert transfer == Transfer(coins, -1, 7, block, "", sender, mine, 5)
