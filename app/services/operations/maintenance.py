"""Reminds operators that the shop is still under maintenance: while it is, nobody can buy."""

from datetime import timedelta
from typing import Final

from app.core import clock
from app.core.round_counts import Counts
from app.db.models import ShopSetting
from app.db.unit_of_work import Database
from app.services.notifications.pauses import notify_operators_with_pause
from app.services.shop_settings import ShopSettingsCache

_FIRST_AFTER: Final = timedelta(hours=1)
_PAUSE: Final = timedelta(hours=3)


async def remind_of_maintenance(db: Database, shop: ShopSettingsCache) -> Counts:
    """Costs nothing while it is off."""
    if not (await shop.settings()).maintenance:
        return {}
    async with db.unit_of_work() as session:
        row = await session.get(ShopSetting, "maintenance")
        if row is None or not row.value or clock.now() - row.changed_at < _FIRST_AFTER:
            return {}
        await notify_operators_with_pause(
            session,
            "maintenance",
            _PAUSE,
            "operator-maintenance",
            hours=(clock.now() - row.changed_at) // timedelta(hours=1),
        )
    return {"maintenance": 1}
