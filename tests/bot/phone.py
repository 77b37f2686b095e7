"""Somebody's phone with the bot's chat on it, for tests that go through the real dispatcher.

Telegram alone is played here: what the bot shows is checked with the world's own rules, what
somebody does becomes an Update as Telegram sends it.
"""

import asyncio
import json
import os
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final, Protocol

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.methods import AnswerCallbackQuery, TelegramMethod
from aiogram.types import Update

from app.domain.messages import Lane, Screen
from app.domain.ports import UnreachableError
from sandbox.world.telegram.html import parse_html
from sandbox.world.telegram.keyboards import require_button_url
from tests.support.held_connections import require_none_held

TEXT_LIMIT, CAPTION_LIMIT, ANSWER_LIMIT = 4096, 1024, 200

Json = dict[str, Any]

_PHOTO: Final = {"file_id": "1", "file_unique_id": "1", "width": 1, "height": 1}

_ids = count(1)


def visible(screen: Screen) -> str:
    """The text without its markup. Raises what Telegram would say to broken markup."""
    return parse_html(screen.text).text


def labels(screen: Screen) -> list[str]:
    return [button.text for row in screen.buttons for button in row]


def check(screen: Screen) -> Screen:
    """Fail for a screen that Telegram would refuse."""
    limit = TEXT_LIMIT if screen.photo is None else CAPTION_LIMIT
    assert 0 < len(visible(screen)) <= limit
    for button in (button for row in screen.buttons for button in row):
        assert button.text.strip()
        assert [button.data, button.url, button.copy, button.page].count(None) == 3
        assert len((button.data or "").encode()) <= 64
        assert len(button.copy or "") <= 256
        if button.url:
            require_button_url(button.url)
    return screen


def _read_document(screen: Screen) -> Screen:
    """With the bytes of a file that will be closed."""
    document = screen.document
    if document is None or isinstance(document.content, bytes):
        return screen
    content = os.pread(document.content.fileno(), 2**24, 0)
    return replace(screen, document=replace(document, content=content))


@dataclass
class Shown:
    message_id: int
    screen: Screen


@dataclass
class RecordingSender:
    """A MessageSender that keeps what it shows; `failure` is raised instead."""

    chats: dict[int, list[Shown]] = field(default_factory=dict)
    lanes: set[Lane] = field(default_factory=set)
    threads: dict[int, int | None] = field(default_factory=dict)  # by message
    failure: Exception | None = None
    blocked: set[int] = field(default_factory=set)  # users who have blocked the bot

    def get_chat_wait(self, chat_id: int) -> timedelta:  # noqa: ARG002
        return timedelta()

    async def send(
        self,
        chat_id: int,
        screen: Screen,
        *,
        lane: Lane,
        thread_id: int | None = None,
        only_there: bool = False,  # noqa: ARG002
    ) -> int:
        require_none_held()
        self.lanes.add(lane)
        if self.failure:
            raise self.failure
        if chat_id in self.blocked:
            raise UnreachableError
        message_id = next(_ids)
        shown = _read_document(check(screen))
        self.chats.setdefault(chat_id, []).append(Shown(message_id, shown))
        self.threads[message_id] = thread_id
        return message_id

    async def edit(
        self,
        chat_id: int,
        message_id: int,
        screen: Screen,
        *,
        lane: Lane,
        thread_id: int | None = None,
    ) -> int:
        require_none_held()
        self.lanes.add(lane)
        if self.failure:
            raise self.failure
        shown = next((s for s in self.chats.get(chat_id, []) if s.message_id == message_id), None)
        if shown is not None and (shown.screen.photo is None) == (screen.photo is None):
            shown.screen = check(screen)
            return message_id
        if shown is not None:
            self.chats[chat_id].remove(shown)
        return await self.send(chat_id, screen, lane=lane, thread_id=thread_id)

    async def replace(
        self,
        chat_id: int,
        message_id: int,
        screen: Screen,
        *,
        lane: Lane,
        thread_id: int | None = None,
    ) -> int:
        new_message_id = await self.send(chat_id, screen, lane=lane, thread_id=thread_id)
        chat = self.chats[chat_id]
        chat[:] = [shown for shown in chat if shown.message_id != message_id]
        return new_message_id

    async def update(
        self,
        chat_id: int,
        message_id: int,
        screen: Screen,
        *,
        lane: Lane,
        thread_id: int | None = None,
    ) -> int | None:
        if message_id not in {shown.message_id for shown in self.chats.get(chat_id, [])}:
            return None
        return await self.edit(chat_id, message_id, screen, lane=lane, thread_id=thread_id)


class AnsweredTaps(BaseSession):
    """Telegram's end of answerCallbackQuery; `failure` is raised instead."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[AnswerCallbackQuery] = []
        self.answered = asyncio.Event()
        self.failure: Exception | None = None

    async def make_request(
        self,
        bot: Bot,  # noqa: ARG002
        method: TelegramMethod[Any],
        timeout: int | None = None,  # noqa: ARG002, ASYNC109
    ) -> Any:  # noqa: ANN401 - aiogram's signature
        require_none_held()
        assert isinstance(method, AnswerCallbackQuery), f"the bot called {method.__api_method__}"
        assert len(method.text or "") <= ANSWER_LIMIT
        if self.failure:
            raise self.failure
        self.answers.append(method)
        self.answered.set()
        return True

    async def stream_content(self, *_: object, **__: object) -> AsyncGenerator[bytes, None]:
        yield b""

    async def close(self) -> None:
        pass


class UpdateFeed(Protocol):
    """A dispatcher, or what hands updates to one."""

    async def feed_update(self, bot: Bot, update: Update, *, raw_update: bytes) -> object: ...


@dataclass
class Phone:
    dispatcher: UpdateFeed
    bot: Bot
    sender: RecordingSender
    taps: AnsweredTaps
    id: int
    name: str
    language_code: str | None
    username: str | None = None
    group_id: int = -5  # where it is not private

    @property
    def chat(self) -> list[Shown]:
        return self.sender.chats.get(self.id, [])

    @property
    def screen(self) -> Screen:
        """The newest message as it stands."""
        return self.chat[-1].screen

    @property
    def text(self) -> str:
        return visible(self.screen)

    async def send(
        self, text: str | None = None, *, chat_type: str = "private", **more: object
    ) -> int:
        """A message; its id."""
        message_id = next(_ids)
        message = {
            "message_id": message_id,
            "from": self._user,
            "chat": {"id": self._chat_id(chat_type), "type": chat_type},
            "date": int(datetime.now(UTC).timestamp()),
            **({"text": text} if text is not None else {}),
            **more,
        }
        await self._feed({"message": message})
        return message_id

    async def reply(self, text: str, to: int) -> int:
        original = {
            "message_id": to,
            "from": {"id": self.bot.id, "is_bot": True, "first_name": "Tollgate"},
            "chat": {"id": self.id, "type": "private"},
            "date": 1,
            "text": "…",
        }
        return await self.send(text, reply_to_message=original)

    async def tap(self, prefix: str, shown: Shown | None = None) -> AnswerCallbackQuery | None:
        """The newest button whose data begins so, or of `shown`; what it answered."""
        for candidate in [shown] if shown else reversed(self.chat):
            for button in (button for row in candidate.screen.buttons for button in row):
                if (button.data or "").startswith(prefix):
                    return await self.press(button.data or "", candidate.message_id)
        raise AssertionError(f"no button {prefix}… in {[labels(s.screen) for s in self.chat]}")

    async def press(
        self, data: str, message_id: int = 0, *, date: int = 1, chat_type: str = "private"
    ) -> AnswerCallbackQuery | None:
        """Any data, as a changed client can send it; `date` 0 is a message out of reach."""
        answered = len(self.taps.answers)
        chat = {"id": self._chat_id(chat_type), "type": chat_type}
        query: Json = {
            "id": str(next(_ids)),
            "from": self._user,
            "chat_instance": "1",
            "data": data,
            "message": {"message_id": message_id, "chat": chat, "date": date},
        }
        if any(one.message_id == message_id and one.screen.photo for one in self.chat):
            query["message"]["photo"] = [_PHOTO]
        await self._feed({"callback_query": query})
        assert len(self.taps.answers) <= answered + 1
        return self.taps.answers[-1] if len(self.taps.answers) > answered else None

    async def block(self, *, blocked: bool) -> None:
        states: dict[bool, Json] = {
            True: {"status": "kicked", "until_date": 0},
            False: {"status": "member"},
        }
        bot: Json = {"user": {"id": self.bot.id, "is_bot": True, "first_name": "Tollgate"}}
        change = {
            "chat": {"id": self.id, "type": "private"},
            "from": self._user,
            "date": 1,
            "old_chat_member": bot | states[not blocked],
            "new_chat_member": bot | states[blocked],
        }
        await self._feed({"my_chat_member": change})

    def _chat_id(self, chat_type: str) -> int:
        return self.id if chat_type == "private" else self.group_id

    @property
    def _user(self) -> dict[str, object]:
        user = {"id": self.id, "is_bot": False, "first_name": self.name}
        extra = {"username": self.username, "language_code": self.language_code}
        return user | {name: value for name, value in extra.items() if value}

    async def _feed(self, update: Json) -> None:
        body = {"update_id": next(_ids), **update}
        await self.dispatcher.feed_update(
            self.bot,
            Update.model_validate(body, context={"bot": self.bot}),
            raw_update=json.dumps(body).encode(),
        )
