"""Topics of a forum: made, closed, reopened and deleted."""

from collections.abc import Awaitable
from typing import Final

from aiogram import Bot
from aiogram.types import ChatMemberAdministrator

from app.clients.telegram.errors import TopicClosedError
from app.clients.telegram.lanes import LaneBot
from app.domain.messages import Lane
from app.domain.ports import RefusedError, TopicGoneError

_MAX_NAME_LENGTH: Final = 128  # https://core.telegram.org/bots/api#createforumtopic
_UNCHANGED: Final = "topic_not_modified"


class TelegramForumTopics:
    """A ForumTopics. `bot` comes from create_bot."""

    def __init__(self, bot: Bot) -> None:
        self._bot = LaneBot(bot, Lane.NOTIFICATION)
        self._asking = LaneBot(bot, Lane.USER)

    async def can_manage(self, chat_id: int) -> bool:
        chat = await self._asking.get_chat(chat_id)
        if not chat.is_forum:
            return False
        member = await self._asking.get_chat_member(chat_id, self._bot.id)
        return isinstance(member, ChatMemberAdministrator) and bool(member.can_manage_topics)

    async def create(self, chat_id: int, name: str) -> int:
        topic = await self._bot.create_forum_topic(chat_id, name[:_MAX_NAME_LENGTH])
        return topic.message_thread_id

    async def close(self, chat_id: int, thread_id: int) -> None:
        await _change(self._bot.close_forum_topic(chat_id, thread_id))

    async def reopen(self, chat_id: int, thread_id: int) -> None:
        await _change(self._bot.reopen_forum_topic(chat_id, thread_id))

    async def delete(self, chat_id: int, thread_id: int) -> None:
        await _change(self._bot.delete_forum_topic(chat_id, thread_id))


async def _change(call: Awaitable[bool]) -> None:
    try:
        await call
    except TopicClosedError as error:
        raise TopicGoneError(str(error)) from None
    except RefusedError as error:
        if _UNCHANGED not in str(error).lower():
            raise
