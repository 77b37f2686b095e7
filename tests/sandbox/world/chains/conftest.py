"""Chains that stand still until a test mines, and a client of their nodes."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from sandbox.world import WorldServer
from tests.sandbox.world.chains.node import ChainControl, Node
from tests.support.plain_http import NO_CERTIFICATES


@pytest.fixture
async def http(server: WorldServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=server.url, trust_env=False, verify=NO_CERTIFICATES
    ) as client:
        yield client


@pytest.fixture
def node(http: httpx.AsyncClient) -> Node:
    return Node(http, "/chains/eth/1")


@pytest.fixture
def second(http: httpx.AsyncClient) -> Node:
    return Node(http, "/chains/eth/2")


@pytest.fixture
def eth(http: httpx.AsyncClient) -> ChainControl:
    return ChainControl(http, "eth")


@pytest.fixture
def bsc(http: httpx.AsyncClient) -> ChainControl:
    return ChainControl(http, "bsc")


@pytest.fixture
def tron(http: httpx.AsyncClient) -> ChainControl:
    return ChainControl(http, "tron")


@pytest.fixture(params=["eth", "bsc"])
def either(request: pytest.FixtureRequest) -> str:
    key: str = request.param
    return key


@pytest.fixture
def control_of(http: httpx.AsyncClient) -> Callable[[str], ChainControl]:
    return lambda key: ChainControl(http, key)
