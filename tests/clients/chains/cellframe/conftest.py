"""Cellframe's client against the world's node, and against one that answers oddly."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Literal, cast

import pytest

from app.clients.chains.cellframe.chain import CellframeChain
from app.clients.chains.rpc.timings import PoolTimings
from app.domain.chains import CELLFRAME
from sandbox.world import WorldServer
from sandbox.world.chains.cellframe.chain import CellframeChain as Node
from tests.clients.chains.cellframe.odd_node import OddNode, odd_node

TIMINGS = PoolTimings(
    probe_every=timedelta(0),
    pause=timedelta(milliseconds=1),
    longest_pause=timedelta(milliseconds=2),
    break_for=timedelta(milliseconds=5),
)


@pytest.fixture
def node(world: WorldServer) -> Node:
    return cast("Node", world.world.chains["cf"])


@pytest.fixture(params=["new", "old"])
def dialect(request: pytest.FixtureRequest, node: Node) -> Literal["new", "old"]:
    """The test runs with a node of each."""
    node.state.dialect = request.param
    return node.state.dialect


@pytest.fixture
async def chain(world: WorldServer) -> AsyncIterator[CellframeChain]:
    chain = CellframeChain(CELLFRAME, [f"{world.url}/chains/cf"], timings=TIMINGS)
    yield chain
    await chain.aclose()


@pytest.fixture
async def odd() -> AsyncIterator[OddNode]:
    async with odd_node() as node:
        yield node


@pytest.fixture
async def odd_chain(odd: OddNode) -> AsyncIterator[CellframeChain]:
    chain = CellframeChain(CELLFRAME, [odd.url], timings=TIMINGS)
    yield chain
    await chain.aclose()
