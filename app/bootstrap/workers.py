"""The table of the workers: what each does, how often, when it runs at all, and who wakes it.

"Woken by" names modules of app/services: after their commits the next round begins at once.
"""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final

from app.bootstrap.clients import Clients
from app.bootstrap.incident_sources import create_incident_sources
from app.bot.renderer import ScreenRenderer
from app.clients.cache.delivery_claims import LocalDeliveryClaims, RedisDeliveryClaims
from app.core.settings import Settings
from app.core.worker_names import WorkerName
from app.db.unit_of_work import Database
from app.domain.messages import Lane
from app.domain.onchain.networks import list_networks
from app.domain.ports import DeliveryClaims
from app.services.access.panel_drift import PanelDrift
from app.services.access.panel_router import PanelRouter
from app.services.access.panel_work import PanelLane
from app.services.access.traffic_warnings import warn_of_used_traffic
from app.services.notifications.outbox import DeliveryPorts
from app.services.operations.broadcasts.sending import BroadcastPorts
from app.services.operations.bulk.working import BulkDisplay
from app.services.operations.database_alert import DatabaseAlert
from app.services.operations.exports.making import make_due_export
from app.services.operations.feeds import notify_feeds
from app.services.operations.incidents import IncidentMonitor
from app.services.operations.panel_moves import continue_panel_moves
from app.services.operations.shop_home import ShopStatus
from app.services.payments.invoice_deletion import delete_due_invoices
from app.services.payments.onchain.reading import ChainPayments
from app.services.payments.onchain.rounds import read_chain_payments
from app.services.payments.payouts import pay_out_due_refunds
from app.services.payments.polling import poll_payments
from app.services.promotions.admissions import AdmissionRounds
from app.services.promotions.win_backs import send_due_win_backs
from app.services.purchases.renewals import renew_due_subscriptions
from app.services.shop_settings import ShopSettingsCache
from app.services.tracking.chains import Chains
from app.services.webhook_reconciler import WebhookReconciler
from app.workers import rounds
from app.workers.loop import Worker, WorkerBoard
from app.workers.tx_monitor import create_chain_rounds

_MINUTE: Final = timedelta(minutes=1)
_FEED_PACE: Final = timedelta(seconds=20)
_RESTS: Final = 3  # times its pace: of a chain on which nothing is watched


def is_auto_renewal_on(settings: Settings, clients: Clients) -> bool:
    """Whether the worker runs that renews from the balance: what nothing else may promise (P14)."""
    return settings.auto_renewal_enabled and clients.panel is not None


def create_workers(
    settings: Settings,
    db: Database,
    shop: ShopSettingsCache,
    clients: Clients,
    reconciler: WebhookReconciler,
    board: WorkerBoard,
    *,
    status: ShopStatus,
) -> list[Worker]:
    renderer = _create_renderer(settings, shop, clients)
    claims = RedisDeliveryClaims(clients.cache) if clients.cache else LocalDeliveryClaims()
    delivery = _create_delivery(settings, clients, renderer, claims)
    broadcast_ports = BroadcastPorts(
        clients.copier, clients.sender, renderer, claims, settings.admin_ids
    )
    incidents = IncidentMonitor(
        db, shop, settings.admin_ids, create_incident_sources(settings, clients, reconciler, board)
    )
    alert = DatabaseAlert(db, clients.sender, renderer, settings.admin_ids)
    workers = [
        *_list_always(settings, db, shop, clients, delivery, broadcast_ports),
        # Counts what waits in the outbox, what is watched and what runs: for metrics and operators.
        Worker(WorkerName.MEASUREMENTS, _MINUTE, rounds.create_measuring_round(db, status)),
        # Sends owners and managers what yesterday brought, at the hour that they have chosen, and
        # that the shop is still under maintenance.
        Worker(WorkerName.DIGEST, _MINUTE, rounds.create_digest_round(db, shop, status)),
        # Lets the next of those in who wait during a soft launch.
        Worker(WorkerName.ADMISSIONS, _MINUTE, AdmissionRounds(db, shop).run_round),
        # Notifies groups of sales, trials and sign-ups, where operators have chosen some.
        Worker(WorkerName.FEEDS, _FEED_PACE, partial(notify_feeds, db)),
        # Offers a discount to those whose access has ended.
        Worker(WorkerName.WIN_BACKS, 10 * _MINUTE, partial(send_due_win_backs, db, shop)),
        # Compares Telegram's webhook with what it should be.
        Worker(WorkerName.WEBHOOK_RECONCILER, _MINUTE, reconciler.reconcile),
        # Notifies operators of outages, one message each, which it edits until all is well.
        Worker(
            WorkerName.INCIDENTS,
            pace := _seconds(settings.incidents_interval_seconds),
            rounds.create_incident_round(
                incidents, alert, status, pace, is_time_moved=settings.clock_offset_seconds != 0
            ),
        ),
        *_list_with_panel(settings, db, shop, clients, delivery),
        *_list_with_chains(settings, db, shop, clients.chains, delivery),
        *_list_with_onchain(db, clients),
    ]
    timeout = _seconds(settings.worker_iteration_timeout_seconds)
    return [replace(worker, timeout=timeout) for worker in workers]


def _create_delivery(
    settings: Settings, clients: Clients, renderer: ScreenRenderer, claims: DeliveryClaims
) -> DeliveryPorts:
    return DeliveryPorts(
        clients.sender, renderer, claims, settings.admin_ids, clients.account, clients.topics
    )


def _create_renderer(
    settings: Settings, shop: ShopSettingsCache, clients: Clients
) -> ScreenRenderer:
    return ScreenRenderer(
        renewal=is_auto_renewal_on(settings, clients),
        keys=clients.panel is not None,
        zone=lambda: shop.last_read.time_zone,
        own_texts=shop.get_own_texts,
    )


def _list_always(
    settings: Settings,
    db: Database,
    shop: ShopSettingsCache,
    clients: Clients,
    delivery: DeliveryPorts,
    broadcast_ports: BroadcastPorts,
) -> list[Worker]:
    """Also those of payments: what was sold is paid and refunded though its method is off."""
    payment_methods = clients.payment_methods
    providers = payment_methods.providers.values()
    often = _seconds(settings.outbox_interval_seconds)
    notifications = rounds.create_outbox_round(db, delivery, shop, Lane.NOTIFICATION)
    broadcasts = rounds.create_broadcast_round(db, broadcast_ports, shop)
    return [
        # Sends notifications. Woken by notifications/notify, group_chats.
        Worker(WorkerName.OUTBOX, often, notifications),
        # Sends broadcasts, which must not delay a key, and changes what they have sent.
        # Woken by operations/broadcasts/steering, operations/broadcasts/changes.
        Worker(WorkerName.BROADCAST, _MINUTE, broadcasts),
        # Reminds users that their subscription ends.
        Worker(
            WorkerName.REMINDERS,
            _seconds(settings.reminders_interval_seconds),
            partial(rounds.send_reminders, db, shop),
        ),
        # Asks every provider about open invoices, in case its webhook did not come.
        Worker(
            WorkerName.CRYPTO_PAYMENT_WATCHER,
            _seconds(settings.crypto_payment_watcher_interval_seconds),
            partial(poll_payments, db, providers),
        ),
        # Deletes the invoices of cancelled orders. Woken by purchases/order_closing.
        Worker(
            WorkerName.INVOICE_DELETION, _MINUTE, partial(delete_due_invoices, db, payment_methods)
        ),
        # Sends back what a crash or an absent provider has left behind of refunds.
        Worker(WorkerName.REFUNDS, _MINUTE, partial(pay_out_due_refunds, db, payment_methods)),
        # Makes the tables that operators have asked for, and sends them.
        # Woken by operations/exports/requests.
        Worker(WorkerName.EXPORTS, _MINUTE, partial(make_due_export, db, delivery)),
        # Deletes what ended long ago, so that nothing grows for ever, closes conversations, and
        # looks whether the addresses for payments are as they were set and not frozen.
        Worker(
            WorkerName.HOUSEKEEPING,
            _seconds(settings.housekeeping_interval_seconds),
            partial(rounds.run_cleanup, db, shop, clients.addresses, clients.chains),
        ),
    ]


def _list_with_panel(
    settings: Settings,
    db: Database,
    shop: ShopSettingsCache,
    clients: Clients,
    delivery: DeliveryPorts,
) -> list[Worker]:
    panel = clients.panels
    if panel is None:
        return []
    workers = [
        # Provisions what was paid for. Woken by access/panel_work.
        Worker(
            WorkerName.ACTIVATION,
            activation := _seconds(settings.activation_interval_seconds),
            partial(rounds.provision_subscriptions, db, panel),
        ),
        # The same of panels that did not answer when they were asked last.
        # Woken by access/panel_work.
        Worker(
            WorkerName.ACTIVATION_AWAY,
            activation,
            partial(rounds.provision_subscriptions, db, panel, PanelLane.AWAY),
        ),
        # Ends what has expired, extra devices too, and takes it off the panel. Woken by
        # access/panel_events, access/refunded_access, operations/panel_repairs, privacy/erasure.
        Worker(
            WorkerName.FAST_EXPIRY_CLEANUP,
            _seconds(settings.fast_expiry_cleanup_interval_seconds),
            partial(rounds.end_subscriptions, db, panel),
        ),
        # Helps those whose trial has no connection yet; notifies at its half and at its end.
        Worker(
            WorkerName.TRIAL_NOTIFICATIONS,
            _seconds(settings.trial_notifications_interval_seconds),
            partial(rounds.accompany_trials, db, panel, shop),
        ),
        # Notifies when most and when all of the traffic is used.
        Worker(WorkerName.TRAFFIC_WARNINGS, 5 * _MINUTE, partial(warn_of_used_traffic, db, panel)),
        *_list_for_operators(settings, db, shop, panel, delivery),
    ]
    if is_auto_renewal_on(settings, clients):
        # Renews from the balance what is about to end. Woken by ledger, purchases/renewals.
        interval = _seconds(settings.auto_renewal_interval_seconds)
        renew = partial(renew_due_subscriptions, db)
        workers.append(Worker(WorkerName.AUTO_RENEWAL, interval, renew))
    return workers


def _list_for_operators(
    settings: Settings,
    db: Database,
    shop: ShopSettingsCache,
    panels: PanelRouter,
    delivery: DeliveryPorts,
) -> list[Worker]:
    display = BulkDisplay(delivery.sender, delivery.renderer)
    workers = [
        # Carries out bulk actions, some subscriptions at a time.
        # Woken by operations/bulk/steering.
        Worker(WorkerName.BULK, _MINUTE, partial(rounds.work_in_bulk, db, panels, shop, display)),
        # Moves all of a panel, so many at a time. Woken by access/activation, access/moves,
        # operations/bulk/steering, operations/panel_moves.
        Worker(WorkerName.PANEL_MOVES, _MINUTE, partial(continue_panel_moves, db)),
    ]
    if settings.panel_drift_hours:
        # Compares panels with the shop, a little at a time; operators read what differs.
        drift = PanelDrift(db, panels.list_all, timedelta(hours=settings.panel_drift_hours))
        workers.append(Worker(WorkerName.PANEL_DRIFT, 10 * _MINUTE, drift.run_round))
    return workers


def _list_with_chains(
    settings: Settings,
    db: Database,
    shop: ShopSettingsCache,
    chains: Chains,
    delivery: DeliveryPorts,
) -> list[Worker]:
    if not chains.all:
        return []
    pace = settings.tx_monitor_interval_seconds
    draw = partial(rounds.update_cards, db, chains, delivery.sender, delivery.renderer, shop)
    return [
        # Follow one chain each, by default at the chain's pace. Woken by tracking/cards/watches.
        *(
            Worker(
                WorkerName.TX_MONITOR.for_chain(spec.key),
                interval := _seconds(pace) if pace else spec.poll,
                follow,
                rest=_RESTS * interval,
            )
            for spec, follow in create_chain_rounds(db, chains, shop)
        ),
        # Draws the cards of watches that have changed, and ends what was awaited in vain.
        # Woken by tracking/following/progress, tracking/following/arrivals, tracking/cards/watches,
        # tracking/cards/endings, tracking/cards/diagnosis, group_chats.
        Worker(WorkerName.WATCH_CARDS, _seconds(settings.watch_cards_interval_seconds), draw),
        # Looks for the second legs of bridge transfers, and ends those that came to their end.
        # Woken by tracking/wallet/bridges.
        Worker(
            WorkerName.BRIDGES,
            timedelta(seconds=30),
            partial(rounds.match_bridges, db, chains, shop),
        ),
    ]


def _list_with_onchain(db: Database, clients: Clients) -> list[Worker]:
    onchain, addresses = clients.onchain, clients.addresses
    if onchain is None or addresses is None:
        return []
    return [
        # Reads one chain each for payments, up to what is final there, and settles them.
        # Woken by payments/onchain/provider.
        Worker(
            WorkerName.ONCHAIN.for_chain(key),
            chain.spec.poll,
            partial(read_chain_payments, ChainPayments(db, chain, addresses.find_address), onchain),
            rest=_MINUTE,
        )
        for key, chain in clients.chains.followed.items()
        if list_networks(key)
    ]


def _seconds(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)
