"""What every call to Telegram passes: metrics → breaker → limiter and retries (P4, P10, P12).

Whatever comes out is a PortError whose text is safe to log.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast

import structlog
from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.client.session.middlewares.base import (
    BaseRequestMiddleware,
    NextRequestMiddlewareType,
)
from aiogram.methods import GetMe, Response, TelegramMethod
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_before_delay,
    wait_exponential,
    wait_random,
)

from app.clients.telegram.errors import (
    FloodError,
    NotModifiedError,
    classify_error,
    is_repeatable,
)
from app.clients.telegram.lanes import get_lane, has_turn
from app.clients.telegram.limiter import (
    GROUP_PATIENCE_SECONDS,
    GROUP_WAITERS,
    PATIENCE_SECONDS,
    ChatId,
    Limiter,
    is_group,
)
from app.core.breaker import Breaker, BreakerOpenError
from app.core.metrics import FLOOD_WAITS, OUTGOING_SECONDS
from app.core.slots import lend_slot
from app.domain.messages import Lane
from app.domain.ports import (
    RefusedError,
    RetryLaterError,
    UnavailableError,
    UndecidedError,
    UnreachableError,
)

logger = structlog.get_logger()

T = TypeVar("T")

_ATTEMPTS: Final = 4
_FIRST_WAIT_SECONDS: Final = 0.5  # then 1, 2
_JITTER_SECONDS: Final = 0.25

_OUTCOMES: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (RetryLaterError, "retry_later"),
    (UnreachableError, "unreachable"),
    (UndecidedError, "undecided"),
    (UnavailableError, "unavailable"),
    (RefusedError, "refused"),
    (asyncio.CancelledError, "cancelled"),
)


def install_middlewares(session: BaseSession, limiter: Limiter, breaker: Breaker) -> None:
    """The first one is the outermost."""
    session.middleware(MetricsMiddleware())
    session.middleware(BreakerMiddleware(breaker))
    session.middleware(LimiterMiddleware(limiter))


def _limited_chat(method: TelegramMethod[Any]) -> ChatId | None:
    """The chat whose limit the call uses up: only what sends or edits messages does."""
    name = method.__api_method__
    if name == "sendChatAction" or not name.startswith(("send", "edit", "copy", "forward")):
        return None
    return cast("ChatId | None", getattr(method, "chat_id", None))


class MetricsMiddleware(BaseRequestMiddleware):
    """The whole call with its waiting, because that is what a user in the chat waits for."""

    async def __call__(
        self, make_request: NextRequestMiddlewareType[T], bot: Bot, method: TelegramMethod[T]
    ) -> Response[T]:
        started_at = time.monotonic()
        outcome = "ok"
        try:
            async with lend_slot():
                return await make_request(bot, method)
        except BaseException as error:
            outcome = next((name for kind, name in _OUTCOMES if isinstance(error, kind)), "bug")
            raise
        finally:
            seconds = time.monotonic() - started_at
            OUTGOING_SECONDS.labels("telegram", method.__api_method__, outcome).observe(seconds)


class BreakerMiddleware(BaseRequestMiddleware):
    """While Telegram is away, nobody waits for it and nothing is risked."""

    def __init__(self, breaker: Breaker) -> None:
        self._breaker = breaker

    async def __call__(
        self, make_request: NextRequestMiddlewareType[T], bot: Bot, method: TelegramMethod[T]
    ) -> Response[T]:
        try:
            if self._breaker.is_open and not is_repeatable(method):
                # No message is the guinea pig: its fate would be unknown if Telegram is still away.
                await self._guarded(
                    cast("NextRequestMiddlewareType[Any]", make_request), bot, GetMe()
                )
            return await self._guarded(make_request, bot, method)
        except BreakerOpenError as error:
            raise UnavailableError(str(error)) from None

    async def _guarded(
        self, make_request: NextRequestMiddlewareType[T], bot: Bot, method: TelegramMethod[T]
    ) -> Response[T]:
        with self._breaker.guard(
            UnavailableError, UndecidedError, proves_nothing=(RetryLaterError,)
        ):
            return await make_request(bot, method)


@dataclass(frozen=True, slots=True)
class _Queueing:
    """How one call waits: for which chat, if it uses up a limit, and until when (loop.time())."""

    chat_id: ChatId | None
    lane: Lane
    deadline: float


class LimiterMiddleware(BaseRequestMiddleware):
    """Waits for the limiter, and repeats what is safe to repeat within the caller's patience.

    A repeat queues up again. An answer to a group waits shortly, and few do: each keeps a
    connection of Telegram's.
    """

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter
        self._in_groups = 0

    async def __call__(
        self, make_request: NextRequestMiddlewareType[T], bot: Bot, method: TelegramMethod[T]
    ) -> Response[T]:
        queueing = await self._queue(_limited_chat(method), bot)
        patience_seconds = queueing.deadline - asyncio.get_running_loop().time()
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(UnavailableError),
            wait=wait_exponential(multiplier=_FIRST_WAIT_SECONDS) + wait_random(0, _JITTER_SECONDS),
            stop=stop_after_attempt(_ATTEMPTS) | stop_before_delay(patience_seconds),
            reraise=True,
        )
        async for attempt in retrying:
            with attempt:
                if attempt.retry_state.attempt_number > 1:
                    await self._queue_again(queueing)
                return await self._wait_out_floods(make_request, bot, method, queueing)
        raise AssertionError  # tenacity ends by returning or raising

    async def _queue(self, chat_id: ChatId | None, bot: Bot) -> _Queueing:
        lane = get_lane(bot)
        patience_seconds: float = PATIENCE_SECONDS[lane]
        waits_for_group = False
        if chat_id is not None and is_group(chat_id) and lane is Lane.USER:
            waits_for_group = self._limiter.is_used_up(chat_id)
            is_crowded = waits_for_group and self._in_groups >= GROUP_WAITERS
            patience_seconds = 0 if is_crowded else GROUP_PATIENCE_SECONDS
        deadline = asyncio.get_running_loop().time() + patience_seconds
        if chat_id is not None and not has_turn(bot):
            self._in_groups += waits_for_group
            try:
                await self._limiter.acquire(chat_id, lane, deadline)
            finally:
                self._in_groups -= waits_for_group
        return _Queueing(chat_id, lane, deadline)

    async def _queue_again(self, queueing: _Queueing) -> None:
        if queueing.chat_id is not None:
            await self._limiter.acquire(
                queueing.chat_id, queueing.lane, queueing.deadline, again=True
            )

    async def _wait_out_floods(
        self,
        make_request: NextRequestMiddlewareType[T],
        bot: Bot,
        method: TelegramMethod[T],
        queueing: _Queueing,
    ) -> Response[T]:
        while True:
            try:
                return await _call(make_request, bot, method)
            except FloodError as flood:
                FLOOD_WAITS.inc()
                logger.warning(
                    "telegram_flood",
                    method=method.__api_method__,
                    retry_after_seconds=flood.retry_after.total_seconds(),
                )
                await self._wait_out(flood, queueing)

    async def _wait_out(self, flood: FloodError, queueing: _Queueing) -> None:
        """Raises RetryLaterError when the caller's patience ends before.

        What no user waits for has none: it is one of a batch, and has its place in the database.
        """
        if queueing.chat_id is not None:
            self._limiter.penalize(queueing.chat_id, flood.retry_after)
            if queueing.lane is not Lane.USER:
                raise flood
            await self._queue_again(queueing)
            return
        wait_seconds = flood.retry_after.total_seconds()
        if asyncio.get_running_loop().time() + wait_seconds > queueing.deadline:
            raise flood
        await asyncio.sleep(wait_seconds)


async def _call(
    make_request: NextRequestMiddlewareType[T], bot: Bot, method: TelegramMethod[T]
) -> Response[T]:
    """One request; everything that goes wrong leaves as a PortError."""
    try:
        return await make_request(bot, method)
    except Exception as error:  # noqa: BLE001 - whatever aiogram, aiohttp and pydantic stumble over
        problem = classify_error(error, method, bot.token)
    # Raised out here, so that it drags no original along whose text or frames hold the token.
    if isinstance(problem, NotModifiedError) and method.__api_method__.startswith("edit"):
        return cast("Response[T]", True)  # noqa: FBT003 - what the Bot API answers to an edit
    raise problem
