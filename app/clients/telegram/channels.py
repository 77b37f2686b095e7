"""Who is in a channel, as far as Telegram lets the bot know: it must be an administrator there."""

from typing import Final

from aiogram import Bot
from aiogram.types import ChatMemberRestricted

from app.domain.ports import PortError, RefusedError, RetryLaterError, UnavailableError

_IN: Final = frozenset({"creator", "administrator", "member"})
# What Telegram says of a user whom it does not find there.
_STRANGER: Final = ("user not found", "participant_id_invalid")


class TelegramChannels:
    """A Channels. `bot` comes from create_bot, whose session raises the port errors."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def is_member(self, channel: str, user_id: int) -> bool:
        try:
            member = await self._bot.get_chat_member(channel, user_id)
        except RetryLaterError as error:
            raise UnavailableError(str(error)) from error
        except UnavailableError:
            raise
        except PortError as error:
            if any(words in str(error).lower() for words in _STRANGER):
                return False
            raise RefusedError(str(error)) from error
        if isinstance(member, ChatMemberRestricted):
            return member.is_member
        return member.status in _IN
