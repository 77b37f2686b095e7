"""Blocks that come by themselves, what the page gets of them, and what is remembered."""

import copy
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing

import httpx
import pytest

from sandbox.world import SnapshotError, World, WorldConfig, WorldServer, serve_world
from sandbox.world.chains.evm.chain import EvmChain
from tests.sandbox.world.chains.node import ChainControl, Json, Node
from tests.support.plain_http import NO_CERTIFICATES


async def _chain_events(http: httpx.AsyncClient) -> AsyncGenerator[Json, None]:
    async with http.stream("GET", "/world/events", timeout=30) as answer:
        lines = answer.aiter_lines()
        await anext(lines)
        yield {}
        async for line in lines:
            if line.startswith('data: {"type":"chain"'):
                yield json.loads(line.removeprefix("data: "))


async def test_blocks_come_by_themselves_on_request_and_the_page_is_notified_of_them(
    node: Node, eth: ChainControl
) -> None:
    head = await node.head()
    async with aclosing(_chain_events(eth.http)) as events:
        await anext(events)
        await eth.patch(auto_seconds=0.01)
        await anext(events)
        told = await anext(events)
    assert (told["key"], told["chain"]["auto_seconds"]) == ("eth", 0.01)
    assert told["chain"]["head"]["number"] > head
    await eth.patch(auto_seconds=0)
    assert (await eth.view())["auto_seconds"] == 0


async def test_many_changes_at_once_are_one_event(eth: ChainControl) -> None:
    async with aclosing(_chain_events(eth.http)) as events:
        await anext(events)
        for _ in range(30):
            await eth.mine()
        head = (await eth.view())["head"]["number"]
        count = 1
        while (await anext(events))["chain"]["head"]["number"] < head:
            count += 1
    assert count < 30


async def test_the_world_of_the_sandbox_makes_blocks_by_itself(config: WorldConfig) -> None:
    config.mines_blocks = True
    paces = {key: chain.view()["auto_seconds"] for key, chain in World(config).chains.items()}
    assert (paces["eth"], paces["bsc"]) == (4, 2)


async def test_block_times_follow_the_clock(node: Node, eth: ChainControl) -> None:
    before = await node.block()
    await eth.http.post("/world/skip", json={"seconds": 86_400})
    assert await node.block() == before
    await eth.mine()
    passed = int((await node.block())["timestamp"], 16) - int(before["timestamp"], 16)
    assert passed >= 86_400


async def test_the_view_is_as_the_page_reads_it(eth: ChainControl, bsc: ChainControl) -> None:
    for number in range(31):
        await eth.send(value=f"0.{number + 1}")
    await eth.mine(2)
    view = await eth.view()
    assert {view[name] for name in ("key", "title", "coin", "kind")} >= {"eth", "ETH", "evm"}
    assert (view["chain_id"], view["finality"]) == (1, "ok")
    assert view["base_fee_gwei"] == pytest.approx(12, rel=0.1)
    assert set(view["head"]) == {"number", "hash", "at"}
    epoch = view["head"]["number"] - view["head"]["number"] % 3
    assert (view["safe"], view["final"]) == (epoch - 6, epoch - 12)
    assert len(view["transactions"]) == 30
    newest = view["transactions"][0]
    assert (newest["value"], newest["token"], newest["status"]) == ("0.31", None, "mined")
    assert newest["block"] == view["head"]["number"] - 1
    assert set(view["endpoints"]) == {"1", "2"}
    assert (await bsc.view())["chain_id"] == 56


async def test_a_chain_goes_on_where_it_ended(
    server: WorldServer, config: WorldConfig, node: Node, eth: ChainControl
) -> None:
    mined = await eth.send(token="CELL", value="999999999")
    await eth.mine()
    stuck = await eth.send(tip_gwei=0)
    await eth.endpoint(2, "lagging")
    await eth.patch(finality="stalled", auto_seconds=600)
    head, receipt = await node.block(full=True), await node.receipt(mined)
    before = await eth.view()
    async with (
        serve_world(copy.copy(config), snapshot=server.world.snapshot()) as again,
        httpx.AsyncClient(base_url=again.url, verify=NO_CERTIFICATES) as client,
    ):
        after, restored = ChainControl(client, "eth"), Node(client, "/chains/eth/1")
        assert await after.view() == before
        assert await restored.block(full=True) == head
        assert await restored.receipt(mined) == receipt
        await after.send(replaces=stuck)
        await after.mine()
        assert (await restored.block())["parentHash"] == head["hash"]


async def test_a_running_world_takes_back_its_snapshot(
    server: WorldServer, node: Node, eth: ChainControl
) -> None:
    snapshot, head = server.world.snapshot(), await node.head()
    await eth.mine(3)
    server.world.restore(snapshot)
    assert await node.head() == head
    await eth.mine()
    assert await node.head() == head + 1


async def test_a_broken_chain_in_a_snapshot_changes_nothing(server: WorldServer) -> None:
    world = server.world
    broken = json.loads(world.snapshot())
    broken["chains"]["eth"]["blocks"] = "none"
    state, chains = world.state, world.chains
    with pytest.raises(SnapshotError, match="snapshot of the world cannot be read"):
        world.restore(json.dumps(broken).encode())
    assert (world.state, world.chains) == (state, chains)


async def test_a_snapshot_from_before_the_chains_gets_fresh_ones(server: WorldServer) -> None:
    old = json.loads(server.world.snapshot())
    del old["chains"]
    for person in old["people"].values():
        del person["addresses"]
    server.world.restore(json.dumps(old).encode())
    assert {"eth", "bsc"} <= set(server.world.chains)
    assert server.world.state.people[1001].addresses["evm"].startswith("0x")


async def test_memory_is_bounded_and_so_is_the_snapshot(
    server: WorldServer, node: Node, eth: ChainControl
) -> None:
    tx_hash = await eth.send()
    for _ in range(2):
        await eth.mine(1_500)
    chain = server.world.chains["eth"]
    assert isinstance(chain, EvmChain)
    assert 2_000 <= len(chain.state.blocks) <= 2_050
    assert len(chain.state.traffic) <= 3 * 2_050
    kept = chain.snapshot()["blocks"]
    assert isinstance(kept, list)
    assert len(kept) == 300
    # A real node never forgets one.
    assert (await node.receipt(tx_hash))["status"] == "0x1"
    assert await node.block(int((await node.receipt(tx_hash))["blockNumber"], 16)) is None
