"""Compares Telegram's webhook with what it should be, every minute."""

from datetime import timedelta

from app.services.webhook_reconciler import WebhookReconciler
from app.workers.base import Worker

_INTERVAL = timedelta(minutes=1)


def create_webhook_reconciler_worker(reconciler: WebhookReconciler) -> Worker:
    return Worker("webhook_reconciler", _INTERVAL, reconciler.check)
