"""A real node for every test, and chains that know it by its address."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from app.clients.chains.evm.chain import RpcEvmChain
from app.clients.chains.rpc.timings import PoolTimings
from app.domain.chains import ChainSpec
from tests.support.anvil import Anvil, open_anvil
from tests.support.rpc_proxy import RpcProxy

Connect = Callable[..., RpcEvmChain]

_PAUSE = timedelta(milliseconds=10)


@pytest.fixture
async def node() -> AsyncIterator[Anvil]:
    async with open_anvil(chain_id=1) as node:
        yield node


@pytest.fixture
async def proxy(node: Anvil) -> AsyncIterator[RpcProxy]:
    async with RpcProxy.open(node.url) as proxy:
        yield proxy


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Give what makes a chain of its endpoints' addresses."""
    async with AsyncExitStack() as stack:

        def connect(spec: ChainSpec, *urls: str, timings: PoolTimings | None = None) -> RpcEvmChain:
            chain = RpcEvmChain(spec, urls, timings=timings or PoolTimings(pause=_PAUSE))
            stack.push_async_callback(chain.aclose)
            return chain

        yield connect
