"""The only place that commits, and what wakes the workers once it has."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from contextvars import ContextVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from app.core.worker_names import WorkerName

WAKE_CHANNEL = "tollgate_wake"
_INTERACTIVE_SECONDS = 2.5  # with what comes before and after, a tap is answered in 3
_WAKES = "wakes"
_bound_seconds: ContextVar[float | None] = ContextVar("bound_seconds", default=None)


@contextmanager
def interactive_timeout() -> Iterator[None]:
    """Units of work within raise TimeoutError (an outage) before a user has waited too long.

    A server that is frozen, not closed, would hold each until its statement's time-out.
    """
    token = _bound_seconds.set(_INTERACTIVE_SECONDS)
    try:
        yield
    finally:
        _bound_seconds.reset(token)


class Database:
    """`wake` gets the names of workers whose work was committed here.

    With `at_once`, no more than that many of its units hold a connection, and the others wait:
    background work leaves the rest of the pool to users' updates.
    """

    def __init__(
        self, engine: AsyncEngine, wake: Callable[[str], None], *, at_once: int | None = None
    ) -> None:
        self.engine = engine
        self._sessions = async_sessionmaker(engine, expire_on_commit=False, autobegin=True)
        self._wake = wake
        self._unit_limit: AbstractAsyncContextManager[None] = (
            asyncio.Semaphore(at_once) if at_once else nullcontext()
        )

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[AsyncSession]:
        """Commit at the end, roll back on any exception; never held across a port call (P5)."""
        async with (
            asyncio.timeout(_bound_seconds.get()),
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
