"""A soft launch in the chat: a new user waits in line, and comes in when there is a place."""

import pytest

from app.core import clock
from app.db.models import Admission, User
from app.services.promotions.admissions import AdmissionRounds
from app.services.shop_settings import ShopSettingsCache, change_shop_setting
from tests.bot.conftest import ANNA, BEN, BotUnderTest
from tests.bot.test_conversations import deliver

WAITS = {"ru": "Вы в списке", "en": "You’re on the list"}


async def open_for(bot: BotUnderTest, places: str | None, **others: str) -> None:
    for name, value in {"new_users_a_day": places, **others}.items():
        await change_shop_setting(bot.deps.db, name, value)
    bot.change(shop=ShopSettingsCache(bot.deps.db))


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_a_new_user_waits_and_is_let_in(closed_shop: BotUnderTest, language: str) -> None:
    await open_for(closed_shop, "0")
    phone = closed_shop.phone_of(language)
    await phone.send("/start")
    assert WAITS[language] in phone.text
    assert "<b>1</b>" not in phone.text
    assert "1" in phone.text
    await phone.tap("menu")
    assert WAITS[language] in phone.text
    await phone.send("/support")
    assert WAITS[language] not in phone.text

    await open_for(closed_shop, "1")
    await AdmissionRounds(closed_shop.deps.db, closed_shop.deps.shop).run_round()
    await deliver(closed_shop)
    assert {"ru": "очередь подошла", "en": "your turn"}[language] in phone.text
    await phone.send("/start")
    assert WAITS[language] not in phone.text


async def test_a_free_place_is_taken_by_who_comes(closed_shop: BotUnderTest) -> None:
    await open_for(closed_shop, "1")
    await closed_shop.anna.send("/start")
    assert WAITS["ru"] not in closed_shop.anna.text
    await closed_shop.ben.send("/start")
    assert WAITS["en"] in closed_shop.ben.text


async def test_who_was_here_before_notices_nothing(closed_shop: BotUnderTest) -> None:
    await closed_shop.ben.send("/start")
    await open_for(closed_shop, "0")
    await closed_shop.ben.send("/start")
    assert WAITS["en"] not in closed_shop.ben.text
    await closed_shop.olga.send("/start")  # an owner
    assert WAITS["ru"] not in closed_shop.olga.text


async def test_who_has_access_by_a_gift_waits_no_more(closed_shop: BotUnderTest) -> None:
    await open_for(closed_shop, "0")
    await closed_shop.ben.send("/start gift_NOSUCHGIFT")
    assert WAITS["en"] not in closed_shop.ben.text  # that there is no such gift
    await closed_shop.ben.send("/menu")
    assert WAITS["en"] in closed_shop.ben.text
    async with closed_shop.deps.db.unit_of_work() as session:
        (await session.get_one(User, BEN)).had_access_at = clock.now()
    await closed_shop.ben.send("/menu")
    assert WAITS["en"] not in closed_shop.ben.text


async def test_the_list_and_the_opening_end_the_waiting(closed_shop: BotUnderTest) -> None:
    await open_for(closed_shop, "0")
    for phone in (closed_shop.anna, closed_shop.ben):
        await phone.send("/start")
    await open_for(closed_shop, "0", allowed_users=str(ANNA))
    await closed_shop.anna.send("/menu")
    assert WAITS["ru"] not in closed_shop.anna.text
    await open_for(closed_shop, None)
    await closed_shop.ben.send("/menu")
    assert WAITS["en"] not in closed_shop.ben.text
    async with closed_shop.deps.db.read_only() as session:
        assert (await session.get_one(Admission, BEN)).admitted_at is None  # the worker's to do
