"""Who works in the background, and how often: as the settings and what is switched on want it."""

from datetime import timedelta

from app.bootstrap.clients import Clients
from app.bot.renderer import ScreenRenderer
from app.clients.cache.delivery_claims import LocalDeliveryClaims, RedisDeliveryClaims
from app.core.settings import Settings
from app.db.unit_of_work import Database
from app.services.notifications.notify import OUTBOX_WORKERS
from app.services.notifications.outbox import DeliveryPorts
from app.services.shop_settings import ShopSettingsCache
from app.workers.activation import create_activation_worker
from app.workers.auto_renewal import create_auto_renewal_worker
from app.workers.base import Worker
from app.workers.bridges import create_bridges_worker
from app.workers.crypto_payment_watcher import create_payment_watcher
from app.workers.fast_expiry_cleanup import create_expiry_worker
from app.workers.invoice_deletion import create_invoice_deletion_worker
from app.workers.outbox import create_outbox_worker
from app.workers.refunds import create_refunds_worker
from app.workers.reminders import create_reminders_worker
from app.workers.retention import create_retention_worker
from app.workers.trial_notifications import create_trial_worker
from app.workers.tx_monitor import create_tx_monitors
from app.workers.watch_cards import create_watch_cards_worker


def is_auto_renewal_on(settings: Settings, clients: Clients) -> bool:
    """Whether the worker runs that renews from the balance: what nothing else may promise (P14)."""
    return settings.auto_renewal_enabled and clients.panel is not None


def create_workers(
    settings: Settings, db: Database, shop: ShopSettingsCache, clients: Clients
) -> list[Worker]:
    return [
        *_notifications(settings, db, shop, clients),
        *_money(settings, db, clients),
        *_access(settings, db, shop, clients),
        *_trackers(settings, db, shop, clients),
        create_retention_worker(db, _seconds(settings.housekeeping_interval_seconds)),
    ]


def _renderer(settings: Settings, shop: ShopSettingsCache, clients: Clients) -> ScreenRenderer:
    return ScreenRenderer(
        renewal=is_auto_renewal_on(settings, clients),
        keys=clients.panel is not None,
        zone=lambda: shop.last_read.time_zone,
    )


def _notifications(
    settings: Settings, db: Database, shop: ShopSettingsCache, clients: Clients
) -> list[Worker]:
    claims = RedisDeliveryClaims(clients.cache) if clients.cache else LocalDeliveryClaims()
    ports = DeliveryPorts(
        clients.sender,
        _renderer(settings, shop, clients),
        claims,
        settings.admin_ids,
    )
    interval = _seconds(settings.outbox_interval_seconds)
    return [create_outbox_worker(db, ports, shop, lane, interval) for lane in OUTBOX_WORKERS]


def _money(settings: Settings, db: Database, clients: Clients) -> list[Worker]:
    operators, payment_methods = settings.admin_ids, clients.payment_methods
    interval = _seconds(settings.crypto_payment_watcher_interval_seconds)
    return [
        create_payment_watcher(db, payment_methods.providers.values(), operators, interval),
        create_invoice_deletion_worker(db, payment_methods),
        create_refunds_worker(db, payment_methods, operators),
    ]


def _access(
    settings: Settings, db: Database, shop: ShopSettingsCache, clients: Clients
) -> list[Worker]:
    operators, panel = settings.admin_ids, clients.panel
    workers = [create_reminders_worker(db, shop, _seconds(settings.reminders_interval_seconds))]
    if panel is None:
        return workers
    interval = _seconds(settings.activation_interval_seconds)
    workers.append(create_activation_worker(db, panel, operators, interval))
    interval = _seconds(settings.fast_expiry_cleanup_interval_seconds)
    workers.append(create_expiry_worker(db, panel, operators, interval))
    interval = _seconds(settings.trial_notifications_interval_seconds)
    workers.append(create_trial_worker(db, panel, shop, interval))
    if is_auto_renewal_on(settings, clients):
        interval = _seconds(settings.auto_renewal_interval_seconds)
        workers.append(create_auto_renewal_worker(db, operators, interval))
    return workers


def _trackers(
    settings: Settings, db: Database, shop: ShopSettingsCache, clients: Clients
) -> list[Worker]:
    chains, sender = clients.chains, clients.sender
    if not chains.all:
        return []
    seconds = settings.tx_monitor_interval_seconds
    interval = _seconds(settings.watch_cards_interval_seconds)
    return [
        *create_tx_monitors(db, chains, shop, _seconds(seconds) if seconds else None),
        create_watch_cards_worker(
            db, chains, sender, _renderer(settings, shop, clients), shop, interval
        ),
        create_bridges_worker(db, chains, shop),
    ]


def _seconds(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)
