"""Copies of one message for many chats, each in its turn: what a broadcast sends (P4, P10)."""

import asyncio
from collections.abc import Sequence
from typing import Final

from aiogram import Bot

from app.clients.telegram.keyboards import to_keyboard
from app.clients.telegram.lanes import LaneBot
from app.clients.telegram.limiter import PATIENCE_SECONDS, Limiter
from app.domain.messages import Button, CopiedMessage, Lane
from app.domain.ports import RefusedError

_GONE: Final = "message to delete not found"


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

    async def edit_in_turn(
        self,
        chat_id: int,
        message_id: int,
        text: str,
        *,
        is_caption: bool,
        buttons: Sequence[Sequence[Button]],
    ) -> None:
        bot, keyboard = self._bot_in_turn, to_keyboard(buttons)
        if is_caption:
            await bot.edit_message_caption(
                chat_id=chat_id, message_id=message_id, caption=text, reply_markup=keyboard
            )
            return
        await bot.edit_message_text(
            text, chat_id=chat_id, message_id=message_id, reply_markup=keyboard
        )

    async def delete_in_turn(self, chat_id: int, message_id: int) -> None:
        try:
            await self._bot_in_turn.delete_message(chat_id, message_id)
        except RefusedError as error:
            if _GONE not in str(error):
                raise

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
