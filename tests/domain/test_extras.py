"""What extra traffic and extra devices cost, and what is left of them."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.extras import (
    ExtraKind,
    add_extra,
    compute_extra_left,
    compute_extra_price,
    count_extra_days,
    without_extra,
)

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("left", "days", "price"),
    [
        (30 * DAY, 30, 300),
        (31 * DAY, 31, 310),
        (365 * DAY, 365, 3650),
        (14.5 * DAY, 15, 150),
        (DAY + timedelta(seconds=1), 2, 20),
        (timedelta(seconds=1), 1, 10),
        (timedelta(0), 1, 10),
    ],
)
def test_devices_are_paid_by_the_begun_day(left: timedelta, days: int, price: int) -> None:
    until = NOW + left
    assert count_extra_days(until, NOW) == days
    assert compute_extra_price(ExtraKind.DEVICES, 300, until, NOW) == price
    assert compute_extra_price(ExtraKind.TRAFFIC, 300, until, NOW) == 300


def test_a_price_is_rounded_down_and_never_nothing() -> None:
    """P9: exact to the minor unit."""
    assert compute_extra_price(ExtraKind.DEVICES, 199, NOW + 7 * DAY, NOW) == 46  # 46.43
    assert compute_extra_price(ExtraKind.DEVICES, 5, NOW + DAY, NOW) == 1


@pytest.mark.parametrize(("used", "left"), [(0, 50), (100, 50), (120, 30), (150, 0), (200, 0)])
def test_the_plans_traffic_is_used_before_the_extra(used: int, left: int) -> None:
    assert compute_extra_left(50, 150, used) == left
    assert compute_extra_left(50, 0, used) == 0  # without a limit there is nothing to keep


def test_unlimited_stays_unlimited() -> None:
    assert (add_extra(3, 2), add_extra(0, 2)) == (5, 0)
    assert (without_extra(5, 2), without_extra(0, 2)) == (3, 0)
