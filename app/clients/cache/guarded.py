"""Redis behind a breaker and a deadline, so that a silent server costs a person one second once."""

import asyncio
import time
from datetime import timedelta
from typing import TypeAlias

import structlog
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError, ResponseError

from app.core.breaker import Breaker
from app.domain.ports import UnavailableError

logger = structlog.get_logger()

_DEADLINE_SECONDS = 1.5
_GATHER_SECONDS = 0.001
_REST = timedelta(seconds=5)

Argument: TypeAlias = str | int | bytes
Reply: TypeAlias = bytes | int | None
_Waiting: TypeAlias = tuple[tuple[Argument, ...], "asyncio.Future[Reply]"]


class GuardedRedis:
    """Sends what gathered while the last answer was awaited as one pipeline.

    Most of the cost of a lone command is Python's, not the network's: twenty handlers at a time
    share it this way, and one connection, which is neither fetched from the pool nor checked for
    each of them.
    """

    def __init__(self, redis: Redis, *, rest: timedelta = _REST) -> None:
        self._redis = redis
        # The first failure opens it: there is always something in this process to go on with.
        self._breaker = Breaker("redis", failures=1, reset_after=rest)
        self._lock = asyncio.Lock()
        self._waiting: list[_Waiting] = []
        self._connection: AbstractConnection | None = None
        self._sent = 0  # commands in the last pipeline
        self._sent_at = 0.0
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
                    await self._gather()
                    await self._send()
        except asyncio.CancelledError:
            answer.cancel()
            raise
        return answer.result()

    async def check(self) -> None:
        """Raises UnavailableError."""
        await self.execute("PING")

    async def _gather(self) -> None:
        """Whoever is ready in this round of the loop joins; when many are at it, the next ones too.

        Nobody who is alone waits for others.
        """
        is_busy = max(self._sent, len(self._waiting)) > 1
        is_early = time.monotonic() - self._sent_at < _GATHER_SECONDS
        await asyncio.sleep(_GATHER_SECONDS if is_busy and is_early else 0)

    async def _send(self) -> None:
        batch = [waiting for waiting in self._waiting if not waiting[1].done()]
        self._waiting.clear()
        self._sent, self._sent_at = len(batch), time.monotonic()
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
                connection = await self._connect()
                replies: list[Reply | BaseException] = await connection.retry.call_with_retry(
                    lambda: _exchange(connection, commands), lambda _: connection.disconnect()
                )
                return replies

    async def _connect(self) -> AbstractConnection:
        """The one connection; it connects itself again after every failure."""
        if self._connection is None:
            pool = self._redis.connection_pool
            self._connection = await pool.get_connection()
            # The deadline bounds them all: a timer for each reply costs as much as the reply.
            self._connection.socket_timeout = None
        return self._connection

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


async def _exchange(
    connection: AbstractConnection, commands: list[tuple[Argument, ...]]
) -> list[Reply | BaseException]:
    await connection.send_packed_command(connection.pack_commands(commands))
    return [await _read(connection) for _ in commands]


async def _read(connection: AbstractConnection) -> Reply | BaseException:
    try:
        reply: Reply = await connection.read_response()
    except ResponseError as error:
        return error
    return reply
