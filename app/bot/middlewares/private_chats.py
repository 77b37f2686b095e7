"""The shop is a private chat: what is said in groups is none of our business."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, Message, TelegramObject


class PrivateChats(BaseMiddleware):
    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:  # noqa: ANN401 - aiogram's signature
        if _is_private(event):
            return await handler(event, data)
        return None


def _is_private(event: TelegramObject) -> bool:
    if isinstance(event, CallbackQuery):
        return event.message is not None and event.message.chat.type == ChatType.PRIVATE
    return (
        isinstance(event, Message)
        and event.chat.type == ChatType.PRIVATE
        and event.from_user is not None
        and not event.from_user.is_bot
    )
