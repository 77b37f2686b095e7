"""Looks for the second legs of bridge transfers, and ends those that came to their end."""

from datetime import timedelta
from typing import Final

from app.core.worker_names import WorkerName
from app.db.unit_of_work import Database
from app.services.shop_settings import ShopSettingsCache
from app.services.tracking.chains import Chains
from app.services.tracking.wallet.bridge_matching import match_due_bridges
from app.workers.base import Counts, Worker

_INTERVAL: Final = timedelta(seconds=30)


def create_bridges_worker(db: Database, chains: Chains, shop: ShopSettingsCache) -> Worker:
    async def iterate() -> Counts:
        return await match_due_bridges(db, chains, await shop.settings())

    return Worker(WorkerName.BRIDGES, _INTERVAL, iterate)
