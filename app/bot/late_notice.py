"""What a user reads while waiting: soon, that something slow is asked; late, that work goes on."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, Final, TypeVar

import structlog
from aiogram.types import Update

from app.bot.context import BotContext
from app.bot.deps import BotDeps
from app.bot.i18n import load_translators
from app.bot.screens.errors import late_notice_screen
from app.bot.topics import send_to_same_topic
from app.core.supervisor import TooManyTasksError
from app.domain.messages import Screen
from app.domain.ports import PortError, RetryLaterError

_SILENT_SECONDS: Final = 1.5

T = TypeVar("T")

log = structlog.get_logger()


async def with_waiting_screen(
    context: BotContext, work: Coroutine[Any, Any, T], waiting: Screen
) -> T:
    """The work's result; after a moment, `waiting` is shown in the answer's message.

    Below a tapped button nothing is said, because it has a spinner.
    """
    if context.message_id is not None:
        return await work
    try:
        task = context.deps.supervisor.track(work, name="waiting-screen")
    except TooManyTasksError as error:
        raise RetryLaterError(timedelta(seconds=1)) from error
    await asyncio.wait({task}, timeout=_SILENT_SECONDS)
    if not task.done():
        context.message_id = await context.show(waiting)
    return await task


async def send_late_notice(deps: BotDeps, update: Update) -> None:
    """Sends "still working" where a handler is slow (P8); the update intake asks for it."""
    event = update.message or update.callback_query
    tapped = update.callback_query.message if update.callback_query else None
    message = update.message or tapped
    if event is None or event.from_user is None or message is None:
        return
    t = load_translators().get(deps.languages.guess(event.from_user))
    try:
        await send_to_same_topic(deps.sender, message, late_notice_screen(t))
    except PortError as error:  # perhaps we may not write there
        log.info("late_notice_unsent", reason=str(error))
