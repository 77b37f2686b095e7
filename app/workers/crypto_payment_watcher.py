"""Asks every provider about open invoices, in case its webhook did not come."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from app.core.worker_names import WorkerName
from app.db.unit_of_work import Database
from app.domain.ports import PaymentProvider
from app.services.payments.polling import poll_payments
from app.workers.base import Counts, Worker


def create_payment_watcher(
    db: Database,
    providers: Collection[PaymentProvider],
    operators: Sequence[int],
    interval: timedelta,
) -> Worker:
    async def iterate() -> Counts:
        return await poll_payments(db, providers, operators)

    return Worker(WorkerName.CRYPTO_PAYMENT_WATCHER, interval, iterate)
