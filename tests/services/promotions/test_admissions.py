"""A soft launch: a day's places are given once, to those who wait the longest."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update

from app.core import clock
from app.db.models import Admission, User
from app.services.privacy.erasure import erase_user
from app.services.privacy.export import export_user_data
from app.services.promotions.admissions import AdmissionRounds, admit_user, get_place_in_line
from app.services.shop_settings import (
    ShopSettingsCache,
    UnknownSettingError,
    change_shop_setting,
    read_shop_settings,
)
from app.services.users import TelegramProfile, upsert_user
from tests.support.plans import record
from tests.support.stall import BEN, Stall

FIRST = 5000


async def come(stall: Stall, count: int) -> list[int]:
    """New users, one after the other."""
    ids = list(range(FIRST, FIRST + count))
    for id_ in ids:
        await upsert_user(stall.db, TelegramProfile(id_, "New", f"new{id_}", "en"), waits=True)
    return ids


async def open_for(stall: Stall, places: int | None) -> None:
    text = None if places is None else str(places)
    await change_shop_setting(stall.db, "new_users_a_day", text)


async def admit(stall: Stall, user_id: int) -> bool:
    return await admit_user(stall.db, user_id, f"new{user_id}", await read_shop_settings(stall.db))


async def run_round(stall: Stall) -> int:
    counts = await AdmissionRounds(stall.db, ShopSettingsCache(stall.db)).run_round()
    return counts["admitted"]


async def list_waiting(stall: Stall) -> list[int]:
    return [row.user_id for row in await stall.rows(Admission, Admission.admitted_at.is_(None))]


async def test_fifty_at_once_take_the_places_that_there_are(stall: Stall) -> None:
    ids = await come(stall, 10)
    await open_for(stall, 3)
    admitted = await asyncio.gather(*(admit(stall, id_) for id_ in ids * 5))
    assert len(await list_waiting(stall)) == 7
    assert sum(admitted) >= 3
    assert await run_round(stall) == 0


async def test_the_next_day_lets_in_who_waits_the_longest_and_notifies_them(stall: Stall) -> None:
    ids = await come(stall, 5)
    await open_for(stall, 2)
    assert await run_round(stall) == 2
    assert await list_waiting(stall) == ids[2:]
    assert await run_round(stall) == 0
    assert [await get_place_in_line(stall.db, id_) for id_ in ids[2:]] == [1, 2, 3]
    async with stall.db.unit_of_work() as session:
        yesterday = clock.now() - timedelta(days=1)
        await session.execute(
            update(Admission)
            .where(Admission.admitted_at.is_not(None))
            .values(admitted_at=yesterday)
        )
    assert await run_round(stall) == 2
    assert await list_waiting(stall) == ids[4:]
    assert [await stall.notified(id_) for id_ in ids] == [["admitted"]] * 4 + [[]]


async def test_when_the_shop_opens_to_all_the_whole_line_comes_in(stall: Stall) -> None:
    ids = await come(stall, 5)
    await open_for(stall, 0)
    assert await run_round(stall) == 0
    await open_for(stall, None)
    rounds = AdmissionRounds(stall.db, ShopSettingsCache(stall.db))
    assert (await rounds.run_round())["admitted"] == 5
    assert (await rounds.run_round())["admitted"] == 0
    assert await stall.notified(ids[-1]) == ["admitted"]
    statements = record(stall)
    assert await rounds.run_round() == {}
    assert statements == []


@pytest.mark.parametrize("name", [str(FIRST), f"@NEW{FIRST}"])
async def test_who_is_on_the_list_need_not_wait(stall: Stall, name: str) -> None:
    ids = await come(stall, 2)
    await open_for(stall, 0)
    await change_shop_setting(stall.db, "allowed_users", f"@nobody_else {name}")
    assert [await admit(stall, id_) for id_ in ids] == [True, False]


@pytest.mark.parametrize("value", ["-1", "many", "1.5"])
async def test_a_senseless_number_is_refused(stall: Stall, value: str) -> None:
    with pytest.raises(UnknownSettingError):
        await change_shop_setting(stall.db, "new_users_a_day", value)


@pytest.mark.parametrize("value", ["Ben", "@x", "0", "1 2 <b>"])
async def test_who_can_be_nobody_is_refused(stall: Stall, value: str) -> None:
    with pytest.raises(UnknownSettingError):
        await change_shop_setting(stall.db, "allowed_users", value)


async def test_known_users_do_not_wait_and_erased_ones_leave_the_line(stall: Stall) -> None:
    await upsert_user(stall.db, TelegramProfile(BEN, "Ben", None, "en"), waits=True)
    assert await list_waiting(stall) == []
    (first,) = await come(stall, 1)
    assert b"waiting since" in await export_user_data(stall.db, first)
    await erase_user(stall.db, first, b"fingerprint")
    assert await stall.rows(Admission) == []
    assert await stall.rows(User, User.id == first) == []
