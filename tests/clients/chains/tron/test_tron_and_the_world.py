"""The client against two nodes of the sandbox's TRON: what is read, and what is not believed."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from app.clients.chains.rpc.timings import PoolTimings
from app.clients.chains.tron.chain import RpcTronChain
from app.domain.addresses import parse_address
from app.domain.chain_ports import TxDetails
from app.domain.chains import TRON, ChainKind
from app.domain.ports import UnavailableError
from sandbox.world import WorldServer
from sandbox.world.chains.addresses import address_of, addresses_of
from sandbox.world.chains.tron.spec import USDT
from tests.sandbox.world.chains.node import ChainControl
from tests.support.plain_http import NO_CERTIFICATES

ANNA, BEN = 1001, 1002
HERS, HIS = address_of("tron", ANNA), address_of("tron", BEN)


@pytest.fixture
async def control(world: WorldServer) -> AsyncIterator[ChainControl]:
    async with httpx.AsyncClient(base_url=world.url, verify=NO_CERTIFICATES) as http:
        yield ChainControl(http, "tron")


@pytest.fixture
async def chain(world: WorldServer) -> AsyncIterator[RpcTronChain]:
    timings = PoolTimings(probe_every=timedelta(0), pause=timedelta(milliseconds=1))
    urls = [f"{world.url}/chains/tron/{name}/jsonrpc" for name in (1, 2)]
    chain = RpcTronChain(TRON, urls, timings=timings)
    yield chain
    await chain.aclose()


async def test_heads_blocks_transactions_and_transfers(
    chain: RpcTronChain, control: ChainControl
) -> None:
    sent = await control.send(person_id=ANNA, to=addresses_of(BEN)["tron"], value="5", token="USDT")
    fake = await control.send(person_id=ANNA, to=HIS, value="5", token="FAKE")
    failing = await control.send(person_id=ANNA, to=HIS, value="5", token="USDT", fails=True)
    assert await chain.find(sent) is None
    await control.mine()
    reader = await chain.pin()
    heads = await reader.get_heads()
    assert reader.is_ready
    assert (heads.safe, heads.final) == (None, heads.latest.number - 19)
    assert set(heads.latest.tx_hashes) >= {sent, fake, failing}

    found = await reader.get_node_txs([sent, failing, "0x" + "ab" * 32])
    assert found["0x" + "ab" * 32] is None
    assert (one := found[sent]) is not None
    assert one.details.expires_at is not None
    assert replace(one.details, expires_at=None) == TxDetails(sender=HERS, recipient=USDT)
    assert one.inclusion is not None
    assert (one.inclusion.block_hash, one.inclusion.fee) == (heads.latest.hash, None)
    inclusions = await reader.get_inclusions([sent, failing])
    assert [one and one.succeeded for one in inclusions.values()] == [True, False]
    assert await reader.get_nonces([HERS]) == {}

    number = heads.latest.number
    [transfer] = await reader.get_transfers([USDT], [HIS], number - 3, number)
    assert (transfer.tx_hash, transfer.amount) == (sent, 5_000_000)
    assert (transfer.sender, transfer.recipient) == (HERS, HIS)
    assert parse_address(addresses_of(BEN)["tron"], ChainKind.TRON).text == HIS
    assert await chain.get_energy_price() == 100


async def test_logs_beyond_what_an_endpoint_has_are_asked_of_another(
    chain: RpcTronChain, control: ChainControl
) -> None:
    """A node that lags answers nothing for blocks that it lacks: nothing is not none."""
    await control.send(person_id=ANNA, to=HIS, value="5", token="USDT")
    await control.mine()
    reader = await chain.pin()
    number = (await reader.get_heads()).latest.number
    await control.endpoint(1, "lagging")
    [transfer] = await reader.get_transfers([USDT], [HIS], number, number)
    assert transfer.amount == 5_000_000
    await control.endpoint(2, "down")
    with pytest.raises(UnavailableError):
        await reader.get_transfers([USDT], [HIS], number, number)


@pytest.mark.parametrize("state", ["overloaded", "forbidden", "rate_limited"])
async def test_one_that_refuses_is_left_alone_and_the_other_serves(
    chain: RpcTronChain, control: ChainControl, state: str
) -> None:
    await chain.pin()
    await control.endpoint(1, state)
    for _ in range(2):
        reader = await chain.pin()
    assert reader.endpoint.endswith("#2")
    assert (await reader.get_heads()).final is not None
    first, second = chain.list_endpoints()
    assert (first.state, first.failures, second.state) == ("cooling", 0, "ok")
