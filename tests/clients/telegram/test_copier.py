"""Copies of a message arrive as it is, in their turn, and failures as port errors."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiogram import Bot

from app.clients.telegram.copier import TelegramCopier
from app.clients.telegram.factory import create_bot
from app.clients.telegram.limiter import Limiter
from app.clients.telegram.sender import TelegramSender
from app.domain.broadcast_ports import SourceMessageError
from app.domain.messages import Button, CopiedMessage, Lane, Screen
from app.domain.ports import RefusedError, RetryLaterError, UnreachableError
from tests.clients.telegram.conftest import ANNA, BEN, TOKEN, Telegram
from tests.clients.telegram.test_sender import png

BUTTONS = ((Button("Site", url="https://example.org/"),), (Button("Off", data="news:0:0"),))


@pytest.fixture
def limiter() -> Limiter:
    return Limiter()


@pytest.fixture
async def bot(telegram: Telegram, limiter: Limiter) -> AsyncIterator[Bot]:
    """With the limiter that its copier asks."""
    bot = create_bot(TOKEN, telegram.url, limiter)
    yield bot
    await bot.session.close()


@pytest.fixture
def copier(bot: Bot, limiter: Limiter) -> TelegramCopier:
    return TelegramCopier(bot, limiter)


@pytest.fixture
async def source(bot: Bot, limiter: Limiter, telegram: Telegram) -> CopiedMessage:
    """In Anna's chat."""
    for user in (ANNA, BEN):
        await telegram.person(user)
    sender = TelegramSender(bot, limiter, "https://shop.example")
    message_id = await sender.send(ANNA, Screen("<b>Big</b> news"), lane=Lane.USER)
    return CopiedMessage(ANNA, message_id)


async def test_a_copy_keeps_its_formatting_and_has_the_buttons(
    telegram: Telegram, copier: TelegramCopier, source: CopiedMessage
) -> None:
    await copier.wait_for_turn(BEN)
    message_id = await copier.copy_in_turn(source, BEN, BUTTONS)
    (message,) = await telegram.shown(BEN)
    assert (message["message_id"], message["text"]) == (message_id, "Big news")
    assert message["entities"] == [{"type": "bold", "offset": 0, "length": 3}]
    rows = message["reply_markup"]["inline_keyboard"]
    assert [button["text"] for row in rows for button in row] == ["Site", "Off"]


async def test_a_copy_in_its_turn_takes_one_place_of_the_limit(
    copier: TelegramCopier, source: CopiedMessage, limiter: Limiter
) -> None:
    """P10: nine may come at once to a chat; whose turn it is asks for no other place."""
    for _ in range(8):
        await limiter.acquire(BEN, Lane.USER, asyncio.get_running_loop().time() + 5)
    await copier.wait_for_turn(BEN)
    assert limiter.is_used_up(BEN)
    limiter.penalize(BEN, timedelta(hours=1))
    await copier.copy_in_turn(source, BEN, ())
    with pytest.raises(RetryLaterError):
        await copier.copy(source, BEN, ())


@pytest.mark.parametrize("in_turn", [True, False])
async def test_a_source_that_is_gone_is_said_to_be(
    copier: TelegramCopier, source: CopiedMessage, *, in_turn: bool
) -> None:
    gone = CopiedMessage(source.chat_id, source.message_id + 1000)
    copy = copier.copy_in_turn if in_turn else copier.copy
    with pytest.raises(SourceMessageError, match="message to copy not found"):
        await copy(gone, BEN, ())


async def test_who_blocked_the_bot_is_unreachable(
    telegram: Telegram, copier: TelegramCopier, source: CopiedMessage
) -> None:
    await telegram.post(f"/world/people/{BEN}", bot_blocked=True)
    with pytest.raises(UnreachableError):
        await copier.copy_in_turn(source, BEN, ())


async def test_a_copy_gets_another_text_and_is_deleted_twice(
    telegram: Telegram, copier: TelegramCopier, source: CopiedMessage
) -> None:
    """Twice is once: a kill may have come between."""
    message_id = await copier.copy(source, BEN, BUTTONS)
    for _ in range(2):
        await copier.edit_in_turn(BEN, message_id, "<i>New</i>", is_caption=False, buttons=BUTTONS)
    (message,) = await telegram.shown(BEN)
    assert (message["text"], message["entities"][0]["type"]) == ("New", "italic")
    assert len(message["reply_markup"]["inline_keyboard"]) == 2
    for _ in range(2):
        await copier.delete_in_turn(BEN, message_id)
    assert await telegram.shown(BEN) == []
    with pytest.raises(RefusedError):
        await copier.edit_in_turn(BEN, message_id, "x", is_caption=False, buttons=())


async def test_a_picture_gets_another_caption(
    telegram: Telegram, bot: Bot, limiter: Limiter, copier: TelegramCopier, source: CopiedMessage
) -> None:
    sender = TelegramSender(bot, limiter, "https://shop.example")
    picture = await sender.send(ANNA, Screen("Old", photo=png("x")), lane=Lane.USER)
    copied = CopiedMessage(source.chat_id, picture)
    message_id = await copier.copy(copied, BEN, ())
    await copier.edit_in_turn(BEN, message_id, "<b>New</b>", is_caption=True, buttons=())
    (message,) = await telegram.shown(BEN)
    assert (message["caption"], "photo" in message) == ("New", True)
