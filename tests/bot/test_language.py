"""The bot speaks the language that a user chose, from then on."""

from app.db.models import User
from tests.bot.conftest import ANNA, BotUnderTest


async def test_a_chosen_language_holds_for_the_toast_the_page_and_all_that_follows(
    closed_shop: BotUnderTest,
) -> None:
    anna = closed_shop.anna
    await anna.send("/language")
    answer = await anna.tap("speak:en")
    assert answer is not None
    assert answer.text == "English it is 👌"
    assert "Plans, your key" in anna.text
    assert len(anna.chat) == 1
    await anna.send("/start")
    assert anna.text.startswith("Hi, Anna!")
    async with closed_shop.deps.db.unit_of_work() as session:
        assert (await session.get_one(User, ANNA)).language == "en"


async def test_a_changed_telegram_language_changes_nothing_for_a_known_user(
    closed_shop: BotUnderTest,
) -> None:
    await closed_shop.anna.send("/start")
    await closed_shop.phone(ANNA, "Anna", "en").send("/start")
    assert closed_shop.anna.text.startswith("Привет")


async def test_a_phone_that_sends_no_language_is_answered_in_english(
    closed_shop: BotUnderTest,
) -> None:
    somebody = closed_shop.phone(77, "X", None)
    await somebody.send("/start")
    assert somebody.text.startswith("Hi, X!")


async def test_a_new_name_is_greeted(closed_shop: BotUnderTest) -> None:
    await closed_shop.anna.send("/start")
    renamed = closed_shop.phone(ANNA, "Анна <3", "ru")
    await renamed.send("/start")
    assert "Анна <3" in renamed.text
