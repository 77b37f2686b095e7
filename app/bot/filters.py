"""Small asynchronous filters: aiogram's magic ones run in threads."""

from aiogram.enums import ChatType
from aiogram.filters import Command, Filter, StateFilter
from aiogram.types import CallbackQuery, Message, TelegramObject

from app.bot.context import BotContext
from app.bot.topics import get_replied_message
from app.domain.operator_roles import Permission


def command(name: str) -> Command:
    """In any case, and with any @mention: what is for another bot has not come so far."""
    return Command(name, ignore_case=True, ignore_mention=True)


class FromOperator(Filter):
    """From an operator who may do that; for all others the command or button does not exist."""

    def __init__(self, permission: Permission) -> None:
        self._permission = permission

    async def __call__(self, _: TelegramObject, context: BotContext | None = None) -> bool:
        return context is not None and context.may(self._permission)


class InPrivate(Filter):
    async def __call__(self, event: TelegramObject) -> bool:
        message = event.message if isinstance(event, CallbackQuery) else event
        chat = getattr(message, "chat", None)
        return chat is not None and chat.type == ChatType.PRIVATE


class ReplyToBot(Filter):
    async def __call__(self, message: Message) -> bool:
        replied = get_replied_message(message)
        return bool(replied and replied.from_user and replied.from_user.is_bot)


class AnswerTo(StateFilter):
    """What a user writes when asked. A command is no answer: it leaves the dialogue."""

    async def __call__(self, obj: TelegramObject, raw_state: str | None = None) -> bool:
        is_command = isinstance(obj, Message) and (obj.text or "").startswith("/")
        return not is_command and bool(await super().__call__(obj, raw_state))
