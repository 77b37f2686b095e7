"""A user who waits for something slow outside reads so after a moment, in the answer's message."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, Final, TypeVar

from app.bot.context import BotContext
from app.core.supervisor import TooManyTasksError
from app.domain.messages import Screen
from app.domain.ports import RetryLaterError

_SILENT_SECONDS: Final = 1.5

T = TypeVar("T")


async def with_waiting_screen(
    context: BotContext, work: Coroutine[Any, Any, T], waiting: Screen
) -> T:
    """The work's result; below a tapped button nothing is said, because it has a spinner."""
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
