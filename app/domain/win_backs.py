"""Bringing users back whose access has ended: when an offer is due, and who never gets one."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from app.domain.shop_settings import ShopSettings

# An offer that could not be sent in its time, because the service was away or the switch off.
_LATE: Final = timedelta(days=2)
# Who buys within so long after the end has come back, with an offer or without.
RETURN_WINDOW: Final = timedelta(days=14)


def is_held_out(user_id: int, percent: int) -> bool:
    """Of the group that gets no offer, to see what offers bring: a user is always in the same."""
    digest = sha256(f"win-back:{user_id}".encode()).digest()
    return int.from_bytes(digest[:8]) % 100 < percent


def compute_next_win_back(
    ended_at: datetime, last_step: int, shop: ShopSettings
) -> datetime | None:
    """When the next offer is due after that of `last_step` days; None when there is none."""
    later = [days for days in shop.win_back_days if days > last_step]
    return ended_at + timedelta(days=min(later)) if later else None


def find_due_win_back(
    ended_at: datetime, last_step: int, now: datetime, shop: ShopSettings
) -> int | None:
    """The step, in days, whose moment has come; those before it that were missed are left out.

    None when it is too late for all of them.
    """
    come = [
        days
        for days in shop.win_back_days
        if days > last_step and ended_at + timedelta(days=days) <= now
    ]
    step = max(come, default=None)
    if step is None or now > ended_at + timedelta(days=step) + _LATE:
        return None
    return step
