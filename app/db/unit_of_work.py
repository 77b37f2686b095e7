"""The only place that commits, and what wakes the workers once it has."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from app.core.worker_names import WorkerName

WAKE_CHANNEL = "tollgate_wake"
_WAKES = "wakes"
# For `unit_timeout`: with what comes before and after, a tap is answered in 3 s.
INTERACTIVE_TIMEOUT = timedelta(seconds=2.5)


class Database:
    """`wake` gets the names of workers whose work was committed here.

    With `at_once`, no more than that many of its units hold a connection, and the others wait:
    background work leaves the rest of the pool to users' updates.
    With `unit_timeout`, a unit raises TimeoutError (an outage) instead of waiting longer: a server
    that is frozen, not closed, would hold it until its statement's time-out.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        wake: Callable[[str], None],
        *,
        at_once: int | None = None,
        unit_timeout: timedelta | None = None,
    ) -> None:
        self.engine = engine
        self._sessions = async_sessionmaker(engine, expire_on_commit=False, autobegin=True)
        self._wake = wake
        self._unit_limit: AbstractAsyncContextManager[None] = (
            asyncio.Semaphore(at_once) if at_once else nullcontext()
        )
        self._unit_seconds = unit_timeout.total_seconds() if unit_timeout else None

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[AsyncSession]:
        """Commit at the end, roll back on any exception; never held across a port call (P5)."""
        async with (
            asyncio.timeout(self._unit_seconds),
            self._unit_limit,
            self._sessions() as session,
        ):
            async with session.begin():
                yield session
                await session.flush()
                wakes: set[str] = session.info.get(_WAKES, set())
                if wakes:
                    await session.execute(_NOTIFY, {"channel": WAKE_CHANNEL, "names": list(wakes)})
            for name in wakes:
                self._wake(name)


# NOTIFY is delivered with the commit and reaches the active instance from a standby one too.
_NOTIFY = text("SELECT pg_notify(:channel, name) FROM unnest(CAST(:names AS text[])) AS name")


def wake_after_commit(session: AsyncSession, worker: WorkerName, chain: str | None = None) -> None:
    """`chain` where one of a worker's is meant, of which it has one for each."""
    name = worker if chain is None else worker.for_chain(chain)
    session.info.setdefault(_WAKES, set()).add(name)
