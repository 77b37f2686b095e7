"""Listens for NOTIFY, so that other instances' commits wake our workers within milliseconds."""

import asyncio
from collections.abc import Container
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
import structlog

from app.core.backoff import backoff_seconds
from app.core.wakeups import Wakeups
from app.db.dedicated import CONNECTION_ERRORS, connect_dedicated
from app.db.unit_of_work import WAKE_CHANNEL

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ListenTimings:
    heartbeat: timedelta = timedelta(seconds=15)
    bound: timedelta = timedelta(seconds=5)  # of connecting and of a heartbeat


class WakeListener:
    """`dsn` must not lead through a transaction pooler. What `own` sent has woken us already."""

    def __init__(
        self,
        dsn: str,
        wakeups: Wakeups,
        own: Container[int] = (),
        timings: ListenTimings | None = None,
    ) -> None:
        self._dsn = dsn
        self._wakeups = wakeups
        self._own = own
        self._timings = timings or ListenTimings()
        self._failures = 0

    async def run(self) -> None:
        """Listen for ever, through every failure of PostgreSQL; the supervisor runs it."""
        while True:
            try:
                await self._listen()
            except CONNECTION_ERRORS as error:
                self._failures += 1
                # A traceback says nothing more, and there is one failure every 30 s.
                logger.warning("listen_failed", failures=self._failures, error=repr(error))
            await asyncio.sleep(backoff_seconds(self._failures))

    async def _listen(self) -> None:
        bound_seconds = self._timings.bound.total_seconds()
        connection = await connect_dedicated(
            self._dsn, purpose="listen", timeout_seconds=bound_seconds
        )
        ended = asyncio.Event()
        connection.add_termination_listener(lambda _: ended.set())
        try:
            async with asyncio.timeout(bound_seconds):
                await connection.add_listener(WAKE_CHANNEL, self._on_notify)
            self._failures = 0
            # Whatever was committed while nobody listened has to be found by looking.
            self._wakeups.wake_all()
            await self._watch(connection, ended)
        finally:
            connection.terminate()

    async def _watch(self, connection: asyncpg.Connection, ended: asyncio.Event) -> None:
        while not ended.is_set():
            try:
                async with asyncio.timeout(self._timings.heartbeat.total_seconds()):
                    await ended.wait()
            except TimeoutError:
                await connection.execute("SELECT 1", timeout=self._timings.bound.total_seconds())
        raise ConnectionResetError("the connection that listens was closed")

    def _on_notify(self, _connection: object, pid: int, _channel: str, payload: str) -> None:
        if pid not in self._own:
            self._wakeups.wake(payload)
