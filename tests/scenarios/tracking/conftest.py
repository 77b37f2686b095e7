"""Two real nodes of one chain, each behind a proxy, and a tracker that follows them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from sandbox.world import WorldConfig, WorldServer, serve_world
from tests.scenarios.tracking.stage import ETH, Stage
from tests.support.anvil import Anvil, open_twins
from tests.support.rpc_proxy import RpcProxy
from tests.support.stall import Stall, stall_on


@pytest.fixture
async def stall(engine: AsyncEngine) -> AsyncIterator[Stall]:
    async with stall_on(engine) as stall:
        yield stall


@pytest.fixture
async def twins() -> AsyncIterator[tuple[Anvil, Anvil]]:
    async with open_twins() as twins:
        yield twins


@pytest.fixture
async def stage(stall: Stall, twins: tuple[Anvil, Anvil]) -> AsyncIterator[Stage]:
    """Followed already, up to a few blocks."""
    async with AsyncExitStack() as stack:
        proxies = [await stack.enter_async_context(RpcProxy.open(node.url)) for node in twins]
        stage = Stage(stall, twins, proxies, stack, ETH)
        await stage.mine(3)
        await stage.run()
        yield stage


@pytest.fixture
async def world() -> AsyncIterator[WorldServer]:
    config = WorldConfig(
        bot_token="123456:AAbotTokenAAA",
        cryptobot_token="4242:AApayTokenAAA",
        panel_key="panel-key-0123456789",
    )
    async with serve_world(config) as server:
        yield server
