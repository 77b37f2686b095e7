"""Every failure becomes a sentence in the user's language (P8)."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiogram import BaseMiddleware
from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, Message, TelegramObject

from app.bot.context import TapAnswer
from app.bot.deps import BotDeps
from app.bot.i18n import load_translators
from app.bot.screens.errors import error_screen
from app.bot.topics import get_topic_id, send_to_same_topic
from app.core.errors import ExpectedError
from app.core.metrics import GROUP_MESSAGES_UNANSWERED
from app.db.outage import is_outage
from app.db.retry import retry_if_stale
from app.db.unit_of_work import Database
from app.domain.ports import (
    ChatRestrictedError,
    PortError,
    RefusedError,
    RetryLaterError,
    UndecidedError,
    UnreachableError,
)
from app.services.notifications.late_answers import notify_group_crowded, queue_late_answer

_BUG = "error-unexpected"
_RESTRICTED = "error-group-restricted"

log = structlog.get_logger()


class ErrorMiddleware(BaseMiddleware):
    """Answers the user; a bug is raised again, so that the update is kept for the operators."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:  # noqa: ANN401 - aiogram's signature
        try:
            return await retry_if_stale(handler)(event, data)
        except Exception as error:
            key = find_error_key(error)
            log.info("update_refused", reason=key, error=type(error).__name__)
            if isinstance(error, RetryLaterError) and isinstance(event, Message):
                await _answer_later(data["deps"].db, event)
            elif key:
                await _notify(data["deps"], event, data.get("answer"), key)
            if key == _BUG:
                raise
        return None


async def _answer_later(db: Database, message: Message) -> None:
    try:
        if message.chat.type == ChatType.PRIVATE:
            await queue_late_answer(db, message.chat.id, get_topic_id(message))
        else:
            GROUP_MESSAGES_UNANSWERED.inc()
            await notify_group_crowded(db, message.chat.id, get_topic_id(message))
    except Exception as error:
        if not is_outage(error):
            raise
        log.warning("late_answer_lost", reason="no database")


async def _notify(deps: BotDeps, event: TelegramObject, answer: TapAnswer | None, key: str) -> None:
    if not isinstance(event, Message | CallbackQuery) or event.from_user is None:
        return
    t = load_translators().get(deps.languages.guess(event.from_user))
    if answer is not None:
        answer.alert(t.plain(key))
    elif isinstance(event, Message) and key != _RESTRICTED:
        try:
            screen = error_screen(t, key, in_group=event.chat.type != ChatType.PRIVATE)
            await send_to_same_topic(deps.sender, event, screen)
        except PortError as error:
            log.warning("error_message_unsent", reason=str(error))


def find_error_key(error: Exception) -> str | None:
    """The text for it; None where nobody can or need be answered."""
    if isinstance(error, ExpectedError):
        return error.text_key
    if isinstance(error, RetryLaterError):
        return "error-busy"
    if isinstance(error, UnreachableError | UndecidedError):
        return None
    if isinstance(error, ChatRestrictedError):  # a tapped button can still say so
        return _RESTRICTED
    # Handlers catch what a provider or a panel refuses: this is Telegram refusing our message.
    if isinstance(error, PortError) and not isinstance(error, RefusedError):
        return "error-unavailable"
    return "error-database" if is_outage(error) else _BUG
