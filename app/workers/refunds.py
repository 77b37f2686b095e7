"""Sends back what is due of refunds: what a crash or an absent provider has left behind."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from app.db.unit_of_work import Database
from app.services.payments.methods import PaymentWays
from app.services.payments.payouts import pay_out_due
from app.workers.base import Counts, Worker

INTERVAL: Final = timedelta(minutes=1)


def refunds(db: Database, ways: PaymentWays, operators: Sequence[int]) -> Worker:
    async def iterate() -> Counts:
        return await pay_out_due(db, ways, operators)

    return Worker("refunds", INTERVAL, iterate)
