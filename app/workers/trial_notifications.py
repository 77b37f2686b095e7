"""Accompanies trials: helps who has not connected, and tells of the half and of the end."""

from datetime import timedelta

from app.db.unit_of_work import Database
from app.domain.ports import VpnPanel
from app.services.promotions.trials import tell_steps
from app.services.shop_settings import Shop
from app.workers.base import MORE, Counts, Worker


def trial_notifications(db: Database, panel: VpnPanel, shop: Shop, interval: timedelta) -> Worker:
    async def iterate() -> Counts:
        counts = await tell_steps(db, panel, await shop.settings())
        return {**counts, MORE: counts["left"]}

    return Worker("trial_notifications", interval, iterate)
