"""Deletes the invoices of cancelled orders; woken whenever one is cancelled."""

from datetime import timedelta
from typing import Final

from app.core.worker_names import WorkerName
from app.db.unit_of_work import Database
from app.services.payments.invoice_deletion import delete_due_invoices
from app.services.payments.methods import PaymentMethods
from app.workers.base import Counts, Worker

_INTERVAL: Final = timedelta(minutes=1)


def create_invoice_deletion_worker(db: Database, payment_methods: PaymentMethods) -> Worker:
    async def iterate() -> Counts:
        return await delete_due_invoices(db, payment_methods)

    return Worker(WorkerName.INVOICE_DELETION, _INTERVAL, iterate)
