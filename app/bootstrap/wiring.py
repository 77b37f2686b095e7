"""What one instance is made of: each part made once, in order, and given what it needs."""

from collections.abc import Awaitable
from dataclasses import dataclass

from app.api.customer_page import CustomerPages
from app.api.health import Health
from app.api.telegram_webhook import TelegramWebhook
from app.api.update_intake import UpdateIntake
from app.api.webhook_activity import WebhookActivity
from app.bootstrap.clients import Clients, create_clients
from app.bootstrap.command_lists import CommandLists
from app.bootstrap.customer_pages import create_customer_pages
from app.bootstrap.health_report import create_health
from app.bootstrap.term_tasks import TermTasks
from app.bootstrap.updates import (
    create_bot_deps,
    create_intake,
    create_seen_updates,
    create_telegram_webhook,
    create_webhook_reconciler,
)
from app.bootstrap.workers import create_workers
from app.core.settings import Settings
from app.core.side_by_side import run_side_by_side
from app.core.supervisor import TaskSupervisor
from app.core.wakeups import Wakeups
from app.db.engine import OwnBackends, create_engine
from app.db.lock import LockLease
from app.db.readiness import DatabaseReadiness
from app.db.unit_of_work import INTERACTIVE_TIMEOUT, Database
from app.domain.ports import SeenUpdates
from app.services.operations.shop_home import ShopStatus
from app.services.shop_settings import ShopSettingsCache
from app.workers.leadership import Leadership
from app.workers.loop import WorkerBoard


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceParts:
    """Those that somebody else starts, ends or asks."""

    settings: Settings
    wakeups: Wakeups
    own_backends: OwnBackends
    db: Database
    readiness: DatabaseReadiness
    clients: Clients
    supervisor: TaskSupervisor
    board: WorkerBoard
    shop: ShopSettingsCache
    status: ShopStatus
    lease: LockLease
    leadership: Leadership
    intake: UpdateIntake
    webhook: TelegramWebhook
    customer_pages: CustomerPages
    health: Health


def create_parts(settings: Settings) -> ServiceParts:
    lock_url = settings.lock_database_url.get_secret_value()
    wakeups = Wakeups()
    engine = create_engine(settings)
    own_backends = OwnBackends(engine)
    db = Database(engine, wakeups.wake)
    chat_db = Database(engine, wakeups.wake, unit_timeout=INTERACTIVE_TIMEOUT)
    background_db = Database(engine, wakeups.wake, at_once=settings.worker_connections)
    readiness = DatabaseReadiness(lock_url, engine, settings.db_pool_min_size)
    shop = ShopSettingsCache(chat_db)
    clients = create_clients(settings, db)
    supervisor, board = TaskSupervisor(max_tracked=1000), WorkerBoard()
    status, activity = ShopStatus(), WebhookActivity()
    lease = LockLease(lock_url, settings.bot_id)
    reconciler = create_webhook_reconciler(settings, clients.bot, activity)
    term_tasks = TermTasks(
        supervisor,
        wakeups,
        board,
        workers=create_workers(
            settings, background_db, shop, clients, reconciler, board, status=status
        ),
        keep_commands=lambda: _keep_commands(settings, db, clients, wakeups),
        stop_bound=lease.timings.stop_bound,
    )
    seen = create_seen_updates(settings, clients, lease)
    leadership = _create_leadership(lease, term_tasks, seen, supervisor)
    deps = create_bot_deps(settings, chat_db, clients, shop, supervisor, status)
    intake = create_intake(settings, db, clients, deps, lease=lease, seen=seen)
    webhook = create_telegram_webhook(
        settings, db, clients.bot, intake, activity, leadership=leadership, lease=lease
    )
    return ServiceParts(
        settings=settings,
        wakeups=wakeups,
        own_backends=own_backends,
        db=db,
        readiness=readiness,
        clients=clients,
        supervisor=supervisor,
        board=board,
        shop=shop,
        status=status,
        lease=lease,
        leadership=leadership,
        intake=intake,
        webhook=webhook,
        customer_pages=create_customer_pages(settings, engine, wakeups, clients),
        health=create_health(db, clients, leadership, readiness, board),
    )


def _create_leadership(
    lease: LockLease, term_tasks: TermTasks, seen: SeenUpdates, supervisor: TaskSupervisor
) -> Leadership:
    async def begin_term() -> None:
        await term_tasks.start()
        # Looks for what older processes did, so that the first update need not wait for Redis.
        supervisor.track(seen.flush(), name="seen-updates")

    async def end_term() -> None:
        await run_side_by_side([term_tasks.stop(), seen.hand_over()])

    return Leadership(lease, on_active=begin_term, on_standby=end_term)


def _keep_commands(
    settings: Settings, db: Database, clients: Clients, wakeups: Wakeups
) -> Awaitable[None]:
    lists = CommandLists(
        clients.bot,
        db,
        settings.admin_ids,
        sells=clients.panel is not None,
        tracks=bool(clients.chains.all),
    )
    return lists.keep_updated(wakeups)
