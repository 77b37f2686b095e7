"""Sends back what is due of refunds: what a crash or an absent provider has left behind."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from app.core.worker_names import WorkerName
from app.db.unit_of_work import Database
from app.services.payments.methods import PaymentMethods
from app.services.payments.payouts import pay_out_due_refunds
from app.workers.base import Counts, Worker

_INTERVAL: Final = timedelta(minutes=1)


def create_refunds_worker(
    db: Database, payment_methods: PaymentMethods, operators: Sequence[int]
) -> Worker:
    async def iterate() -> Counts:
        return await pay_out_due_refunds(db, payment_methods, operators)

    return Worker(WorkerName.REFUNDS, _INTERVAL, iterate)
