"""Ten pictures sent as one album are one message to their sender, and get one answer."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import Message, TelegramObject

_REMEMBERED = 1000


class Albums(BaseMiddleware):
    """The first part of each passes."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, None] = OrderedDict()

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:  # noqa: ANN401 - aiogram's signature
        if isinstance(event, Message) and event.media_group_id:
            if event.media_group_id in self._seen:
                return None
            self._seen[event.media_group_id] = None
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
        return await handler(event, data)
