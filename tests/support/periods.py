"""The periods that purchases paid for."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from app.db.models import Purchase


def period_of(purchase: Purchase) -> tuple[datetime, datetime]:
    assert purchase.covers_from is not None
    assert purchase.covers_until is not None
    return purchase.covers_from, purchase.covers_until


def time_left(purchases: Iterable[Purchase], now: datetime) -> timedelta:
    """Of periods that have not ended."""
    periods = [period_of(purchase) for purchase in purchases]
    return sum((until - max(since, now) for since, until in periods), timedelta())
