"""Redis behind a breaker and a deadline, so that a silent server costs a person one second once."""

import asyncio
from datetime import timedelta
from typing import TypeAlias

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import RedisError

from app.core.breaker import Breaker
from app.domain.ports import UnavailableError

logger = structlog.get_logger()

_DEADLINE_SECONDS = 1.5
_REST = timedelta(seconds=5)

Argument: TypeAlias = str | int | bytes
Reply: TypeAlias = bytes | int | None
_Waiting: TypeAlias = tuple[tuple[Argument, ...], "asyncio.Future[Reply]"]


class GuardedRedis:
    """Sends what gathered while the last answer was awaited as one pipeline.

    Half of the cost of a lone command is Python's, not the network's: twenty handlers at a time
    share it this way.
    """

    def __init__(self, redis: Redis, *, rest: timedelta = _REST) -> None:
        self._redis = redis
        # The first failure opens it: there is always something in this process to go on with.
        self._breaker = Breaker("redis", failures=1, reset_after=rest)
        self._lock = asyncio.Lock()
        self._waiting: list[_Waiting] = []
        self._is_away = False

    async def execute(self, *command: Argument) -> Reply:
        """Raises UnavailableError, after about a second at the most and at once when known."""
        if self._breaker.is_open and self._lock.locked():
            raise UnavailableError("Redis is being probed")
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting.append((command, answer))
        try:
            async with self._lock:  # whoever comes first sends for all
                if not answer.done():
                    await asyncio.sleep(0)  # whoever is ready in this round of the loop joins
                    await self._send()
        except asyncio.CancelledError:
            answer.cancel()
            raise
        return answer.result()

    async def check(self) -> None:
        """Raises UnavailableError."""
        await self.execute("PING")

    async def _send(self) -> None:
        batch = [waiting for waiting in self._waiting if not waiting[1].done()]
        self._waiting.clear()
        try:
            replies = await self._ask([command for command, _ in batch])
        except Exception as error:  # noqa: BLE001 - without a reply somebody would wait for ever
            self._tell_away(error)
            replies = [error] * len(batch)
        except asyncio.CancelledError as error:
            self._answer(batch, [error] * len(batch))
            raise
        else:
            self._tell_back(replies)
        self._answer(batch, replies)

    async def _ask(self, commands: list[tuple[Argument, ...]]) -> list[Reply | BaseException]:
        with self._breaker.guard(Exception):
            async with asyncio.timeout(_DEADLINE_SECONDS):
                # No callbacks: each reply as it came, whatever options its command had.
                pipeline = Pipeline(self._redis.connection_pool, {}, False, None)  # noqa: FBT003
                for command in commands:
                    pipeline.execute_command(*command)
                replies: list[Reply | BaseException] = await pipeline.execute(raise_on_error=False)
                return replies

    def _answer(self, batch: list[_Waiting], replies: list[Reply | BaseException]) -> None:
        for (_, answer), reply in zip(batch, replies, strict=True):
            if answer.done():
                continue
            if isinstance(reply, BaseException):
                # Its type only: the text may name a host, a key or a command (P12).
                answer.set_exception(UnavailableError(f"Redis: {type(reply).__name__}"))
            else:
                answer.set_result(reply)

    def _tell_away(self, error: Exception) -> None:
        if not self._is_away:
            self._is_away = True
            logger.warning("redis_away", error=type(error).__name__, instead="in this process")

    def _tell_back(self, replies: list[Reply | BaseException]) -> None:
        refusal = next((reply for reply in replies if isinstance(reply, RedisError)), None)
        if refusal is not None:  # it answers but refuses: out of memory, read-only, too old
            self._tell_away(refusal)
        elif self._is_away:
            self._is_away = False
            logger.info("redis_back")
