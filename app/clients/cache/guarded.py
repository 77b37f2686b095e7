"""Redis behind a breaker and a deadline, so that a silent server costs a user one second once."""

import asyncio
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
_REST = timedelta(seconds=5)
_CONNECTIONS = 2
_GATHER_ROUNDS = 2  # of the event loop: what is ready in them joins

_Argument: TypeAlias = str | int | bytes
_Reply: TypeAlias = bytes | int | None
_Waiting: TypeAlias = tuple[tuple[_Argument, ...], "asyncio.Future[_Reply]"]


class GuardedRedis:
    """Sends what comes at about the same moment as one pipeline.

    Sending costs ten times what a command in it does: twenty handlers at a time share it this
    way. Two connections are kept at hand, because fetching one from the pool costs as much again.
    """

    def __init__(self, redis: Redis, *, rest: timedelta = _REST) -> None:
        self._pool = redis.connection_pool
        # The first failure opens it: there is always something in this process to go on with.
        self._breaker = Breaker("redis", failures=1, reset_after=rest)
        self._slots = asyncio.Semaphore(_CONNECTIONS)
        self._free: list[AbstractConnection] = []
        self._waiting: list[_Waiting] = []
        self._under_way = 0
        self._is_away = False

    async def execute(self, *command: _Argument) -> _Reply:
        """Raises UnavailableError, after about a second at the most and at once when known."""
        if self._breaker.is_open and self._under_way:
            raise UnavailableError("Redis is being probed")
        answer: asyncio.Future[_Reply] = asyncio.get_running_loop().create_future()
        self._waiting.append((command, answer))
        if len(self._waiting) == 1:  # the first one sends for all
            await self._send()
        return await answer

    async def check(self) -> None:
        """Raises UnavailableError."""
        await self.execute("PING")

    async def _send(self) -> None:
        batch: list[_Waiting] = []
        self._under_way += 1
        try:
            for _ in range(_GATHER_ROUNDS):
                await asyncio.sleep(0)
            async with self._slots:
                batch = self._take_waiting()
                replies = await self._ask([command for command, _ in batch])
        except Exception as error:  # noqa: BLE001 - without a reply somebody would wait for ever
            self._report_away(error)
            self._answer(batch, [error] * len(batch))
        except asyncio.CancelledError as error:
            batch = batch or self._take_waiting()
            batch[0][1].cancel()  # our own
            self._answer(batch, [error] * len(batch))
            raise
        else:
            self._report_back(replies)
            self._answer(batch, replies)
        finally:
            self._under_way -= 1

    def _take_waiting(self) -> list[_Waiting]:
        batch = [waiting for waiting in self._waiting if not waiting[1].done()]
        self._waiting.clear()
        return batch

    async def _ask(self, commands: list[tuple[_Argument, ...]]) -> list[_Reply | BaseException]:
        with self._breaker.guard(Exception):
            async with asyncio.timeout(_DEADLINE_SECONDS):
                connection = await self._connect()
                try:
                    replies: list[_Reply | BaseException] = await connection.retry.call_with_retry(
                        lambda: _exchange(connection, commands), lambda _: connection.disconnect()
                    )
                finally:  # after a failure it has closed itself and connects itself again
                    self._free.append(connection)
                return replies

    async def _connect(self) -> AbstractConnection:
        if self._free:
            return self._free.pop()
        connection: AbstractConnection = await self._pool.get_connection()  # type: ignore[no-untyped-call]  # decorated in redis-py
        # The deadline bounds them all: a timer for each reply costs as much as the reply.
        connection.socket_timeout = None
        return connection

    def _answer(self, batch: list[_Waiting], replies: list[_Reply | BaseException]) -> None:
        for (_, answer), reply in zip(batch, replies, strict=True):
            if answer.done():
                continue
            if isinstance(reply, BaseException):
                # Its type only: the text may name a host, a key or a command (P12).
                answer.set_exception(UnavailableError(f"Redis: {type(reply).__name__}"))
            else:
                answer.set_result(reply)

    def _report_away(self, error: Exception) -> None:
        if not self._is_away:
            self._is_away = True
            logger.warning("redis_away", error=type(error).__name__, instead="in this process")

    def _report_back(self, replies: list[_Reply | BaseException]) -> None:
        refusal = next((reply for reply in replies if isinstance(reply, RedisError)), None)
        if refusal is not None:  # it answers but refuses: out of memory, read-only, too old
            self._report_away(refusal)
        elif self._is_away:
            self._is_away = False
            logger.info("redis_back")


async def _exchange(
    connection: AbstractConnection, commands: list[tuple[_Argument, ...]]
) -> list[_Reply | BaseException]:
    await connection.send_packed_command(b"".join(map(_pack, commands)))
    return [await _read(connection) for _ in commands]


def _pack(command: tuple[_Argument, ...]) -> bytes:
    """As RESP wants it; redis-py takes four times as long."""
    words = [word if isinstance(word, bytes) else str(word).encode() for word in command]
    return b"*%d\r\n%s" % (len(words), b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words))


async def _read(connection: AbstractConnection) -> _Reply | BaseException:
    try:
        reply: _Reply = await connection.read_response()
    except ResponseError as error:
        return error
    return reply
