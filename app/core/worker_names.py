"""The names of the workers, as logs, metrics, /health and NOTIFY have them."""

from enum import StrEnum


class WorkerName(StrEnum):
    """What each does, how often, and who wakes it: the table in app/bootstrap/workers.py."""

    OUTBOX = "outbox"
    BROADCAST = "broadcast"
    REMINDERS = "reminders"
    CRYPTO_PAYMENT_WATCHER = "crypto_payment_watcher"
    INVOICE_DELETION = "invoice_deletion"
    REFUNDS = "refunds"
    MEASUREMENTS = "measurements"
    INCIDENTS = "incidents"
    HOUSEKEEPING = "housekeeping"
    WEBHOOK_RECONCILER = "webhook_reconciler"
    ACTIVATION = "activation"
    ACTIVATION_AWAY = "activation_away"
    PANEL_MOVES = "panel_moves"
    BULK = "bulk"
    FAST_EXPIRY_CLEANUP = "fast_expiry_cleanup"
    TRIAL_NOTIFICATIONS = "trial_notifications"
    TRAFFIC_WARNINGS = "traffic_warnings"
    AUTO_RENEWAL = "auto_renewal"
    TX_MONITOR = "tx_monitor"
    WATCH_CARDS = "watch_cards"
    BRIDGES = "bridges"
    ONCHAIN = "onchain"
    EXPORTS = "exports"
    PANEL_DRIFT = "panel_drift"
    DIGEST = "digest"
    FEEDS = "feeds"
    ADMISSIONS = "admissions"
    WIN_BACKS = "win_backs"
    COMMANDS = "commands"

    def for_chain(self, key: str) -> str:
        """Of a worker that runs once for each chain, each has a name."""
        return f"{self}_{key}"
