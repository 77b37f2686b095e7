"""A soft launch: so many new users a day are let in, the others wait in line and are notified."""

from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.round_counts import MORE_DUE, Counts
from app.db.models import Admission
from app.db.unit_of_work import Database
from app.domain.shop_settings import ShopSettings
from app.services.notifications.notify import Notification, notify
from app.services.shop_settings import ShopSettingsCache

_BATCH: Final = 500
_LOCK: Final = 0xAD31551  # an advisory lock of our own: a day's places are taken one by one
_MOST_COUNTED: Final = 1_000


class AdmissionRounds:
    """Asks nothing while the shop is open to everybody and the line was found empty."""

    def __init__(self, db: Database, shop: ShopSettingsCache) -> None:
        self._db = db
        self._shop = shop
        self._is_line_empty = False

    async def run_round(self) -> Counts:
        shop = await self._shop.settings()
        if shop.new_users_a_day is not None:
            self._is_line_empty = False
        if self._is_line_empty:
            return {}
        async with self._db.unit_of_work() as session:
            admitted = await _admit_oldest(session, shop)
        self._is_line_empty = shop.new_users_a_day is None and not admitted
        return {"admitted": len(admitted), MORE_DUE: int(len(admitted) == _BATCH)}


async def admit_user(db: Database, user_id: int, username: str | None, shop: ShopSettings) -> bool:
    """Whether the user may come in now: a place of the day is free, or they are on the list."""
    async with db.unit_of_work() as session:
        await _lock(session)
        row = await session.get(Admission, user_id)
        if row is None or row.admitted_at is not None:
            return True
        if not _is_allowed(user_id, username, shop) and await _count_free(session, shop) <= 0:
            return False
        row.admitted_at = clock.now()
    return True


async def get_place_in_line(db: Database, user_id: int) -> int | None:
    """1 for the next; None where that many wait that the number would comfort nobody."""
    own = select(Admission.waiting_since, Admission.user_id).where(Admission.user_id == user_id)
    ahead = (
        select(Admission.user_id)
        .where(
            Admission.admitted_at.is_(None),
            tuple_(Admission.waiting_since, Admission.user_id) <= own.scalar_subquery(),
        )
        .limit(_MOST_COUNTED + 1)
        .subquery()
    )
    async with db.read_only() as session:
        place = await session.scalar(select(func.count()).select_from(ahead)) or 1
    return place if place <= _MOST_COUNTED else None


async def _admit_oldest(session: AsyncSession, shop: ShopSettings) -> Sequence[int]:
    await _lock(session)
    free = min(await _count_free(session, shop), _BATCH)
    if free <= 0:
        return []
    oldest = (
        select(Admission.user_id)
        .where(Admission.admitted_at.is_(None))
        .order_by(Admission.waiting_since, Admission.user_id)
        .limit(free)
    )
    admitted = await session.scalars(
        update(Admission)
        .where(Admission.user_id.in_(oldest))
        .values(admitted_at=clock.now())
        .returning(Admission.user_id)
        .execution_options(synchronize_session=False)
    )
    ids = admitted.all()
    await notify(session, *(Notification(f"admitted:{id_}", id_, "admitted") for id_ in ids))
    return ids


async def _lock(session: AsyncSession) -> None:
    await session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


async def _count_free(session: AsyncSession, shop: ShopSettings) -> int:
    if shop.new_users_a_day is None:
        return _BATCH
    midnight = clock.get_midnight(ZoneInfo(shop.time_zone))
    admitted = select(func.count()).where(Admission.admitted_at >= midnight)
    return shop.new_users_a_day - (await session.scalar(admitted) or 0)


def _is_allowed(user_id: int, username: str | None, shop: ShopSettings) -> bool:
    names = {str(user_id), f"@{username}".lower()} if username else {str(user_id)}
    return any(name.lower() in names for name in shop.allowed_users)
