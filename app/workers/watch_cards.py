"""Draws the cards of watches that have changed, and ends what was awaited in vain."""

import time
from datetime import timedelta
from typing import Final

from app.db.unit_of_work import Database
from app.domain.ports import MessageRenderer, MessageSender
from app.services.shop_settings import Shop
from app.services.tracking.cards.drawing import draw_due
from app.services.tracking.cards.endings import end_awaited
from app.services.tracking.chains import Chains
from app.services.tracking.gauges import measure_watches
from app.workers.base import Counts, Worker

MEASURE_EVERY_SECONDS: Final = 60


def watch_cards(
    db: Database,
    chains: Chains,
    sender: MessageSender,
    renderer: MessageRenderer,
    shop: Shop,
    interval: timedelta,
) -> Worker:
    measure_at = 0.0

    async def iterate() -> Counts:
        nonlocal measure_at
        async with db.unit_of_work() as session:
            lost = await end_awaited(session)
            if time.monotonic() >= measure_at:
                await measure_watches(session)
                measure_at = time.monotonic() + MEASURE_EVERY_SECONDS
        counts = await draw_due(db, chains, sender, renderer, await shop.settings())
        return {**counts, "lost": lost}

    return Worker("watch_cards", interval, iterate)
