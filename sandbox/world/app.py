"""Puts the world's protocols behind one address and keeps it alive from start to end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from sandbox.world.chains.routes import chain_routes
from sandbox.world.config import WorldConfig
from sandbox.world.control import control_routes
from sandbox.world.control_devices import device_control_routes
from sandbox.world.control_telegram import telegram_control_routes
from sandbox.world.cryptopay.api import cryptopay_routes
from sandbox.world.cryptopay.invoices import expire_due
from sandbox.world.page import page_routes
from sandbox.world.panel.api import panel_routes
from sandbox.world.panel.marzban.api import marzban_routes
from sandbox.world.panel.marzban.users import review_users
from sandbox.world.panel.remnawave.api import remnawave_routes
from sandbox.world.panel.remnawave.users import run_jobs
from sandbox.world.panel.three_x_ui.api import three_x_ui_routes
from sandbox.world.panel.three_x_ui.clients import disable_depleted
from sandbox.world.panel.usage import grow_usage
from sandbox.world.service import watch_service
from sandbox.world.telegram.api import telegram_routes
from sandbox.world.world import World

_TICK_SECONDS = 1
_TICKS_BETWEEN_USAGE = 5
# Also the most often that the page is notified of one chain.
_CHAIN_TICK_SECONDS = 0.25


def create_world(config: WorldConfig) -> Starlette:
    """`app.state.world` is the World, to configure, snapshot and restore."""
    world = World(config)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        world.start()
        world.tasks.spawn(_tick(world), name="tick")
        world.tasks.spawn(watch_service(world), name="watch service")
        world.tasks.spawn(_tick_chains(world), name="chains")
        try:
            yield
        finally:
            await world.close()

    routes = [
        *telegram_routes(world),
        *cryptopay_routes(world),
        *panel_routes(world),
        *remnawave_routes(world),
        *three_x_ui_routes(world),
        *marzban_routes(world),
        *control_routes(world),
        *device_control_routes(world),
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
            run_jobs(world)
            disable_depleted(world)
            review_users(world)


async def _tick_chains(world: World) -> None:
    """Move the chains, and notify the page of what has changed."""
    told = {key: chain.revision for key, chain in world.chains.items()}
    while True:
        await asyncio.sleep(_CHAIN_TICK_SECONDS)
        # Asked anew each time, because a restored world has other chains.
        for key, chain in world.chains.items():
            chain.tick()
            if chain.revision != told.get(key):
                told[key] = chain.revision
                world.hub.publish("chain", key=key, chain=chain.view())
