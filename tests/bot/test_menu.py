"""The way in, the menu, and everything that the bot does not understand."""

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from app.bot.dispatcher import ALLOWED_UPDATES, create_dispatcher
from app.domain.messages import Lane
from tests.bot.conftest import BotUnderTest
from tests.bot.phone import labels


async def test_start_greets_by_name_in_the_language_of_telegram(closed_shop: BotUnderTest) -> None:
    await closed_shop.anna.send("/start")
    await closed_shop.ben.send("/start")
    assert closed_shop.anna.text.startswith("Привет, Anna!")
    assert closed_shop.ben.text.startswith("Hi, Ben!")


async def test_a_deep_link_is_a_start(closed_shop: BotUnderTest) -> None:
    await closed_shop.ben.send("/start from_a_friend")
    assert closed_shop.ben.text.startswith("Hi, Ben!")


async def test_the_menu_turns_its_one_message_into_every_page_and_back(
    closed_shop: BotUnderTest,
) -> None:
    """P8: every tap is answered."""
    ben = closed_shop.ben
    await ben.send("/menu")
    menu = ben.text
    for page, there in (
        ("plans", "Plans"),
        ("subscription", "don’t have a subscription"),
        ("help", "short version"),
        ("support", "Support"),
        ("language", "Which language"),
    ):
        assert await ben.tap(page) is not None
        assert there in ben.text
        assert await ben.tap("menu") is not None
        assert ben.text == menu
    assert len(ben.chat) == 1
    assert closed_shop.sender.lanes == {Lane.USER}  # P10: somebody is waiting


async def test_every_command_opens_its_page(closed_shop: BotUnderTest) -> None:
    anna = closed_shop.anna
    for command, there in (
        ("/menu", "Меню"),
        ("/plans", "Тарифы"),
        ("/subscription", "нет подписки"),
        ("/help", "Коротко о главном"),
        ("/support", "Поддержка"),
        ("/language", "На каком языке"),
        ("/cancel", "Отменять нечего"),
        ("/PLANS", "Тарифы"),
        ("/plans@tollgate_bot", "Тарифы"),
    ):
        await anna.send(command)
        assert there in anna.text, command


async def test_help_leads_to_the_four_platforms_and_back(closed_shop: BotUnderTest) -> None:
    ben = closed_shop.ben
    await ben.send("/help")
    await ben.tap("connect")
    for platform, name in (
        ("ios", "iPhone"),
        ("android", "Android"),
        ("windows", "Windows"),
        ("macos", "macOS"),
    ):
        await ben.tap(f"connect:0:{platform}")
        assert name in ben.text
        await ben.tap("connect:0:")
    assert len(ben.chat) == 1


async def test_unknown_text_gets_a_hint_and_the_menu(closed_shop: BotUnderTest) -> None:
    """P8."""
    anna = closed_shop.anna
    await anna.send("хочу впн")
    assert "Здесь работают кнопки" in anna.text
    assert any("Купить" in label for label in labels(anna.screen))
    await anna.send("/dance")
    assert "Такой команды нет" in anna.text
    await anna.send("/")
    assert "Такой команды нет" in anna.text


async def test_unknown_media_gets_a_hint_too(closed_shop: BotUnderTest) -> None:
    """P8."""
    ben = closed_shop.ben
    voice = {"file_id": "x", "file_unique_id": "x", "duration": 1}
    photo = [{"file_id": "x", "file_unique_id": "x", "width": 1, "height": 1}]
    await ben.send(voice=voice)
    await ben.send(photo=photo, caption="look")
    await ben.send(location={"latitude": 1.0, "longitude": 1.0})
    assert ["make sense of this one" in shown.screen.text for shown in ben.chat] == [True] * 3


async def test_telegrams_own_notes_are_no_messages(closed_shop: BotUnderTest) -> None:
    await closed_shop.ben.send(message_auto_delete_timer_changed={"message_auto_delete_time": 60})
    assert closed_shop.ben.chat == []


async def test_groups_are_left_alone(closed_shop: BotUnderTest) -> None:
    ben = closed_shop.ben
    await ben.send("hello", chat_type="supergroup")
    await ben.send("/start", chat_type="channel")
    answer = await ben.press("menu:0", chat_type="group")
    assert closed_shop.sender.chats == {}
    assert answer is not None  # P8: the button's spinner ends all the same
    assert "outdated" in (answer.text or "")


async def test_an_outdated_button_says_so_and_offers_the_menu(closed_shop: BotUnderTest) -> None:
    """P8: whatever a button of another age, or of a changed client, carries."""
    anna = closed_shop.anna
    for number, data in enumerate(
        [
            "menu",
            "menu:7:7",
            "buy:x",
            "buy:1",
            "qr:0:0",
            "connect:0:amiga",
            "speak:xx",
            "retry:1",
            "paid:1",
            "Ж" * 32,
        ]
    ):
        answer = await anna.press(data)
        assert answer is not None, data
        assert "устарела" in (answer.text or ""), data
        assert answer.show_alert
        assert len(anna.chat) == number + 1
        assert "Меню" in anna.text


async def test_a_button_below_a_message_out_of_reach_opens_a_new_one(
    closed_shop: BotUnderTest,
) -> None:
    ben = closed_shop.ben
    await ben.press("help:0", 1, date=0)
    assert "short version" in ben.text


async def test_a_double_tap_changes_nothing(closed_shop: BotUnderTest) -> None:
    ben = closed_shop.ben
    await ben.send("/menu")
    message = ben.chat[-1]
    for _ in range(2):
        assert await ben.press("help:0", message.message_id) is not None
    assert "short version" in ben.text
    assert len(ben.chat) == 1


async def test_the_menu_of_a_known_user_costs_one_query(
    closed_shop: BotUnderTest, engine: AsyncEngine
) -> None:
    ben = closed_shop.ben
    await ben.send("/start")
    statements: list[str] = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def note(*args: object) -> None:
        statements.append(str(args[2]))

    await ben.send("/menu")
    await ben.tap("help")
    assert len(statements) == 2, statements


async def test_what_telegram_is_asked_to_send_is_what_the_bot_handles(
    closed_shop: BotUnderTest,
) -> None:
    dispatcher = create_dispatcher(closed_shop.deps, closed_shop.storage)
    assert set(dispatcher.resolve_used_update_types()) == ALLOWED_UPDATES
