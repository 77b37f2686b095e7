"""What the service asks of PostgreSQL while nobody uses it, counted on the wire.

Each worker's round, as it is with everything on, four chains that grow, and nothing to do; how
often there is one, the table of the workers says.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from app.api.webhook_activity import WebhookActivity
from app.bootstrap.updates import create_webhook_reconciler
from app.bootstrap.wiring import create_parts
from app.bootstrap.workers import create_workers
from app.core.settings import Settings, load_settings
from app.core.worker_names import WorkerName
from app.db.listener import ListenTimings
from app.db.lock import LeaseTimings
from app.services.operations.shop_home import ShopStatus
from app.services.shop_settings import SETTINGS_MAX_AGE, ShopSettingsCache
from app.workers.loop import Worker, WorkerBoard
from sandbox.world.chains.cellframe.chain import CellframeChain
from sandbox.world.chains.evm.chain import EvmChain
from tests.support.shop import World, environment, get_chain_variables, open_world
from tests.support.wire import PostgresWire

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
# A round trip each: the lock's proof, LISTEN's heartbeat, the workers' settings and those of the
# lists of commands.
OTHERS = [LeaseTimings().heartbeat_interval, ListenTimings().heartbeat, *[SETTINGS_MAX_AGE] * 2]
ROUND_TRIPS = {
    "outbox": 1,
    "broadcast": 1,
    "crypto_payment_watcher": 16,
    "invoice_deletion": 1,
    "refunds": 1,
    "exports": 1,
    "digest": 0,
    "admissions": 0,
    "panel_moves": 1,
    "feeds": 1,
    "bulk": 1,
    "webhook_reconciler": 0,
    "incidents": 6,
    "fast_expiry_cleanup": 10,
    "tx_monitor_eth": 9,
    "tx_monitor_bsc": 9,
    "tx_monitor_tron": 9,
    "tx_monitor_cf": 3,
    "watch_cards": 7,
    "bridges": 4,
}
# What runs seldomer than once a minute, and the measurements' two, which rest by the clock.
SELDOM = 0.1


@asynccontextmanager
async def open_workers(settings: Settings) -> AsyncIterator[list[Worker]]:
    """Those of a service that nobody has started: no round but ours."""
    parts = create_parts(settings)
    shop = ShopSettingsCache(parts.db)
    await shop.settings()
    reconciler = create_webhook_reconciler(settings, parts.clients.bot, WebhookActivity())
    try:
        yield create_workers(
            settings, parts.db, shop, parts.clients, reconciler, WorkerBoard(), status=ShopStatus()
        )
    finally:
        await parts.clients.aclose()
        await parts.db.engine.dispose()


def describe_service(world: World, database_url: str, redis_url: str) -> Settings:
    url = world.server.url
    values = environment(url, url, database_url, redis_url) | get_chain_variables(url)
    often = "_INTERVAL_SECONDS"  # as tests have them: here they are as deployed
    return load_settings({name: text for name, text in values.items() if not name.endswith(often)})


async def count_round_trips(worker: Worker, world: World, wire: PostgresWire) -> int:
    """Of a round with every statement prepared, and one new block on each chain."""
    for _ in range(2):
        await worker.iteration()
    for chain in world.server.world.chains.values():
        assert isinstance(chain, EvmChain | CellframeChain)
        chain.mine(1)
    wire.forget()
    counts = await worker.iteration()
    assert not any(counts.get(name) for name in ("claimed", "asked", "notified", "drawn"))
    return wire.round_trips


async def test_at_rest_eight_round_trips_a_second_are_enough(
    database_url: str, redis_url: str
) -> None:
    async with open_world("http://127.0.0.1:9") as world, PostgresWire.to(database_url) as wire:
        settings = describe_service(world, wire.replace(database_url), redis_url)
        async with open_workers(settings) as workers:
            pauses = {worker.name: worker.rest or worker.interval for worker in workers}
            counted = {
                worker.name: await count_round_trips(worker, world, wire)
                for worker in workers
                if pauses[worker.name] <= MINUTE and worker.name != WorkerName.MEASUREMENTS
            }
    assert counted == ROUND_TRIPS
    rounds = sum(trips * (SECOND / pauses[name]) for name, trips in counted.items())
    assert rounds + sum(SECOND / interval for interval in OTHERS) + SELDOM < 8
