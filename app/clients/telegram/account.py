"""Who the bot is at Telegram: links to it need its name."""

import asyncio
from datetime import timedelta
from typing import Final

from aiogram import Bot

from app.domain.ports import UnavailableError

# A user waits for a page that is of use without the name, too.
_PATIENCE: Final = timedelta(seconds=3)


class TelegramAccount:
    """A BotAccount."""

    def __init__(self, bot: Bot, patience: timedelta = _PATIENCE) -> None:
        self._bot = bot
        self._patience = patience

    async def get_username(self) -> str:
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                me = await self._bot.me()  # aiogram remembers the answer
        except TimeoutError as error:
            raise UnavailableError("getMe takes too long") from error
        if me.username is None:
            raise UnavailableError("getMe tells no username")
        return me.username
