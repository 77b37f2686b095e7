"""Reminds people that their subscription ends."""

from datetime import timedelta

from app.core.worker_names import WorkerName
from app.db.unit_of_work import Database
from app.services.access.reminders import remind_users
from app.services.shop_settings import ShopSettingsCache
from app.workers.base import Counts, Worker


def create_reminders_worker(db: Database, shop: ShopSettingsCache, interval: timedelta) -> Worker:
    async def iterate() -> Counts:
        return await remind_users(db, await shop.settings())

    return Worker(WorkerName.REMINDERS, interval, iterate)
