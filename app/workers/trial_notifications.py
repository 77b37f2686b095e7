"""Accompanies trials: helps who has not connected, and tells of the half and of the end."""

from datetime import timedelta

from app.core.worker_names import WorkerName
from app.db.unit_of_work import Database
from app.domain.ports import VpnPanel
from app.services.promotions.trials import notify_trial_steps
from app.services.shop_settings import ShopSettingsCache
from app.workers.base import MORE_DUE, Counts, Worker


def create_trial_worker(
    db: Database, panel: VpnPanel, shop: ShopSettingsCache, interval: timedelta
) -> Worker:
    async def iterate() -> Counts:
        counts = await notify_trial_steps(db, panel, await shop.settings())
        return {**counts, MORE_DUE: counts["left"]}

    return Worker(WorkerName.TRIAL_NOTIFICATIONS, interval, iterate)
