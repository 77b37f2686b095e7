"""A real aiogram bot against the world: its types and errors come out as with Telegram."""

import io
from collections.abc import AsyncIterator

import httpx
import pytest
import segno
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import SendDice
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BufferedInputFile,
    ChatMemberAdministrator,
    ChatMemberLeft,
    ChatMemberMember,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    LabeledPrice,
    ReplyParameters,
)

from sandbox.world import WorldServer
from tests.sandbox.world.peers import Api

KEYBOARD = InlineKeyboardMarkup(
    inline_keyboard=[
        [InlineKeyboardButton(text="Plans", callback_data="plans")],
        [InlineKeyboardButton(text="Copy", copy_text=CopyTextButton(text="vless://x"))],
    ]
)


@pytest.fixture
async def bot(server: WorldServer) -> AsyncIterator[Bot]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(server.url))
    bot = Bot("4242:bot", session=session)
    yield bot
    await session.close()


def qr() -> BufferedInputFile:
    picture = io.BytesIO()
    segno.make("vless://key-of-somebody").save(picture, kind="png", scale=6)
    return BufferedInputFile(picture.getvalue(), "qr.png")


async def test_messages_are_sent_edited_and_deleted(bot: Bot, anna: int) -> None:
    sent = await bot.send_message(anna, "<b>Menu</b>", parse_mode="HTML", reply_markup=KEYBOARD)
    assert sent.html_text == "<b>Menu</b>"
    assert sent.reply_markup
    assert sent.reply_markup.model_dump() == KEYBOARD.model_dump()
    edited = await bot.edit_message_text(
        "Plans", chat_id=anna, message_id=sent.message_id, reply_markup=KEYBOARD
    )
    bare = await bot.edit_message_reply_markup(chat_id=anna, message_id=sent.message_id)
    assert not isinstance(edited, bool)
    assert not isinstance(bare, bool)
    assert (edited.text, bare.reply_markup) == ("Plans", None)
    assert await bot.delete_message(anna, sent.message_id) is True


async def test_a_qr_code_is_uploaded_captioned_and_replaced(bot: Bot, anna: int) -> None:
    sent = await bot.send_photo(
        anna,
        qr(),
        caption="Ваш <b>ключ</b>",
        parse_mode="HTML",
        reply_markup=KEYBOARD,
        reply_parameters=ReplyParameters(message_id=1),
    )
    assert sent.photo
    assert sent.photo[-1].width == sent.photo[-1].height
    assert (sent.caption, sent.reply_to_message and sent.reply_to_message.message_id) == (
        "Ваш ключ",
        1,
    )
    id_ = sent.message_id
    edited = await bot.edit_message_caption(chat_id=anna, message_id=id_, caption="Other")
    replaced = await bot.edit_message_media(
        InputMediaPhoto(media=qr(), caption="<i>New</i>", parse_mode="HTML"),
        chat_id=anna,
        message_id=id_,
    )
    assert not isinstance(edited, bool)
    assert not isinstance(replaced, bool)
    assert (edited.caption, replaced.caption) == ("Other", "New")


async def test_documents_actions_and_commands_arrive(
    bot: Bot, anna: int, client: httpx.AsyncClient
) -> None:
    sent = await bot.send_document(anna, BufferedInputFile(b"[Interface]", "ключ.conf"))
    assert sent.document
    assert sent.document.file_name == "ключ.conf"
    assert await bot.send_chat_action(anna, "typing") is True
    commands = [BotCommand(command="start", description="Меню")]
    scope = BotCommandScopeAllPrivateChats()
    assert await bot.set_my_commands(commands, scope=scope, language_code="ru") is True
    listed = await bot.get_my_commands(scope=scope, language_code="ru")
    assert [one.model_dump() for one in listed] == [one.model_dump() for one in commands]
    assert await bot.set_my_description("Sells keys") is True
    assert await bot.set_my_short_description("Keys") is True
    shown = (await client.get("/world/state")).json()["bot"]
    assert shown["commands"] == {"ru": [{"command": "start", "description": "Меню"}]}
    me = await bot.get_me()
    assert (me.username, me.has_topics_enabled) == (shown["username"], False)


async def test_the_webhook_is_set_and_read_back(bot: Bot, server: WorldServer) -> None:
    allowed = ["message", "callback_query"]
    url = f"{server.url}/nowhere"
    assert await bot.set_webhook(url, secret_token="a-1_B", allowed_updates=allowed) is True
    info = await bot.get_webhook_info()
    assert (info.url, info.allowed_updates, info.pending_update_count) == (url, allowed, 0)
    assert await bot.delete_webhook() is True


async def test_a_tap_is_answered_until_nobody_waits_any_more(
    bot: Bot, control: Api, anna: int
) -> None:
    sent = await bot.send_message(anna, "Menu", reply_markup=KEYBOARD)
    tap = {"message_id": sent.message_id, "data": "plans"}
    first = (await control(f"people/{anna}/tap", **tap))["callback_query_id"]
    assert await bot.answer_callback_query(first, "Here you are", show_alert=True) is True
    second = (await control(f"people/{anna}/tap", **tap))["callback_query_id"]
    await control("skip", seconds=120)
    for query_id in (second, "12345"):
        with pytest.raises(TelegramBadRequest, match="query is too old and response timeout"):
            await bot.answer_callback_query(query_id)


async def test_telegrams_errors_become_aiograms(bot: Bot, control: Api, anna: int) -> None:
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(404, "x")
    with pytest.raises(TelegramNotFound):
        await bot(SendDice(chat_id=anna))
    await control(f"people/{anna}", bot_blocked=True)
    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await bot.send_message(anna, "x")
    await control.turn(telegram="flood", telegram_retry_after=9)
    with pytest.raises(TelegramRetryAfter) as flood:
        await bot.send_message(anna, "x")
    assert flood.value.retry_after == 9


async def test_a_wrong_token_is_unauthorized(server: WorldServer) -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(server.url))
    async with Bot("1:other", session=session) as bot:
        with pytest.raises(TelegramUnauthorizedError):
            await bot.get_me()


async def test_stars_and_channels_are_read_by_the_library(
    bot: Bot, anna: int, client: httpx.AsyncClient
) -> None:
    prices = [LabeledPrice(label="30 days", amount=300)]
    link = await bot.create_invoice_link("VPN", "30 days", "7", "XTR", prices)
    sent = await bot.send_invoice(anna, "VPN", "30 days", "7", "XTR", prices)
    await client.post("/world/people/1001/channels", json={"status": "member"})
    assert "#stars-" in link
    assert sent.invoice
    assert sent.invoice.total_amount == 300
    assert (await bot.get_star_transactions()).transactions == []
    assert (await bot.get_my_star_balance()).amount == 0
    assert isinstance(await bot.get_chat_member("@tollgate_news", 1001), ChatMemberMember)
    assert isinstance(await bot.get_chat_member("@tollgate_news", 1002), ChatMemberLeft)
    me = await bot.get_chat_member("@tollgate_news", bot.id)
    assert isinstance(me, ChatMemberAdministrator)
    assert (await bot.get_chat("@tollgate_news")).type == "channel"
    with pytest.raises(TelegramBadRequest, match="CHARGE_NOT_FOUND"):
        await bot.refund_star_payment(anna, "stx")
