"""What a purchase costs, and what is left of one: exact to the minor unit, rounded down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.money import Money


@dataclass(frozen=True, slots=True)
class Quote:
    """All of one currency. A credit larger than the cost leaves the rest on the balance."""

    price: Money
    discount: Money
    credit: Money
    from_balance: Money

    @property
    def cost(self) -> Money:
        return Money(self.price.minor - self.discount.minor, self.price.currency)

    @property
    def due(self) -> Money:
        rest = self.cost.minor - self.credit.minor - self.from_balance.minor
        return Money(max(rest, 0), self.price.currency)

    @property
    def is_free(self) -> bool:
        """Nothing is to be paid, not even from the balance."""
        return self.cost.minor <= self.credit.minor


@dataclass(frozen=True, slots=True)
class PaidPeriod:
    """A paid period: what it cost and the traffic that came with it (0 = unlimited)."""

    cost_minor: int
    starts_at: datetime
    ends_at: datetime
    traffic_bytes: int


def compute_percent(minor: int, percent: int) -> int:
    """Rounded down."""
    return minor * percent // 100


def compute_value_left(periods: Sequence[PaidPeriod], left_bytes: int | None, now: datetime) -> int:
    """Minor units that are left of what was paid: by time or by traffic, whichever is less.

    Each period counts by its own days. `left_bytes` is what may still be used, None without limit.
    """
    running = [period for period in periods if period.ends_at > max(now, period.starts_at)]
    by_time = sum(_time_value(period, now) for period in running)
    quota = sum(period.traffic_bytes for period in running)
    if left_bytes is None or not quota:
        return by_time
    cost = sum(period.cost_minor for period in running)
    by_traffic = cost * min(max(left_bytes, 0), quota) // quota
    return min(by_time, by_traffic)


def _time_value(period: PaidPeriod, now: datetime) -> int:
    left = period.ends_at - max(period.starts_at, now)
    return (
        period.cost_minor * _microseconds(left) // _microseconds(period.ends_at - period.starts_at)
    )


def _microseconds(span: timedelta) -> int:
    return span // timedelta(microseconds=1)
