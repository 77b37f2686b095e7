import pytest

from app.db.models import AuditEntry, ShopSetting
from app.domain.shop_settings import ShopSettings
from app.services.shop_settings import (
    ShopSettingsCache,
    UnknownSettingError,
    change_shop_setting,
    read_shop_settings,
)
from tests.support.stall import Stall


async def test_without_rows_the_defaults_hold(stall: Stall) -> None:
    assert await read_shop_settings(stall.db) == ShopSettings()
    assert await ShopSettingsCache(stall.db).settings() == ShopSettings()


async def test_a_change_is_kept_checked_and_written_down(stall: Stall) -> None:
    await change_shop_setting(stall.db, "reminder_hours", "[48, 2]")
    assert (await read_shop_settings(stall.db)).reminder_hours == (48, 2)
    await change_shop_setting(stall.db, "time_zone", "Asia/Almaty")
    assert (await read_shop_settings(stall.db)).time_zone == "Asia/Almaty"
    assert [entry.subject for entry in await stall.rows(AuditEntry)] == [
        "setting:reminder_hours",
        "setting:time_zone",
    ]


async def test_a_change_can_be_taken_back(stall: Stall) -> None:
    await change_shop_setting(stall.db, "awake_from_hour", "7")
    await change_shop_setting(stall.db, "awake_from_hour", None)
    assert await read_shop_settings(stall.db) == ShopSettings()
    assert await stall.rows(ShopSetting) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("colour", "red"),
        ("time_zone", "Mars/Olympus"),
        ("reminder_hours", "[0]"),
        ("reminder_hours", "soon"),
        ("awake_from_hour", "23"),  # after the day's end
    ],
)
async def test_what_makes_no_sense_is_refused_and_changes_nothing(
    stall: Stall, name: str, text: str
) -> None:
    with pytest.raises(UnknownSettingError, match=name):
        await change_shop_setting(stall.db, name, text)
    assert await stall.rows(ShopSetting) == []
