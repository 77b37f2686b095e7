"""Loads the user of an update, in the one round trip that a known user costs (a group: two)."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, InaccessibleMessage, Message, TelegramObject

from app.bot.context import BotContext
from app.bot.deps import BotDeps
from app.bot.i18n import pick_language
from app.bot.topics import get_topic_id
from app.domain.names import clean_name, clean_username
from app.services import group_chats
from app.services.users import MAX_FIRST_NAME_LENGTH, TelegramProfile, upsert_user


class ContextMiddleware(BaseMiddleware):
    """Gives handlers a BotContext, as `context`."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:  # noqa: ANN401 - aiogram's signature
        data["context"] = await _create_context(data["deps"], event)
        return await handler(event, data)


async def _create_context(deps: BotDeps, event: TelegramObject) -> BotContext | None:
    if not isinstance(event, Message | CallbackQuery) or event.from_user is None:
        return None
    message = _message_of(event)
    if message is None:
        return None
    chat = message.chat
    sender = event.from_user
    profile = TelegramProfile(
        id=sender.id,
        first_name=clean_name(sender.first_name, MAX_FIRST_NAME_LENGTH),
        username=clean_username(sender.username),
        language=pick_language(sender.language_code),
        fingerprint=deps.fingerprints.compute(sender.id),
    )
    is_private = chat.type == ChatType.PRIVATE
    shop = await deps.shop.settings()
    waits = is_private and shop.new_users_a_day is not None
    user = await upsert_user(deps.db, profile, in_private=is_private, waits=waits)
    deps.languages.remember(user.id, user.language)
    language = user.language
    if not is_private:
        language = await group_chats.upsert_group(deps.db, chat.id, chat.title or "", user.language)
    return BotContext(
        deps,
        user,
        deps.translate(language),
        chat_id=chat.id,
        message_id=_editable(event),
        shop=shop,
        thread_id=get_topic_id(message),
    )


class FreshPageMiddleware(BaseMiddleware):
    """A page asked for below a notification leaves that alone; runs after the filters."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:  # noqa: ANN401 - aiogram's signature
        if getattr(data.get("callback_data"), "fresh", False):
            data["context"].message_id = None
        return await handler(event, data)


def _message_of(event: Message | CallbackQuery) -> Message | InaccessibleMessage | None:
    return event if isinstance(event, Message) else event.message


def _editable(event: Message | CallbackQuery) -> int | None:
    if isinstance(event, CallbackQuery) and event.message:
        gone = isinstance(event.message, InaccessibleMessage)
        return None if gone else event.message.message_id
    return None
