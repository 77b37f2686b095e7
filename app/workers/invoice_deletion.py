"""Deletes the invoices of cancelled orders; woken whenever one is cancelled."""

from datetime import timedelta
from typing import Final

from app.db.unit_of_work import Database
from app.services.payments.invoice_deletion import delete_due
from app.services.payments.methods import PaymentWays
from app.services.purchases.order_closing import INVOICE_DELETION
from app.workers.base import Counts, Worker

INTERVAL: Final = timedelta(minutes=1)


def invoice_deletion(db: Database, ways: PaymentWays) -> Worker:
    async def iterate() -> Counts:
        return await delete_due(db, ways)

    return Worker(INVOICE_DELETION, INTERVAL, iterate)
