"""Puts the world's protocols behind one address and keeps it alive from start to end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from sandbox.world.chains.registry import run_chains
from sandbox.world.chains.routes import chain_routes
from sandbox.world.config import WorldConfig
from sandbox.world.control import control_routes
from sandbox.world.control_telegram import telegram_control_routes
from sandbox.world.cryptopay.api import cryptopay_routes
from sandbox.world.cryptopay.invoices import expire_due
from sandbox.world.page import page_routes
from sandbox.world.panel.accounts import grow_usage
from sandbox.world.panel.api import panel_routes
from sandbox.world.service import watch_service
from sandbox.world.telegram.api import telegram_routes
from sandbox.world.world import World

_TICK_SECONDS = 1
_TICKS_BETWEEN_USAGE = 5


def create_world(config: WorldConfig) -> Starlette:
    """`app.state.world` is the World, to configure, snapshot and restore."""
    world = World(config)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        world.start()
        world.tasks.spawn(_tick(world), name="tick")
        world.tasks.spawn(watch_service(world), name="watch service")
        world.tasks.spawn(run_chains(world), name="chains")
        try:
            yield
        finally:
            await world.close()

    routes = [
        *telegram_routes(world),
        *cryptopay_routes(world),
        *panel_routes(world),
        *control_routes(world),
        *telegram_control_routes(world),
        *chain_routes(world),
        *page_routes(world),
    ]
    app = Starlette(routes=routes, lifespan=lifespan)
    app.state.world = world
    return app


async def _tick(world: World) -> None:
    ticks = 0
    while True:
        await asyncio.sleep(_TICK_SECONDS)
        ticks += 1
        expire_due(world)
        if ticks % _TICKS_BETWEEN_USAGE == 0:
            grow_usage(world)
