"""What yesterday brought, sent to owners and managers at the hour that they have chosen."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.core import clock
from app.core.round_counts import Counts
from app.db.unit_of_work import Database
from app.services.notifications.notify import notify_operators
from app.services.operations.shop_home import ShopStatus, load_day
from app.services.shop_settings import ShopSettingsCache


class DailyDigest:
    """Remembers the day on which it was sent last, and asks nothing until the next.

    A restart may send it again; the notification's key, which is the day, keeps it from that (P4).
    """

    def __init__(self, db: Database, shop: ShopSettingsCache, status: ShopStatus) -> None:
        self._db = db
        self._shop = shop
        self._status = status
        self._sent_on: date | None = None

    async def run_round(self) -> Counts:
        shop = await self._shop.settings()
        zone = ZoneInfo(shop.time_zone)
        now = clock.now().astimezone(zone)
        is_early = shop.digest_hour is None or now.hour < shop.digest_hour
        if is_early or self._sent_on == now.date():
            return {}
        await self._send(now.date(), zone)
        self._sent_on = now.date()
        return {"sent": 1}

    async def _send(self, today: date, zone: ZoneInfo) -> None:
        begin, end = (
            datetime.combine(day, time(), zone) for day in (today - timedelta(days=1), today)
        )
        brought = await load_day(self._db, begin, end)
        running = self._status.running
        async with self._db.unit_of_work() as session:
            await notify_operators(
                session,
                f"digest:{today.isoformat()}",
                "operator-digest",
                day=begin.isoformat(),
                sales=";".join(f"{one.count} {one.total}" for one in brought.sales),
                users=brought.new_users,
                trials=brought.new_trials,
                running=running.paid if running else None,
                on_trial=running.trials if running else None,
            )
