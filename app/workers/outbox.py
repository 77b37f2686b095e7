"""Sends what the outbox holds, one worker a lane: a broadcast must not delay a key."""

from datetime import timedelta

from app.db.unit_of_work import Database
from app.domain.messages import Lane
from app.services.notifications.notify import OUTBOX_WORKERS
from app.services.notifications.outbox import DeliveryPorts, deliver_due_notifications
from app.services.shop_settings import ShopSettingsCache
from app.workers.base import Counts, Worker


def create_outbox_worker(
    db: Database, ports: DeliveryPorts, shop: ShopSettingsCache, lane: Lane, interval: timedelta
) -> Worker:
    async def iterate() -> Counts:
        await shop.settings()  # fresh for the renderer, which can't wait for them
        return await deliver_due_notifications(db, ports, lane)

    return Worker(OUTBOX_WORKERS[lane], interval, iterate)
