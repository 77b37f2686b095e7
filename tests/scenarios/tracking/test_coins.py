"""Coins that the sandbox's world sends to a bound address, by its nodes and the product's loop."""

from collections.abc import AsyncIterator

import httpx
import pytest

from app.clients.chains.evm.chain import RpcEvmChain
from app.db.models import Watch
from app.domain.addresses import detect_address
from app.domain.chains import ETHEREUM
from app.domain.shop_settings import ShopSettings
from app.services.tracking.wallet import addresses
from sandbox.world import WorldServer
from tests.scenarios.tracking.stage import TIMINGS, open_process
from tests.support.plain_http import NO_CERTIFICATES
from tests.support.stall import ANNA, Stall

MINE = "0x" + "a1" * 20


@pytest.fixture
async def chain(world: WorldServer) -> AsyncIterator[RpcEvmChain]:
    chain = RpcEvmChain(ETHEREUM, [f"{world.url}/chains/eth/1"], timings=TIMINGS)
    yield chain
    await chain.aclose()


async def _turn(world: WorldServer, action: str, **values: object) -> dict[str, str]:
    async with httpx.AsyncClient(
        base_url=world.url, trust_env=False, verify=NO_CERTIFICATES
    ) as http:
        answer = await http.post(f"/world/chains/eth/{action}", json=values)
        found: dict[str, str] = answer.raise_for_status().json()
        return found


async def test_coins_sent_to_a_bound_address_get_a_card_and_failed_ones_none(
    stall: Stall, world: WorldServer, chain: RpcEvmChain
) -> None:
    """P11: also across a restart and a reorganisation."""
    await addresses.bind_address(stall.db, ANNA, detect_address(MINE), "Wallet", ShopSettings())
    await open_process(stall.db, [chain]).catch_up()
    sent = await _turn(world, "send", person_id=ANNA, to=MINE, value="0.05")
    await _turn(world, "send", person_id=1002, to=MINE, value="1", fails=True)
    await _turn(world, "send", person_id=1003, to=MINE, value="0.0001")
    await _turn(world, "mine", blocks=1)
    await open_process(stall.db, [chain]).catch_up()
    await _turn(world, "reorg", depth=1)
    await _turn(world, "mine", blocks=2)
    await open_process(stall.db, [chain]).catch_up()

    (watch,) = await stall.rows(Watch)
    assert watch.tx_hash == sent["hash"]
    assert (watch.about["amount"], watch.about["token"]) == ("0.05", "ETH")
    assert watch.card_due_at is not None
