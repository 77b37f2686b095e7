"""A private chat is all ours; of a group, only what is said to us, judged by the text alone."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiogram import BaseMiddleware
from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, Message, TelegramObject

from app.bot.commands import is_command_name
from app.bot.deps import BotDeps
from app.bot.mentions import find_message_mentions
from app.bot.topics import get_replied_message, is_in_support_forum
from app.domain.ports import PortError

_GROUPS: Final = frozenset({ChatType.GROUP, ChatType.SUPERGROUP})


class ChatFilterMiddleware(BaseMiddleware):
    """What does not pass costs no query: a busy group must not load the database."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:  # noqa: ANN401 - aiogram's signature
        if isinstance(event, CallbackQuery):
            is_ours = event.message is not None and (
                event.message.chat.type in {ChatType.PRIVATE, *_GROUPS}
            )
        else:
            is_ours = isinstance(event, Message) and await _is_ours(
                data["deps"], event, is_asked=bool(data.get("raw_state"))
            )
        return await handler(event, data) if is_ours else None


async def _is_ours(deps: BotDeps, message: Message, *, is_asked: bool) -> bool:
    if message.from_user is None or message.from_user.is_bot:
        return False
    if message.chat.type == ChatType.PRIVATE:
        return True
    # Who writes as the group, or as a channel, is nobody whose watch it could be.
    if message.chat.type not in _GROUPS or message.sender_chat is not None:
        return False
    if (message.text or "").startswith("/"):
        return await _is_our_command(deps, message.text or "")
    return await _is_for_us(deps, message, is_asked=is_asked)


async def _is_for_us(deps: BotDeps, message: Message, *, is_asked: bool) -> bool:
    if await is_in_support_forum(deps.shop, message):
        return True
    replied = get_replied_message(message)
    if is_asked and replied and replied.from_user and replied.from_user.is_bot:
        return True
    return any(mention.foreign is None for mention in find_message_mentions(deps, message))


async def _is_our_command(deps: BotDeps, text: str) -> bool:
    """Commands without a name are for every bot of the group: only those that we know."""
    name, _, mention = text.split(maxsplit=1)[0].removeprefix("/").partition("@")
    if not mention:
        return is_command_name(name)
    if deps.account is None:
        return False
    try:
        username = await deps.account.get_username()
    except PortError:
        return False
    return mention.casefold() == username.casefold()
