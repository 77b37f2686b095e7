"""Payments on real nodes: two of Ethereum with a token of 6 decimals, one of BSC with 18."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack

import pytest

from app.clients.chains.evm.chain import RpcEvmChain
from app.domain.chains import BSC, ETHEREUM
from app.domain.onchain.amounts import to_token_units
from app.services.payments.onchain.reading import ChainPayments
from tests.support.anvil import Anvil, open_anvil
from tests.support.erc20 import (
    install_token,
    pay_several,
    transfer_token,
    transfer_token_by_spender,
)
from tests.support.onchain import SHOP_EVM, OnchainStall, require_network
from tests.support.stall import ANNA, BEN, OLGA, Stall

USDT_ETH, USDT_BSC = require_network("usdt-eth"), require_network("usdt-bsc")
FINAL_AFTER = 9  # blocks of anvil, with epochs of four


class RealChains(OnchainStall):
    """`eth` by twins that get the same transactions, `bsc` by one node."""

    def __init__(self, stall: Stall, twins: Sequence[Anvil], bsc: Anvil) -> None:
        super().__init__(stall)
        self.twins, self.bsc = twins, bsc
        eth = RpcEvmChain(ETHEREUM, [node.url for node in twins])
        self.clients = [eth, RpcEvmChain(BSC, [bsc.url])]
        for client in self.clients:
            find = self.addresses.find_address
            self.readers[client.spec.key] = ChainPayments(stall.db, client, find)

    async def mine_eth(self, blocks: int = 1) -> None:
        for node in self.twins:
            await node.mine(blocks)


@pytest.fixture
async def shop(stall: Stall) -> AsyncIterator[RealChains]:
    async with AsyncExitStack() as stack:
        twins = [await stack.enter_async_context(open_anvil(1)) for _ in range(2)]
        bsc = await stack.enter_async_context(open_anvil(56, block_seconds=1))
        for node in twins:
            await install_token(node, USDT_ETH)
        await install_token(bsc, USDT_BSC)
        for node in (*twins, bsc):
            await node.mine(FINAL_AFTER)
        shop = RealChains(stall, twins, bsc)
        for client in shop.clients:
            stack.push_async_callback(client.aclose)
        shop.readers.pop("tron")
        await shop.begin()
        yield shop


async def test_real_transfers_are_settled_once_they_are_final(shop: RealChains) -> None:
    """Of 6 and of 18 decimals; by transfer, by a spender, and by one call for two orders."""
    stall = shop.stall
    on_eth = await shop.open(await stall.order(ANNA), "usdt-eth")
    on_bsc = [await shop.open(await stall.order(user), "usdt-bsc") for user in (BEN, OLGA)]
    units = to_token_units(on_eth.amount_micro, 6)
    for node in shop.twins:
        await transfer_token_by_spender(node, USDT_ETH, SHOP_EVM, units)
    pairs = [(SHOP_EVM, to_token_units(one.amount_micro, 18)) for one in on_bsc]
    await pay_several(shop.bsc, USDT_BSC, pairs)
    await shop.mine_eth()
    await shop.bsc.mine()
    for chain in ("eth", "bsc"):
        await shop.read(chain)
    assert [(await stall.again(one)).state for one in (on_eth, *on_bsc)] == ["mined"] * 3
    assert {one.state for one in await shop.transfers()} == {"mined"}

    for node in shop.twins:  # another block takes its place, without it
        await node.reorg(1)
    await shop.read("eth")
    assert (await stall.again(on_eth)).state == "reorganised"
    for node in shop.twins:
        await transfer_token(node, USDT_ETH, SHOP_EVM, units)
    await shop.mine_eth(FINAL_AFTER + 1)
    await shop.bsc.mine(FINAL_AFTER + 1)
    for chain in ("eth", "bsc"):
        await shop.read(chain)

    assert [(await stall.again(one)).state for one in (on_eth, *on_bsc)] == ["paid"] * 3
    final = [one for one in await shop.transfers() if one.state == "final"]
    assert sorted((one.chain, one.ordinal) for one in final) == [("bsc", 0), ("bsc", 1), ("eth", 0)]
    assert all(one.assignment == "matched" for one in final)


async def test_a_node_alone_is_not_believed(shop: RealChains) -> None:
    """One of the two knows of a transfer that the other has never seen."""
    invoice = await shop.open(await shop.stall.order(), "usdt-eth")
    first, second = shop.twins
    await transfer_token(first, USDT_ETH, SHOP_EVM, to_token_units(invoice.amount_micro, 6))
    await shop.mine_eth(FINAL_AFTER + 1)
    assert (await shop.read("eth"))["unavailable"] == 1
    assert (await shop.stall.again(invoice)).state in {"waiting", "mined"}
    assert [one.state for one in await shop.transfers() if one.assignment] == []
    assert await first.get_head() == await second.get_head()
