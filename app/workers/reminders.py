"""Reminds people that their subscription ends."""

from datetime import timedelta

from app.db.unit_of_work import Database
from app.services.access.reminders import remind
from app.services.shop_settings import Shop
from app.workers.base import Counts, Worker


def reminders(db: Database, shop: Shop, interval: timedelta) -> Worker:
    async def iterate() -> Counts:
        return await remind(db, await shop.settings())

    return Worker("reminders", interval, iterate)
