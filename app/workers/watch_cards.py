"""Draws the cards of watches that have changed, and ends what was awaited in vain."""

import time
from datetime import timedelta
from typing import Final

from app.core.worker_names import WorkerName
from app.db.unit_of_work import Database
from app.domain.ports import MessageRenderer, MessageSender
from app.services.shop_settings import ShopSettingsCache
from app.services.tracking.cards.drawing import draw_due_cards
from app.services.tracking.cards.endings import end_awaited_watches
from app.services.tracking.chains import Chains
from app.services.tracking.gauges import measure_watches
from app.workers.base import Counts, Worker

_MEASURE_EVERY_SECONDS: Final = 60


def create_watch_cards_worker(
    db: Database,
    chains: Chains,
    sender: MessageSender,
    renderer: MessageRenderer,
    shop: ShopSettingsCache,
    interval: timedelta,
) -> Worker:
    measure_at = 0.0

    async def iterate() -> Counts:
        nonlocal measure_at
        async with db.unit_of_work() as session:
            lost = await end_awaited_watches(session)
            if time.monotonic() >= measure_at:
                await measure_watches(session)
                measure_at = time.monotonic() + _MEASURE_EVERY_SECONDS
        counts = await draw_due_cards(db, chains, sender, renderer, await shop.settings())
        return {**counts, "lost": lost}

    return Worker(WorkerName.WATCH_CARDS, interval, iterate)
