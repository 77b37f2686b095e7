"""Looks for the second legs of bridge transfers, and ends those that came to their end."""

from datetime import timedelta
from typing import Final

from app.db.unit_of_work import Database
from app.services.shop_settings import Shop
from app.services.tracking.chains import Chains
from app.services.tracking.wallet.bridge_matching import match_due
from app.services.tracking.wallet.bridges import WORKER
from app.workers.base import Counts, Worker

INTERVAL: Final = timedelta(seconds=30)


def bridges(db: Database, chains: Chains, shop: Shop) -> Worker:
    async def iterate() -> Counts:
        return await match_due(db, chains, await shop.settings())

    return Worker(WORKER, INTERVAL, iterate)
