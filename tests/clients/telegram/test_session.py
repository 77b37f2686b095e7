"""How a call goes out: as JSON where that says all, and through TELEGRAM_PROXY where it is set."""

import gc
import json
import weakref
from datetime import timedelta
from typing import Any

import pytest
from aiogram.methods import (
    BanChatMember,
    EditMessageMedia,
    EditMessageText,
    GetMe,
    Response,
    SendPhoto,
    SetMyCommands,
    TelegramMethod,
)
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    Message,
    User,
)

from app.clients.telegram.factory import create_bot
from app.clients.telegram.limiter import Limiter
from tests.clients.telegram.conftest import TOKEN, Telegram, bot_for
from tests.clients.telegram.odd_server import MESSAGE, odd_server, ok

KEYBOARD = InlineKeyboardMarkup(
    inline_keyboard=[[InlineKeyboardButton(text="Купить", callback_data="buy:1")]]
)
PHOTO = BufferedInputFile(b"png", "a.png")

AS_JSON: list[tuple[TelegramMethod[Any], dict[str, Any]]] = [
    (GetMe(), {}),
    (
        EditMessageText(text="<b>Да</b>", chat_id=7, message_id=0, reply_markup=KEYBOARD),
        {
            "text": "<b>Да</b>",
            "chat_id": 7,
            "message_id": 0,
            "parse_mode": "HTML",
            "disable_web_page_preview": True,
            "link_preview_options": {"is_disabled": True},
            "reply_markup": {"inline_keyboard": [[{"text": "Купить", "callback_data": "buy:1"}]]},
        },
    ),
    (
        SetMyCommands(commands=[BotCommand(command="menu", description="Menu")]),
        {"commands": [{"command": "menu", "description": "Menu"}]},
    ),
]
AS_FORM: list[TelegramMethod[Any]] = [
    SendPhoto(chat_id=7, photo=PHOTO),
    EditMessageMedia(chat_id=7, message_id=1, media=InputMediaPhoto(media=PHOTO)),
    # A default inside a value, and a time from now: aiogram knows how these are written.
    EditMessageMedia(chat_id=7, message_id=1, media=InputMediaPhoto(media="file_id")),
    BanChatMember(chat_id=7, user_id=1, until_date=timedelta(hours=1)),
]


async def test_what_has_no_file_goes_as_json_with_the_bots_defaults() -> None:
    async with odd_server() as server, bot_for(server.url) as bot:
        for method, _ in AS_JSON:
            await bot(method)

    sent = [(kind, json.loads(body)) for kind, body in server.bodies]
    assert sent == [("application/json", fields) for _, fields in AS_JSON]


@pytest.mark.parametrize("method", AS_FORM, ids=lambda method: method.__api_method__)
async def test_what_json_cannot_say_goes_as_a_form(method: TelegramMethod[Any]) -> None:
    async with odd_server() as server, bot_for(server.url) as bot:
        await bot(method)

    ((kind, body),) = server.bodies
    assert kind in {"multipart/form-data", "application/x-www-form-urlencoded"}
    assert (b"png" in body) is (b"a.png" in body)


async def test_of_our_own_message_the_keyboard_is_not_built_again() -> None:
    sent = {**MESSAGE, "text": "Menu", "reply_markup": KEYBOARD.model_dump(exclude_none=True)}
    async with odd_server() as server, bot_for(server.url) as bot:
        server.answers = [ok(sent)]
        message = await bot.edit_message_text("Menu", chat_id=7, message_id=77)

    assert isinstance(message, Message)
    assert (message.message_id, message.text, message.reply_markup) == (77, "Menu", None)


async def test_calls_go_through_the_proxy(telegram: Telegram) -> None:
    """The world's port is the proxy: the name of the server leads nowhere."""
    bot = create_bot(
        TOKEN, "http://telegram.invalid", Limiter(), timedelta(seconds=5), telegram.url
    )

    try:
        for _ in range(2):
            assert (await bot.get_me()).username == "tollgate_sandbox_bot"
    finally:
        await bot.session.close()


async def test_the_model_of_an_answer_is_built_once(telegram: Telegram) -> None:
    async with bot_for(telegram.url) as bot:
        await bot.get_me()
        model = weakref.ref(Response[User])
        gc.collect()

        assert model() is not None
