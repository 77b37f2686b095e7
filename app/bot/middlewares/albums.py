"""Pictures sent as one album are one message to their sender, and get one answer.

Each part comes as an update of its own, in any order, and nothing says how many there are: so a
part that names a hash is answered at once, and of the others one, when for a moment none did.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import structlog
from aiogram import BaseMiddleware
from aiogram.enums import ChatType
from aiogram.fsm.storage.base import StorageKey
from aiogram.types import Message, TelegramObject

from app.bot.deps import BotDeps
from app.bot.mentions import find_message_mentions
from app.bot.topics import get_replied_message, is_in_support_forum
from app.core.supervisor import TooManyTasksError
from app.services.users import find_known_user

_Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]
Wait = Callable[[], Awaitable[object]]

# Telegram hands over the parts of an album one after the other, within moments.
WAIT_FOR_PARTS: Final[Wait] = partial(asyncio.sleep, 1)
_ANSWERED: Final = "told"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Part:
    handler: _Handler
    message: Message
    data: dict[str, Any]


class AlbumMiddleware(BaseMiddleware):
    """What of an album was answered stands beside the dialogues, so that it survives a restart.

    In the dialogues `each_part` its parts are not waited for.
    """

    def __init__(self, wait: Wait, each_part: Collection[str | None]) -> None:
        self._each_part = each_part
        self._wait = wait
        self._waiting: dict[StorageKey, _Part] = {}  # at most one for each tracked task

    async def __call__(self, handler: _Handler, event: TelegramObject, data: dict[str, Any]) -> Any:  # noqa: ANN401 - aiogram's signature
        if not isinstance(event, Message) or not event.media_group_id:
            return await handler(event, data)
        if await self._is_passed_on(data["deps"], event, data.get("raw_state")):
            return await handler(event, data)
        state = data["state"]
        key = replace(state.key, destiny=f"album:{event.media_group_id}")
        answered: list[str] | None = (await state.storage.get_data(key)).get(_ANSWERED)
        named = {mention.tx_hash for mention in find_message_mentions(data["deps"], event)}
        if named.difference(answered or ()):
            self._waiting.pop(key, None)
            await state.storage.set_data(key, {_ANSWERED: sorted(named.union(answered or ()))})
            return await handler(event, data)
        if answered is None:
            self._keep(key, _Part(handler, event, data))
        return None

    async def _is_passed_on(self, deps: BotDeps, message: Message, raw_state: str | None) -> bool:
        """To support, or from it: then each part is a message of its own, and none may be lost."""
        if await is_in_support_forum(deps.shop, message):
            return True
        if message.chat.type != ChatType.PRIVATE or message.from_user is None:
            return False
        if raw_state is not None:
            return raw_state in self._each_part
        user = await find_known_user(deps.db, message.from_user.id)
        if user is None:
            return False
        is_operator = user.role is not None or user.id in deps.owners
        return user.talks or (is_operator and get_replied_message(message) is not None)

    def _keep(self, key: StorageKey, part: _Part) -> None:
        """The first part with words, or else the first."""
        current = self._waiting.get(key)
        if current is None or (part.message.caption and not current.message.caption):
            self._waiting[key] = part
        if current is None:
            try:
                part.data["deps"].supervisor.track(self._answer(key), name="album")
            except TooManyTasksError:
                del self._waiting[key]
                log.warning("album_not_answered")

    async def _answer(self, key: StorageKey) -> None:
        try:
            await self._wait()
        finally:
            part = self._waiting.pop(key, None)
        if part is None:
            return
        state = part.data["state"]
        await state.storage.set_data(key, {_ANSWERED: []})
        # Their dialogue may have gone on meanwhile.
        await part.handler(part.message, {**part.data, "raw_state": await state.get_state()})
