"""One instance: everything it is made of, and the order of its start and end."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from functools import partial

import structlog
from aiogram.types import Update
from starlette.routing import BaseRoute

from app import __version__
from app.api.cryptobot_webhook import create_cryptobot_routes
from app.api.health import Health, create_health_routes
from app.api.metrics import create_metrics_routes
from app.api.telegram_webhook import TelegramWebhook, create_telegram_routes
from app.api.trusted_clients import TrustedClients
from app.api.update_intake import UpdateHooks, UpdateIntake
from app.api.webhook_activity import WebhookActivity
from app.bootstrap.clients import create_clients
from app.bootstrap.command_lists import CommandLists
from app.bootstrap.shutdown import (
    HANDLERS_END,
    POOLS_CLOSED,
    TASKS_END,
    UPDATES_ANSWERED,
    WORKERS_END,
    ShutdownClock,
)
from app.bootstrap.workers import create_workers, is_auto_renewal_on
from app.bot.deps import BotDeps
from app.bot.dispatcher import ALLOWED_UPDATES, create_dispatcher
from app.bot.late_notice import send_late_notice
from app.clients.cache.dialogue import DialogueStorage
from app.clients.cache.seen_updates import LocalSeenUpdates, RedisSeenUpdates
from app.clients.telegram.account import TelegramAccount
from app.clients.telegram.channels import TelegramChannels
from app.clients.telegram.webhook import TelegramWebhookControl
from app.core.fingerprints import Fingerprints
from app.core.gauges import GaugeSampler, tune_garbage_collector
from app.core.role import Role
from app.core.settings import Settings
from app.core.supervisor import TaskSupervisor
from app.core.wakeups import Wakeups
from app.core.watchdog import Watchdog, exit_process
from app.core.worker_names import WorkerName
from app.db.engine import count_connections_in_use, create_engine
from app.db.listener import WakeListener
from app.db.lock import LockLease
from app.db.readiness import DatabaseReadiness
from app.db.unit_of_work import INTERACTIVE_TIMEOUT, Database
from app.db.write_probe import probe_connection, probe_write
from app.services.failed_updates import save_failed_update
from app.services.payments.events import receive_unreadable_stars_payment
from app.services.shop_settings import ShopSettingsCache
from app.services.tracking.wallet.fees import FeeCache
from app.services.webhook_reconciler import WebhookReconciler
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
        self._make_intake()
        self.leadership = Leadership(
            self._lease,
            on_active=self._start_workers,
            on_standby=self._stop_workers,
        )
        self.webhook = self._make_webhook()
        self._watchdog = Watchdog(settings.watchdog_seconds)
        self._shutdown = ShutdownClock(settings.shutdown_grace_seconds)
        self._draining: asyncio.Task[None] | None = None
        background = Database(
            self.db.engine, self._wakeups.wake, at_once=settings.worker_connections
        )
        workers = create_workers(
            settings, background, self._shop, self._clients, self._make_reconciler()
        )
        self._workers = {worker.name: worker for worker in workers}

    def _make_intake(self) -> None:
        settings, clients = self.settings, self._clients
        deps = BotDeps(
            db=self._chat_db,
            sender=clients.sender,
            payment_methods=clients.payment_methods,
            shop=self._shop,
            panel=clients.panel,
            channels=TelegramChannels(self.bot),
            operators=settings.admin_ids,
            supervisor=self.supervisor,
            account=TelegramAccount(self.bot),
            renewal=is_auto_renewal_on(settings, clients),
            fingerprints=Fingerprints(settings.bot_token.get_secret_value()),
            chains=clients.chains,
            fees=FeeCache(clients.chains, clients.payments),
        )
        self._dispatcher = create_dispatcher(deps, DialogueStorage(clients.cache))
        self.intake = UpdateIntake(
            UpdateHooks(
                feed=self._feed,
                store_failed=partial(save_failed_update, self.db),
                send_late_notice=partial(send_late_notice, deps),
            ),
            RedisSeenUpdates(clients.cache, settings.bot_id, term=lambda: self._lease.term)
            if clients.cache
            else LocalSeenUpdates(),
            self.supervisor,
            max_concurrent=settings.updates_at_once,
            feed_timeout=timedelta(seconds=settings.feed_timeout_seconds),
        )
        self.webhook_activity = WebhookActivity()

    def _make_reconciler(self) -> WebhookReconciler:
        settings = self.settings
        control = TelegramWebhookControl(
            self.bot,
            settings.webhook_secret.get_secret_value(),
            ALLOWED_UPDATES,
            # Who waits keeps a connection, but no slot: as many as Telegram gives.
            max_connections=100,
        )
        return WebhookReconciler(
            control,
            settings.webhook_url,
            ALLOWED_UPDATES,
            silence=timedelta(seconds=settings.webhook_silence_seconds),
            get_silence=lambda: self.webhook_activity.silence,
            give_up=partial(exit_process, "updates_do_not_arrive"),
            is_rotating=settings.webhook_secret_previous is not None,
        )

    def _make_webhook(self) -> TelegramWebhook:
        secrets = [self.settings.webhook_secret, self.settings.webhook_secret_previous]
        return TelegramWebhook(
            self.bot,
            self.intake,
            self.webhook_activity,
            secrets=[secret.get_secret_value() for secret in secrets if secret],
            store_unreadable_payment=partial(receive_unreadable_stars_payment, self.db),
            is_active=self._takes_updates,
        )

    @property
    def routes(self) -> list[BaseRoute]:
        settings = self.settings
        token, metrics_token = settings.cryptobot_token, settings.metrics_token
        trusted_clients = TrustedClients(
            metrics_token.get_secret_value() if metrics_token else None
        )
        return [
            *create_telegram_routes(self.webhook),
            *create_cryptobot_routes(self.db, token.get_secret_value() if token else None),
            *create_health_routes(self._make_health(), trusted_clients),
            *create_metrics_routes(trusted_clients),
        ]

    def _takes_updates(self) -> bool:
        """Also while nobody can hold the lock: who taps then hears that we'll be back (P8)."""
        role = self.leadership.role
        return role is Role.ACTIVE or (role is Role.STANDBY and self._lease.is_unreachable)

    def _make_health(self) -> Health:
        clients, chains = self._clients, self._clients.chains.all
        checks: dict[str, Callable[[], Awaitable[object]] | None] = {
            "database": self._check_database,
            "redis": clients.cache.check if clients.cache else None,
            "telegram": self.bot.get_me,
            "cryptobot": clients.payments.check if clients.payments else None,
            "panel": clients.panel.check if clients.panel else None,
        }
        for key in ("eth", "bsc", "cf", *chains):
            chain = chains.get(key)
            checks[f"rpc_{key}"] = chain.check if chain else None
        return Health(
            checks,
            role=lambda: self.leadership.role,
            workers=self._describe_workers,
            schema=self._describe_schema,
            version=__version__,
        )

    async def _check_database(self) -> None:
        """While it starts its table may not be there yet, and nothing is sold anyway."""
        if self.leadership.role == Role.STARTING:
            await probe_connection(self.db)
        else:
            await probe_write(self.db)

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

    async def _feed(self, update: Update, body: bytes) -> None:
        await self._dispatcher.feed_update(self.bot, update, raw_update=body)

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

    def _describe_schema(self) -> dict[str, object] | None:
        schema = self.readiness.schema
        if schema is None:
            return None
        return {
            "database": schema.database,
            "code": schema.code,
            "is_newer_than_code": schema.is_newer,
        }

    def _describe_workers(self) -> dict[str, object]:
        return {
            name: {
                "last_start_at": status.last_start_at.isoformat(),
                "last_end_at": status.last_end_at.isoformat() if status.last_end_at else None,
                "outcome": status.outcome,
                "consecutive_failures": status.consecutive_failures,
            }
            for name, status in self.board.statuses.items()
        }
