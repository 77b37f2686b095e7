"""Compares Telegram's webhook with what it should be, every minute."""

from datetime import timedelta

from app.core.worker_names import WorkerName
from app.services.webhook_reconciler import WebhookReconciler
from app.workers.base import Worker

_INTERVAL = timedelta(minutes=1)


def create_webhook_reconciler_worker(reconciler: WebhookReconciler) -> Worker:
    return Worker(WorkerName.WEBHOOK_RECONCILER, _INTERVAL, reconciler.check)
