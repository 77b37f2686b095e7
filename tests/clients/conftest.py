"""The sandbox's world as the clients' other side: a real peer over HTTP, new for every test."""

from collections.abc import AsyncIterator

import pytest

from sandbox.world import WorldConfig, WorldServer, serve_world

CRYPTOBOT_TOKEN = "4242:AApayTokenAAA"
PANEL_KEY = "panel-key-0123456789"


@pytest.fixture
async def world() -> AsyncIterator[WorldServer]:
    config = WorldConfig(
        bot_token="123456:AAbotTokenAAA", cryptobot_token=CRYPTOBOT_TOKEN, panel_key=PANEL_KEY
    )
    async with serve_world(config) as server:
        yield server
