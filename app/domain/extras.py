"""What is bought for a subscription that runs: more traffic, or more devices.

Extra traffic is used after the plan's, and what is left of it stays until the subscription ends:
renewals and changes of plan keep it. Extra devices are paid by the day until the end of the time
that was paid for when they were ordered; a renewal brings none.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

DEVICES_PRICE_DAYS: Final = 30
"""So many days of extra devices a price is for."""

_DAY: Final = timedelta(days=1)


class ExtraKind(StrEnum):
    TRAFFIC = "traffic"
    DEVICES = "devices"


MAX_EXTRA_AMOUNTS: Final = {ExtraKind.TRAFFIC: 100_000, ExtraKind.DEVICES: 100}
"""Of one purchase, in GB and in devices."""


def count_extra_days(until: datetime, now: datetime) -> int:
    """Begun days, at least one."""
    return max(-((now - until) // _DAY), 1)


def compute_extra_price(kind: ExtraKind, price_minor: int, until: datetime, now: datetime) -> int:
    """Of traffic the price itself; of devices by the day, rounded down, at least a minor unit."""
    if kind is ExtraKind.TRAFFIC:
        return price_minor
    return max(price_minor * count_extra_days(until, now) // DEVICES_PRICE_DAYS, 1)


def compute_extra_left(extra_bytes: int, limit: int, used: int) -> int:
    """What of bought extra traffic is unused: the plan's own is used first."""
    return min(extra_bytes, max(limit - used, 0)) if limit else 0


def add_extra(limit: int, extra: int) -> int:
    """0 means unlimited and stays so."""
    return limit + extra if limit else 0


def without_extra(limit: int, extra: int) -> int:
    """What the plans alone give; 0 means unlimited."""
    return limit - extra if limit else 0
