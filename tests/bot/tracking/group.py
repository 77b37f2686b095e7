"""A group on somebody's phone: what they write and tap there, and what the bot says there."""

from dataclasses import fields
from typing import Any

from aiogram.methods import AnswerCallbackQuery
from aiogram.types import ChatMemberRestricted

from tests.bot.phone import Phone, Shown

GROUP = -5

Member = dict[str, Any]
_MEMBER: Member = {"status": "member"}
_KICKED: Member = {"status": "kicked", "until_date": 0}
_RESTRICTED: Member = {
    **{name: False for name in ChatMemberRestricted.model_fields if name.startswith("can_")},
    "status": "restricted",
    "is_member": True,
    "until_date": 0,
}


class KnownAccount:
    """A BotAccount."""

    async def get_username(self) -> str:
        return "tollgate_bot"


class GroupPhone(Phone):
    @property
    def chat(self) -> list[Shown]:
        return self.sender.chats.get(self.group_id, [])

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
        """In or out, as Telegram reports it."""
        states = {False: _KICKED, True: _MEMBER}
        await self._tell_of_bot(states[not inside], states[inside])

    async def let_bot_write(self, *, allowed: bool) -> None:
        states = {False: _RESTRICTED, True: _MEMBER}
        await self._tell_of_bot(states[not allowed], states[allowed])

    async def _tell_of_bot(self, old: Member, new: Member) -> None:
        bot = {"user": {"id": self.bot.id, "is_bot": True, "first_name": "Tollgate"}}
        change = {
            "chat": {"id": self.group_id, "type": "supergroup", "title": "Friends"},
            "from": self._user,
            "date": 1,
            "old_chat_member": bot | old,
            "new_chat_member": bot | new,
        }
        await self._feed({"my_chat_member": change})


def in_group(phone: Phone, group_id: int = GROUP) -> GroupPhone:
    known = {field.name: getattr(phone, field.name) for field in fields(phone)}
    return GroupPhone(**known | {"group_id": group_id})
