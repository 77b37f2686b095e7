"""When a broadcast shall start, as operators type it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.domain.broadcast_times import StartTimeError, parse_start_time

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)  # 15:00 in Moscow


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("18:30", "2026-11-30T15:30"),
        ("в 18.30", "2026-11-30T15:30"),
        ("14:59", "2026-12-01T11:59"),
        ("Tomorrow at 9:00", "2026-12-01T06:00"),
        ("завтра  09:00", "2026-12-01T06:00"),
        ("завтра в 16:00", "2026-12-01T13:00"),
        ("25.12 12:00", "2026-12-25T09:00"),
        ("05.01 00:05", "2027-01-04T21:05"),
        ("25.12.2026, 12:00", "2026-12-25T09:00"),
        ("2026-12-25 12:00", "2026-12-25T09:00"),
        ("in 2 hours", "2026-11-30T14:00"),
        ("in 90 min", "2026-11-30T13:30"),
        ("через час", "2026-11-30T13:00"),
        ("через 30 минут", "2026-11-30T12:30"),
        ("через 2 часа", "2026-11-30T14:00"),
        ("через 3 дня", "2026-12-03T12:00"),
        ("in 60 days", "2027-01-29T12:00"),
    ],
)
def test_a_time_is_read_in_the_shop_s_zone(typed: str, at: str) -> None:
    assert parse_start_time(typed, NOW, MOSCOW) == datetime.fromisoformat(f"{at}+00:00")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "soon",
        "25:00",
        "18:60",
        "31.02 10:00",
        "29.11.2026 10:00",
        "2026-11-30 14:59",
        "30.01 15:01",
        "in 61 days",
        "in 9999 hours",
        "через",
        "18:30 please",
        "1" * 5000,
    ],
)
def test_what_is_none_or_too_far_is_refused(typed: str) -> None:
    with pytest.raises(StartTimeError):
        parse_start_time(typed, NOW, MOSCOW)
