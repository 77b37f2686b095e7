"""A blocked user reads one sentence, and reaches support, their refund and their data."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiogram import BaseMiddleware
from aiogram.types import CallbackQuery, Message, TelegramObject

from app.bot.callbacks import (
    CloseConversation,
    EraseData,
    ErasePage,
    ExportData,
    PrivacyPage,
    SupportPage,
)
from app.bot.commands import get_command_name
from app.bot.context import BotContext
from app.bot.handlers.support import SupportDialogue
from app.bot.screens.blocked import blocked_screen

_OPEN_COMMANDS: Final = frozenset({"support", "paysupport", "privacy", "cancel"})
_OPEN_TAPS: Final = frozenset(
    kind.__prefix__
    for kind in (SupportPage, CloseConversation, PrivacyPage, ExportData, ErasePage, EraseData)
)


class BlockedMiddleware(BaseMiddleware):
    """In a group, where others read along, a blocked user is not answered but for taps."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:  # noqa: ANN401 - aiogram's signature
        context: BotContext | None = data.get("context")
        if context is None or context.user.blocked_at is None or context.role is not None:
            return await handler(event, data)
        if context.is_private and is_always_open(
            event, data.get("raw_state"), talks=context.user.talks
        ):
            return await handler(event, data)
        if isinstance(event, CallbackQuery):
            data["answer"].alert(context.t.plain("blocked-toast"))
        elif context.is_private:
            await context.show(blocked_screen(context.t))
        return None


def is_always_open(event: TelegramObject, raw_state: str | None, *, talks: bool) -> bool:
    """Support, one's refund and one's data, whatever else is closed to the user."""
    if isinstance(event, CallbackQuery):
        return (event.data or "").partition(":")[0] in _OPEN_TAPS
    text = event.text or "" if isinstance(event, Message) else ""
    if (command := get_command_name(text)) is not None:
        return command in _OPEN_COMMANDS
    return raw_state == SupportDialogue.writing.state or (talks and raw_state is None)
