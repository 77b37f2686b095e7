"""Sends what the outbox holds, one worker a lane: a broadcast must not delay a key."""

from datetime import timedelta

from app.db.unit_of_work import Database
from app.domain.messages import Lane
from app.services.notifications.notify import WORKERS
from app.services.notifications.outbox import Post, deliver_due
from app.services.shop_settings import Shop
from app.workers.base import Counts, Worker


def outbox(db: Database, post: Post, shop: Shop, lane: Lane, interval: timedelta) -> Worker:
    async def iterate() -> Counts:
        await shop.settings()  # fresh for the renderer, which can't wait for them
        return await deliver_due(db, post, lane)

    return Worker(WORKERS[lane], interval, iterate)
