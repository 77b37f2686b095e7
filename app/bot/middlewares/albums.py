"""Pictures sent as one album are one message to their sender, and get one answer.

Each part comes as an update of its own, in any order, and nothing says how many there are: so a
part that names a hash is answered at once, and of the others one, when for a moment none did.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import structlog
from aiogram import BaseMiddleware
from aiogram.fsm.storage.base import StorageKey
from aiogram.types import Message, TelegramObject

from app.bot.deps import BotDeps
from app.bot.mentions import find_message_mentions
from app.core.supervisor import TooManyTasksError

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
    """What of an album was answered stands beside the dialogues, so that it survives a restart."""

    def __init__(self, deps: BotDeps, wait: Wait) -> None:
        self._deps = deps
        self._wait = wait
        self._waiting: dict[StorageKey, _Part] = {}  # at most one for each tracked task

    async def __call__(self, handler: _Handler, event: TelegramObject, data: dict[str, Any]) -> Any:  # noqa: ANN401 - aiogram's signature
        if not isinstance(event, Message) or not event.media_group_id:
            return await handler(event, data)
        state = data["state"]
        key = replace(state.key, destiny=f"album:{event.media_group_id}")
        answered: list[str] | None = (await state.storage.get_data(key)).get(_ANSWERED)
        named = {mention.tx_hash for mention in find_message_mentions(self._deps, event)}
        if named.difference(answered or ()):
            self._waiting.pop(key, None)
            await state.storage.set_data(key, {_ANSWERED: sorted(named.union(answered or ()))})
            return await handler(event, data)
        if answered is None:
            self._keep(key, _Part(handler, event, data))
        return None

    def _keep(self, key: StorageKey, part: _Part) -> None:
        """The first part with words, or else the first."""
        current = self._waiting.get(key)
        if current is None or (part.message.caption and not current.message.caption):
            self._waiting[key] = part
        if current is None:
            try:
                self._deps.supervisor.track(self._answer(key), name="album")
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
