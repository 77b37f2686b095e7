"""Who works in the background, and how often: as the settings and what is switched on want it."""

from datetime import timedelta

from app.bootstrap.clients import Clients
from app.bot.renderer import ScreenRenderer
from app.clients.cache.delivery_claims import LocalDeliveryClaims, RedisDeliveryClaims
from app.core.settings import Settings
from app.db.unit_of_work import Database
from app.services.notifications.notify import WORKERS
from app.services.notifications.outbox import Post
from app.services.shop_settings import Shop
from app.workers.activation import activation
from app.workers.auto_renewal import auto_renewal
from app.workers.base import Worker
from app.workers.bridges import bridges
from app.workers.crypto_payment_watcher import crypto_payment_watcher
from app.workers.fast_expiry_cleanup import fast_expiry_cleanup
from app.workers.housekeeping import housekeeping
from app.workers.invoice_deletion import invoice_deletion
from app.workers.outbox import outbox
from app.workers.refunds import refunds
from app.workers.reminders import reminders
from app.workers.trial_notifications import trial_notifications
from app.workers.tx_monitor import tx_monitors
from app.workers.watch_cards import watch_cards


def renews(settings: Settings, clients: Clients) -> bool:
    """Whether the worker runs that renews from the balance: what nothing else may promise (P14)."""
    return settings.auto_renewal_enabled and clients.panel is not None


def list_workers(settings: Settings, db: Database, shop: Shop, clients: Clients) -> list[Worker]:
    return [
        *_letters(settings, db, shop, clients),
        *_money(settings, db, clients),
        *_access(settings, db, shop, clients),
        *_trackers(settings, db, shop, clients),
        housekeeping(db, _seconds(settings.housekeeping_interval_seconds)),
    ]


def _renderer(settings: Settings, shop: Shop, clients: Clients) -> ScreenRenderer:
    return ScreenRenderer(
        renewal=renews(settings, clients),
        keys=clients.panel is not None,
        zone=lambda: shop.known.time_zone,
    )


def _letters(settings: Settings, db: Database, shop: Shop, clients: Clients) -> list[Worker]:
    claims = RedisDeliveryClaims(clients.cache) if clients.cache else LocalDeliveryClaims()
    post = Post(
        clients.sender,
        _renderer(settings, shop, clients),
        claims,
        settings.admin_ids,
    )
    interval = _seconds(settings.outbox_interval_seconds)
    return [outbox(db, post, shop, lane, interval) for lane in WORKERS]


def _money(settings: Settings, db: Database, clients: Clients) -> list[Worker]:
    operators, ways = settings.admin_ids, clients.ways
    interval = _seconds(settings.crypto_payment_watcher_interval_seconds)
    return [
        crypto_payment_watcher(db, ways.providers.values(), operators, interval),
        invoice_deletion(db, ways),
        refunds(db, ways, operators),
    ]


def _access(settings: Settings, db: Database, shop: Shop, clients: Clients) -> list[Worker]:
    operators, panel = settings.admin_ids, clients.panel
    workers = [reminders(db, shop, _seconds(settings.reminders_interval_seconds))]
    if panel is None:
        return workers
    interval = _seconds(settings.activation_interval_seconds)
    workers.append(activation(db, panel, operators, interval))
    interval = _seconds(settings.fast_expiry_cleanup_interval_seconds)
    workers.append(fast_expiry_cleanup(db, panel, operators, interval))
    interval = _seconds(settings.trial_notifications_interval_seconds)
    workers.append(trial_notifications(db, panel, shop, interval))
    if renews(settings, clients):
        interval = _seconds(settings.auto_renewal_interval_seconds)
        workers.append(auto_renewal(db, operators, interval))
    return workers


def _trackers(settings: Settings, db: Database, shop: Shop, clients: Clients) -> list[Worker]:
    chains, sender = clients.chains, clients.sender
    if not chains.all:
        return []
    seconds = settings.tx_monitor_interval_seconds
    interval = _seconds(settings.watch_cards_interval_seconds)
    return [
        *tx_monitors(db, chains, shop, _seconds(seconds) if seconds else None),
        watch_cards(db, chains, sender, _renderer(settings, shop, clients), shop, interval),
        bridges(db, chains, shop),
    ]


def _seconds(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)
