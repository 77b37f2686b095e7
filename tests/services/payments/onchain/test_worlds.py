"""Payments over the sandbox's chains, asked by the clients that the service has."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest

from app.clients.chains.evm.chain import RpcEvmChain
from app.clients.chains.tron.chain import RpcTronChain
from app.domain.chains import BSC, ETHEREUM, TRON
from app.domain.onchain.amounts import format_micro
from app.services.payments.onchain.reading import ChainPayments
from sandbox.world import WorldConfig, serve_world
from tests.support.onchain import OnchainStall, require_network
from tests.support.plain_http import NO_CERTIFICATES
from tests.support.stall import Stall

PATHS = {"eth": "{}", "bsc": "{}", "tron": "{}/jsonrpc"}
FINAL_BLOCKS = 40  # more than any of them needs


class WorldChains(OnchainStall):
    """Two endpoints of each of the world's chains, and its page's knobs."""

    def __init__(self, stall: Stall, url: str, http: httpx.AsyncClient) -> None:
        super().__init__(stall)
        self.http = http
        urls = {
            key: [f"{url}/chains/{key}/{path.format(number)}" for number in (1, 2)]
            for key, path in PATHS.items()
        }
        self.clients: list[RpcEvmChain | RpcTronChain] = [
            RpcEvmChain(ETHEREUM, urls["eth"]),
            RpcEvmChain(BSC, urls["bsc"]),
            RpcTronChain(TRON, urls["tron"]),
        ]
        for client in self.clients:
            find = self.addresses.find_address
            self.readers[client.spec.key] = ChainPayments(stall.db, client, find)

    async def turn(self, chain: str, action: str, **values: object) -> None:
        answer = await self.http.post(f"/world/chains/{chain}/{action}", json=values)
        answer.raise_for_status()


@pytest.fixture
async def shop(stall: Stall) -> AsyncIterator[WorldChains]:
    config = WorldConfig(
        bot_token="123456:AAbotTokenAAA",
        cryptobot_token="4242:AApayTokenAAA",
        panel_key="panel-key-0123456789",
    )
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(serve_world(config))
        http = httpx.AsyncClient(base_url=world.url, verify=NO_CERTIFICATES)
        shop = WorldChains(stall, world.url, await stack.enter_async_context(http))
        for client in shop.clients:
            stack.push_async_callback(client.aclose)
        await shop.begin()
        yield shop


@pytest.mark.parametrize("key", ["usdt-tron", "usdt-eth", "usdc-bsc"])
async def test_a_payment_is_shown_reorganised_and_settled(shop: WorldChains, key: str) -> None:
    network, order = require_network(key), await shop.stall.order()
    chain, invoice = network.chain, await shop.open(order, key)
    amount = format_micro(invoice.amount_micro)
    await shop.turn(chain, "send", token=network.token, value=amount, to=invoice.address)
    await shop.turn(chain, "mine")
    await shop.read(chain)
    assert (await shop.stall.again(invoice)).state == "mined"
    await shop.turn(chain, "reorg", depth=1, kind="pool")
    await shop.read(chain)
    assert (await shop.stall.again(invoice)).state == "reorganised"
    await shop.turn(chain, "mine", blocks=FINAL_BLOCKS)
    await shop.read(chain)
    assert (await shop.stall.again(invoice)).state == "paid"
    assert await shop.assignments() == ["matched"]
