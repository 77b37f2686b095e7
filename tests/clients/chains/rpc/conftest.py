"""A pool over real HTTP, with a clock that stands until the test moves it."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from app.clients.chains.rpc.jsonrpc import JsonRpc
from app.clients.chains.rpc.pool import RpcPool
from app.clients.chains.rpc.timings import PoolTimings
from tests.clients.chains.rpc.node import CHAIN_ID, Node, Nodes, serve_nodes
from tests.support.stopped_clock import StoppedClock

BLOCK_TIME = timedelta(seconds=12)
OpenPool = Callable[..., RpcPool]


@pytest.fixture
def stopped() -> StoppedClock:
    return StoppedClock()


@pytest.fixture(scope="session")
async def node_server() -> AsyncIterator[Nodes]:
    async with serve_nodes() as nodes:
        yield nodes


@pytest.fixture
def nodes(node_server: Nodes) -> Iterator[Nodes]:
    yield node_server
    node_server.open_gates()


@pytest.fixture
def timings(stopped: StoppedClock) -> PoolTimings:
    return PoolTimings(
        pause=timedelta(milliseconds=1),
        longest_pause=timedelta(milliseconds=2),
        monotonic=stopped,
    )


@pytest.fixture
def brief_patience(timings: PoolTimings) -> PoolTimings:
    return replace(timings, answer_within=timedelta(milliseconds=200))


@pytest.fixture
async def open_pool(timings: PoolTimings) -> AsyncIterator[OpenPool]:
    opened: list[RpcPool] = []

    def build(
        *nodes: Node | str, timings: PoolTimings = timings, block_time: timedelta = BLOCK_TIME
    ) -> RpcPool:
        urls = [node if isinstance(node, str) else node.url for node in nodes]
        pool = RpcPool("test", urls, JsonRpc(CHAIN_ID), block_time=block_time, timings=timings)
        opened.append(pool)
        return pool

    yield build
    for pool in opened:
        await pool.aclose()
