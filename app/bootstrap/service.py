"""The life of one instance: its start, the hand-over to the next one, its end."""

import asyncio
from contextlib import AsyncExitStack, suppress

import structlog

from app import __version__
from app.bootstrap.shutdown import (
    HANDLERS_END,
    POOLS_CLOSED,
    TASKS_END,
    UPDATES_ANSWERED,
    WORKERS_END,
    ShutdownClock,
)
from app.bootstrap.wiring import ServiceParts
from app.core.gauges import GaugeSampler
from app.core.settings import Settings
from app.core.watchdog import Watchdog
from app.db.engine import count_connections_in_use
from app.db.listener import WakeListener

log = structlog.get_logger()


class Service:
    """`start` and `stop` are the server's lifespan; `begin_drain` comes with the end signal."""

    def __init__(self, parts: ServiceParts) -> None:
        self._parts = parts
        self._supervisor = parts.supervisor
        self._watchdog = Watchdog(parts.settings.watchdog_seconds)
        self._shutdown = ShutdownClock(parts.settings.shutdown_grace_seconds)
        self._draining: asyncio.Task[None] | None = None

    async def start(self) -> None:
        _log_settings(self._parts.settings)
        self._watchdog.start()
        self._supervisor.start("watchdog", self._watchdog.beat)
        self._supervisor.start("gauges", GaugeSampler(self._get_pool_use).run)
        self._supervisor.start("start", self._start_work)

    async def _start_work(self) -> None:
        """Not in `start`: the port has to open though the database is away."""
        parts = self._parts
        await parts.readiness.wait()
        lock_url = parts.settings.lock_database_url.get_secret_value()
        listener = WakeListener(lock_url, parts.wakeups, parts.own_backends)
        self._supervisor.start("wake_listener", listener.run)
        self._supervisor.start("leadership", parts.leadership.run)
        log.info("started", version=__version__)

    def begin_drain(self) -> asyncio.Task[None]:
        """Hand over at once: the signal comes long before the lifespan ends."""
        if self._draining is None:
            log.info("draining")
            self._shutdown.begin()
            self._draining = self._supervisor.track(self._drain(), name="drain")
        return self._draining

    async def _drain(self) -> None:
        # Side by side: what waits for its turn here must not start after the lock is given away.
        await asyncio.gather(self._hand_over(), self._end_updates())

    async def _hand_over(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._shutdown.until(WORKERS_END).total_seconds()):
                await self._parts.leadership.drain()

    async def _end_updates(self) -> None:
        grace = self._shutdown.until(HANDLERS_END)
        cancelling = self._shutdown.until(UPDATES_ANSWERED) - grace
        await self._parts.intake.drain(grace, cancelling)

    async def stop(self) -> None:
        await self.begin_drain()
        await self._supervisor.stop_all(self._shutdown.until(TASKS_END))
        self._parts.lease.end_term()
        self._watchdog.stop()
        try:
            async with asyncio.timeout(self._shutdown.until(POOLS_CLOSED).total_seconds()):
                await self._close_pools()
        except TimeoutError:
            log.warning("pools_not_closed")
        log.info("stopped")

    async def _close_pools(self) -> None:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._parts.db.engine.dispose)
            stack.push_async_callback(self._parts.clients.aclose)

    def _get_pool_use(self) -> tuple[int, int]:
        parts = self._parts
        return count_connections_in_use(parts.db.engine), parts.settings.pool_size


def _log_settings(settings: Settings) -> None:
    sizes = f"DB_POOL_MAX_SIZE={settings.pool_size} DB_POOL_MIN_SIZE={settings.db_pool_min_size}"
    log.info(
        sizes,
        updates_at_once=settings.updates_at_once,
        worker_connections=settings.worker_connections,
    )
    if not settings.redis_url:
        log.warning("redis_unset", instead="in this process", fix="set REDIS_URL")
