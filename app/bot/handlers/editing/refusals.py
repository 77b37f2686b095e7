"""What a service refuses to change is a sentence for the operator, and no failure."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import TelegramObject

from app.bot.screens.editing.shop_settings import change_refused_screen
from app.core.errors import ChangeRefusedError


class RefusalMiddleware(BaseMiddleware):
    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:  # noqa: ANN401 - aiogram's signature
        try:
            return await handler(event, data)
        except ChangeRefusedError as error:
            context = data["context"]
            await context.show(change_refused_screen(context.t, error))
        return None
