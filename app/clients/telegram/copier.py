"""Copies of one message for many chats, each in its turn: what a broadcast sends (P4, P10)."""

import asyncio
from collections.abc import Sequence

from aiogram import Bot

from app.clients.telegram.keyboards import to_keyboard
from app.clients.telegram.lanes import LaneBot
from app.clients.telegram.limiter import PATIENCE_SECONDS, Limiter
from app.domain.messages import Button, CopiedMessage, Lane


class TelegramCopier:
    """A MessageCopier. `bot` comes from create_bot; `limiter` is the bot's."""

    def __init__(self, bot: Bot, limiter: Limiter) -> None:
        self._bot = LaneBot(bot, Lane.USER)
        self._bot_in_turn = LaneBot(bot, Lane.BULK, has_turn=True)
        self._limiter = limiter

    async def wait_for_turn(self, chat_id: int) -> None:
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS[Lane.BULK]
        await self._limiter.acquire(chat_id, Lane.BULK, deadline)

    async def copy_in_turn(
        self, message: CopiedMessage, chat_id: int, buttons: Sequence[Sequence[Button]]
    ) -> int:
        return await _copy(self._bot_in_turn, message, chat_id, buttons)

    async def copy(
        self, message: CopiedMessage, chat_id: int, buttons: Sequence[Sequence[Button]]
    ) -> int:
        return await _copy(self._bot, message, chat_id, buttons)


async def _copy(
    bot: Bot, message: CopiedMessage, chat_id: int, buttons: Sequence[Sequence[Button]]
) -> int:
    copy = await bot.copy_message(
        chat_id, message.chat_id, message.message_id, reply_markup=to_keyboard(buttons)
    )
    return copy.message_id
