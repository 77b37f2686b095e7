from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.reminders import (
    compute_reminder_horizon,
    compute_reminder_time,
    find_due_reminder,
    is_waking_hour,
)
from app.domain.shop_settings import ShopSettings

SHOP = ShopSettings()
MOSCOW = ZoneInfo("Europe/Moscow")

instants = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
shops = st.builds(
    ShopSettings,
    time_zone=st.sampled_from(["Europe/Moscow", "America/New_York", "Asia/Kolkata", "UTC"]),
    awake_from_hour=st.integers(0, 11),
    awake_until_hour=st.integers(12, 24),
)


def moscow(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=MOSCOW)


@pytest.mark.parametrize(
    ("expires_at", "hours", "told_at"),
    [
        (moscow(20, 15), 24, moscow(19, 15)),
        (moscow(20, 15), 3, moscow(20, 12)),
        (moscow(20, 5), 3, moscow(19, 21)),  # 02:00 is night: the evening before
        (moscow(20, 2), 3, moscow(19, 21)),  # 23:00 is night too
        (moscow(20, 11), 3, moscow(19, 21)),  # 08:00: before anybody is up
        (moscow(20, 0, 50), 3, moscow(19, 21)),  # 21:50: perhaps after the day's last round
    ],
)
def test_a_reminder_that_would_come_at_night_comes_the_evening_before(
    expires_at: datetime, hours: int, told_at: datetime
) -> None:
    assert compute_reminder_time(expires_at, hours, SHOP) == told_at


@given(expires_at=instants, hours=st.integers(1, 100), shop=shops)
def test_a_reminder_is_in_waking_hours_and_never_later_than_its_step(
    expires_at: datetime, hours: int, shop: ShopSettings
) -> None:
    """Also over the days on which clocks change."""
    told_at = compute_reminder_time(expires_at, hours, shop)
    assert is_waking_hour(told_at, shop)
    planned = expires_at - timedelta(hours=hours)
    assert planned - timedelta(hours=25) <= told_at <= planned


@given(planned=instants, minutes=st.integers(0, 1500), shop=shops)
def test_what_is_due_is_what_is_planned_for_earlier_than_the_horizon(
    planned: datetime, minutes: int, shop: ShopSettings
) -> None:
    """A query by the horizon finds all that is due, and reads nothing that is not."""
    now = planned - timedelta(minutes=minutes) + timedelta(hours=1)
    horizon = compute_reminder_horizon(now, shop)
    if horizon is None:
        assert not is_waking_hour(now, shop)
    elif planned != horizon:  # the morning itself is not the night before it
        expires_at = planned + timedelta(hours=24)
        assert (compute_reminder_time(expires_at, 24, shop) <= now) is (planned < horizon)


@given(expires_at=instants, ahead_minutes=st.integers(1, 6000), shop=shops)
def test_every_step_is_sent_once_and_only_nearer_ones_after_it(
    expires_at: datetime, ahead_minutes: int, shop: ShopSettings
) -> None:
    """A worker that looks every 45 minutes until the end."""
    now = expires_at - timedelta(minutes=ahead_minutes)
    told: list[int] = []
    while now < expires_at + timedelta(days=1):
        step = find_due_reminder(expires_at, told[-1] if told else None, now, shop)
        if step is not None:
            assert is_waking_hour(now, shop)
            assert now < expires_at
            told.append(step)
        now += timedelta(minutes=45)
    assert told == sorted(set(told), reverse=True)


@given(expires_at=instants, first_minutes=st.integers(0, 44), shop=shops)
def test_a_step_is_never_missed_for_the_night(
    expires_at: datetime, first_minutes: int, shop: ShopSettings
) -> None:
    """A worker looks every 45 minutes, whenever it began."""
    shop = shop.model_copy(update={"reminder_hours": (24,)})
    begun_at = expires_at - timedelta(hours=50, minutes=first_minutes)
    rounds = [begun_at + timedelta(minutes=45 * number) for number in range(80)]
    assert any(find_due_reminder(expires_at, None, now, shop) == 24 for now in rounds)


def test_missed_steps_are_not_sent_late() -> None:
    assert find_due_reminder(moscow(20, 15), None, moscow(20, 13), SHOP) == 3


def test_nothing_is_sent_after_the_end_nor_twice() -> None:
    assert find_due_reminder(moscow(20, 15), None, moscow(20, 16), SHOP) is None
    assert find_due_reminder(moscow(20, 15), 24, moscow(19, 16), SHOP) is None


def test_without_steps_nothing_is_sent() -> None:
    shop = ShopSettings(reminder_hours=())
    assert find_due_reminder(moscow(20, 15), None, moscow(20, 13), shop) is None
