"""A tapped button or a command ends the dialogue that the user was in."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import CallbackQuery, Message, TelegramObject


class DialogueMiddleware(BaseMiddleware):
    """`raw_state` still says to the handler which one it was."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:  # noqa: ANN401 - aiogram's signature
        if data.get("raw_state") and _leaves(event):
            await data["state"].clear()
        return await handler(event, data)


def _leaves(event: TelegramObject) -> bool:
    if isinstance(event, Message):
        return (event.text or "").startswith("/")
    return isinstance(event, CallbackQuery)
