from collections.abc import Callable

import pytest

from app.clients.chains.evm.chain import RpcEvmChain
from app.domain.chain_ports import GasPrices
from app.domain.chains import BSC, ETHEREUM
from app.domain.ports import UnavailableError
from tests.support.anvil import Anvil, open_anvil
from tests.support.rpc_proxy import RpcProxy, answering, html

Connect = Callable[..., RpcEvmChain]
GWEI = 10**9


async def test_prices_come_from_the_blocks_that_were_not_empty(
    node: Anvil, connect: Connect
) -> None:
    for tip in (1, 2, 3):
        await node.send(max_fee_per_gas=50 * GWEI, max_priority_fee_per_gas=tip * GWEI)
        await node.mine(2)
    history = await node.rpc("eth_feeHistory", "0x1", "latest", [])
    base = int(history["baseFeePerGas"][-1], 16)

    prices = await connect(ETHEREUM, node.url).get_gas_prices()

    assert prices == GasPrices(base + 2 * GWEI, base + 2 * GWEI, base + 2 * GWEI, base)


async def test_a_quiet_chain_has_the_nodes_own_price(node: Anvil, connect: Connect) -> None:
    await node.mine(30)
    suggested = int(await node.rpc("eth_gasPrice"), 16)

    prices = await connect(ETHEREUM, node.url).get_gas_prices()

    assert prices.normal == max(suggested, prices.base)


async def test_a_chain_without_a_base_fee_has_prices_too(connect: Connect) -> None:
    """BSC's base fee is always 0; a block's tips are what was paid."""
    async with open_anvil(BSC.chain_id or 0) as node, RpcProxy.open(node.url) as proxy:
        proxy.behaviour = answering(
            "eth_feeHistory",
            {
                "oldestBlock": "0x1",
                "baseFeePerGas": ["0x0", "0x0", "0x0"],
                "gasUsedRatio": [0.4, 0],
                "reward": [[hex(GWEI // 20), hex(GWEI // 10), hex(10 * GWEI)], ["0x0"] * 3],
            },
        )
        suggested = int(await node.rpc("eth_gasPrice"), 16)

        prices = await connect(BSC, proxy.url).get_gas_prices()

    assert prices == GasPrices(GWEI // 20, suggested, 10 * GWEI, base=0)


async def test_a_node_that_reports_no_rewards_leaves_its_own_price(
    node: Anvil, proxy: RpcProxy, connect: Connect
) -> None:
    proxy.behaviour = answering("eth_feeHistory", {"baseFeePerGas": ["0x1", "0x2"], "reward": None})
    suggested = int(await node.rpc("eth_gasPrice"), 16)

    prices = await connect(ETHEREUM, proxy.url).get_gas_prices()

    assert prices == GasPrices(suggested, suggested, suggested, base=2)


async def test_without_an_answer_there_is_no_price(proxy: RpcProxy, connect: Connect) -> None:
    """Never a hard-coded one."""
    chain = connect(ETHEREUM, proxy.url)
    await chain.pin()
    for failing in (html, answering("eth_gasPrice", "a lot"), answering("eth_feeHistory", None)):
        proxy.behaviour = failing

        with pytest.raises(UnavailableError):
            await chain.get_gas_prices()
