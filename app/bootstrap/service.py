"""One instance: everything it is made of, and the order of its start and end."""

import asyncio
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from functools import partial

import structlog
from starlette.routing import BaseRoute

from app import __version__
from app.api.cryptobot_webhook import create_cryptobot_routes
from app.api.health import create_health_routes
from app.api.metrics import create_metrics_routes
from app.api.telegram_webhook import create_telegram_routes
from app.api.trusted_clients import TrustedClients
from app.api.webhook_activity import WebhookActivity
from app.bootstrap.clients import create_clients
from app.bootstrap.command_lists import CommandLists
from app.bootstrap.health_report import create_health
from app.bootstrap.shutdown import (
    HANDLERS_END,
    POOLS_CLOSED,
    TASKS_END,
    UPDATES_ANSWERED,
    WORKERS_END,
    ShutdownClock,
)
from app.bootstrap.updates import (
    create_bot_deps,
    create_intake,
    create_telegram_webhook,
    create_webhook_reconciler,
)
from app.bootstrap.workers import create_workers
from app.core.gauges import GaugeSampler, tune_garbage_collector
from app.core.settings import Settings
from app.core.supervisor import TaskSupervisor
from app.core.wakeups import Wakeups
from app.core.watchdog import Watchdog
from app.core.worker_names import WorkerName
from app.db.engine import count_connections_in_use, create_engine
from app.db.listener import WakeListener
from app.db.lock import LockLease
from app.db.readiness import DatabaseReadiness
from app.db.unit_of_work import INTERACTIVE_TIMEOUT, Database
from app.services.shop_settings import ShopSettingsCache
from app.workers.leadership import Leadership
from app.workers.loop import WorkerBoard, run_worker

log = structlog.get_logger()

# For a round under way to end by itself; who is cancelled in a statement needs 2 s to let go of it.
_ROUND_PATIENCE = timedelta(seconds=1)


class Service:
    """Everything of one instance, made from its settings; `start` and `stop` run it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.supervisor = TaskSupervisor(max_tracked=1000)
        self.board = WorkerBoard()
        self._wakeups = Wakeups()
        self._ending = asyncio.Event()  # tells the workers of this term to end
        self.db = Database(create_engine(settings), self._wakeups.wake)
        self._lock_url = settings.lock_database_url.get_secret_value()
        self.readiness = DatabaseReadiness(
            self._lock_url, self.db.engine, settings.db_pool_min_size
        )
        self._chat_db = Database(
            self.db.engine, self._wakeups.wake, unit_timeout=INTERACTIVE_TIMEOUT
        )
        self._shop = ShopSettingsCache(self._chat_db)
        self._clients = create_clients(settings)
        self.bot = self._clients.bot
        self._lease = LockLease(self._lock_url, settings.bot_id)
        deps = create_bot_deps(settings, self._chat_db, self._clients, self._shop, self.supervisor)
        self.intake = create_intake(settings, self.db, self._clients, deps, self._lease)
        self.webhook_activity = WebhookActivity()
        self.leadership = Leadership(
            self._lease,
            on_active=self._start_workers,
            on_standby=self._stop_workers,
        )
        self.webhook = create_telegram_webhook(
            settings,
            self.db,
            self.bot,
            self.intake,
            self.webhook_activity,
            leadership=self.leadership,
            lease=self._lease,
        )
        self._watchdog = Watchdog(settings.watchdog_seconds)
        self._shutdown = ShutdownClock(settings.shutdown_grace_seconds)
        self._draining: asyncio.Task[None] | None = None
        background = Database(
            self.db.engine, self._wakeups.wake, at_once=settings.worker_connections
        )
        reconciler = create_webhook_reconciler(settings, self.bot, self.webhook_activity)
        workers = create_workers(settings, background, self._shop, self._clients, reconciler)
        self._workers = {worker.name: worker for worker in workers}

    @property
    def routes(self) -> list[BaseRoute]:
        settings = self.settings
        token, metrics_token = settings.cryptobot_token, settings.metrics_token
        trusted_clients = TrustedClients(
            metrics_token.get_secret_value() if metrics_token else None
        )
        health = create_health(self.db, self._clients, self.leadership, self.readiness, self.board)
        return [
            *create_telegram_routes(self.webhook),
            *create_cryptobot_routes(self.db, token.get_secret_value() if token else None),
            *create_health_routes(health, trusted_clients),
            *create_metrics_routes(trusted_clients),
        ]

    async def start(self) -> None:
        self._log_pool_sizes()
        if not self.settings.redis_url:
            log.warning("redis_unset", instead="in this process", fix="set REDIS_URL")
        self._watchdog.start()
        self.supervisor.start("watchdog", self._watchdog.beat)
        self.supervisor.start("gauges", GaugeSampler(self._pool_use).run)
        self.supervisor.start("start", self._start_work)
        tune_garbage_collector()

    async def _start_work(self) -> None:
        """Not in `start`: the port has to open though the database is away."""
        await self.readiness.wait()
        self.supervisor.start("wake_listener", WakeListener(self._lock_url, self._wakeups).run)
        self.supervisor.start("leadership", self.leadership.run)
        log.info("started", version=__version__)

    def begin_drain(self) -> asyncio.Task[None]:
        """Hand over at once: the signal comes long before the lifespan ends."""
        if self._draining is None:
            log.info("draining")
            self._shutdown.begin()
            self._draining = self.supervisor.track(self._drain(), name="drain")
        return self._draining

    async def _drain(self) -> None:
        # Side by side: what waits for its turn here must not start after the lock is given away.
        await asyncio.gather(self._hand_over(), self._end_updates())

    async def _hand_over(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._shutdown.until(WORKERS_END).total_seconds()):
                await self.leadership.drain()

    async def _end_updates(self) -> None:
        grace = self._shutdown.until(HANDLERS_END)
        cancelling = self._shutdown.until(UPDATES_ANSWERED) - grace
        await self.intake.drain(grace, cancelling)

    async def stop(self) -> None:
        await self.begin_drain()
        await self.supervisor.stop_all(self._shutdown.until(TASKS_END))
        self._lease.end_term()
        self._watchdog.stop()
        try:
            async with asyncio.timeout(self._shutdown.until(POOLS_CLOSED).total_seconds()):
                await self._close_pools()
        except TimeoutError:
            log.warning("pools_not_closed")
        log.info("stopped")

    async def _close_pools(self) -> None:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.db.engine.dispose)
            stack.push_async_callback(self._clients.aclose)

    async def _start_workers(self) -> None:
        self._ending = asyncio.Event()
        for worker in self._workers.values():
            self.supervisor.start(
                worker.name, partial(run_worker, worker, self._wakeups, self.board, self._ending)
            )
        self.supervisor.start(
            WorkerName.COMMANDS, partial(self._make_lists().keep_updated, self._wakeups)
        )

    def _make_lists(self) -> CommandLists:
        clients = self._clients
        return CommandLists(
            self.bot,
            self.db,
            self.settings.admin_ids,
            sells=clients.panel is not None,
            tracks=bool(clients.chains.all),
        )

    async def _stop_workers(self) -> None:
        # Sooner than the leadership's own bound, so that whoever does not end is named in the log.
        bound = self._lease.timings.stop_bound - timedelta(seconds=0.5)
        self._ending.set()
        self._wakeups.wake_all()
        await self.supervisor.stop({WorkerName.COMMANDS}, bound)
        await self.supervisor.stop(self._workers, bound - _ROUND_PATIENCE, patience=_ROUND_PATIENCE)

    def _log_pool_sizes(self) -> None:
        settings = self.settings
        sizes = (
            f"DB_POOL_MAX_SIZE={settings.pool_size} DB_POOL_MIN_SIZE={settings.db_pool_min_size}"
        )
        log.info(
            sizes,
            updates_at_once=settings.updates_at_once,
            worker_connections=settings.worker_connections,
        )

    def _pool_use(self) -> tuple[int, int]:
        return count_connections_in_use(self.db.engine), self.settings.pool_size
