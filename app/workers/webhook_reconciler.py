"""Compares Telegram's webhook with what it should be, every minute."""

from datetime import timedelta

from app.services.webhook_reconciler import WebhookKeeper
from app.workers.base import Worker

INTERVAL = timedelta(minutes=1)


def webhook_reconciler(keeper: WebhookKeeper) -> Worker:
    return Worker("webhook_reconciler", INTERVAL, keeper.check)
