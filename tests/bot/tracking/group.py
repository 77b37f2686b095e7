"""A group on somebody's phone: what they write and tap there, and what the bot says there."""

from dataclasses import fields
from typing import Any

from aiogram.methods import AnswerCallbackQuery

from tests.bot.phone import Phone, Shown

GROUP = -5


class KnownAccount:
    """A BotAccount."""

    async def get_username(self) -> str:
        return "tollgate_bot"


class GroupPhone(Phone):
    @property
    def chat(self) -> list[Shown]:
        return self.sender.chats.get(GROUP, [])

    async def send(
        self, text: str | None = None, *, chat_type: str = "supergroup", **more: object
    ) -> int:
        return await super().send(text, chat_type=chat_type, **more)

    async def press(
        self, data: str, message_id: int = 0, *, date: int = 1, chat_type: str = "supergroup"
    ) -> AnswerCallbackQuery | None:
        return await super().press(data, message_id, date=date, chat_type=chat_type)

    async def answer(self, text: str) -> int:
        """A reply to the bot's newest message."""
        return await self.reply(text, self.chat[-1].message_id)

    async def move_bot(self, *, inside: bool) -> None:
        """In or out, as Telegram tells it."""
        states: dict[bool, dict[str, Any]] = {
            False: {"status": "kicked", "until_date": 0},
            True: {"status": "member"},
        }
        bot = {"user": {"id": self.bot.id, "is_bot": True, "first_name": "Tollgate"}}
        change = {
            "chat": {"id": GROUP, "type": "supergroup", "title": "Friends"},
            "from": self._user,
            "date": 1,
            "old_chat_member": bot | states[not inside],
            "new_chat_member": bot | states[inside],
        }
        await self._feed({"my_chat_member": change})


def in_group(phone: Phone) -> GroupPhone:
    return GroupPhone(**{field.name: getattr(phone, field.name) for field in fields(phone)})
