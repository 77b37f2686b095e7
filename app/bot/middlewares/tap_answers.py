"""Every tapped button is answered: early when its handler is slow, always in the end (P8)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from html import escape
from typing import Any, Final

import structlog
from aiogram import BaseMiddleware, Bot
from aiogram.exceptions import AiogramError
from aiogram.types import CallbackQuery, TelegramObject

from app.bot.context import TapAnswer
from app.bot.deps import BotDeps
from app.bot.i18n import load_translators
from app.bot.topics import send_to_same_topic
from app.core.supervisor import TooManyTasksError
from app.domain.messages import Screen
from app.domain.ports import PortError

EARLY_ANSWER_AFTER: Final = timedelta(seconds=3)
_BOUND_SECONDS: Final = 10
_LONGEST: Final = 200  # https://core.telegram.org/bots/api#answercallbackquery

log = structlog.get_logger()


@dataclass(slots=True)
class _Tap:
    query: CallbackQuery
    bot: Bot
    deps: BotDeps
    answer: TapAnswer = field(default_factory=TapAnswer)
    early: asyncio.Task[None] | None = None


class TapAnswerMiddleware(BaseMiddleware):
    """Gives handlers a TapAnswer to write on, as `answer`."""

    def __init__(self, early_after: timedelta) -> None:
        self._early_after_seconds = early_after.total_seconds()

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:  # noqa: ANN401 - aiogram's signature
        if not isinstance(event, CallbackQuery):
            return await handler(event, data)
        tap = _Tap(event, data["bot"], data["deps"])
        data["answer"] = tap.answer
        loop = asyncio.get_running_loop()
        timer = loop.call_later(self._early_after_seconds, partial(_answer_early, tap))
        try:
            return await handler(event, data)
        finally:
            timer.cancel()
            await _end(tap)


def _answer_early(tap: _Tap) -> None:
    t = load_translators().get(tap.deps.languages.guess(tap.query.from_user))
    try:
        tap.early = tap.deps.supervisor.track(
            _answer(tap, TapAnswer(t.plain("one-moment"))), name="early-answer"
        )
    except TooManyTasksError:
        log.warning("early_answer_skipped")


async def _end(tap: _Tap) -> None:
    if tap.early is None:
        await _answer(tap, tap.answer)
        return
    await asyncio.wait({tap.early})
    tapped = tap.query.message
    if tap.answer.text and tapped:
        # The tap was answered already: the text becomes a message.
        screen = Screen(escape(tap.answer.text, quote=False))
        try:
            await send_to_same_topic(tap.deps.sender, tapped, screen)
        except PortError as error:
            log.warning("late_answer_lost", reason=str(error))


async def _answer(tap: _Tap, answer: TapAnswer) -> None:
    """Never raises: a query may be too old by now, and Telegram may be away."""
    text = answer.text[:_LONGEST] if answer.text else None
    try:
        async with asyncio.timeout(_BOUND_SECONDS):
            await tap.bot.answer_callback_query(tap.query.id, text=text, show_alert=answer.is_alert)
    except (PortError, AiogramError, TimeoutError) as error:
        log.info("tap_unanswered", reason=str(error)[:200])
