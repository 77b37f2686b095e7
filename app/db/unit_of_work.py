"""The only place that commits, and what wakes the workers once it has; and sessions that read."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import timedelta

from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import ORMExecuteState, Session

from app.core.worker_names import WorkerName
from app.db.engine import without_transactions

WAKE_CHANNEL = "tollgate_wake"
_WAKES = "wakes"
# For `unit_timeout`: with what comes before and after, a tap is answered in 3 s.
INTERACTIVE_TIMEOUT = timedelta(seconds=2.5)
# For `patience`: what counts a whole shop takes a second, and more while the machine is busy.
COUNTING_PATIENCE = timedelta(seconds=15)


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
        self._read_only_sessions = async_sessionmaker(
            without_transactions(engine),
            sync_session_class=_ReadOnlySession,
            expire_on_commit=False,
            autoflush=False,
        )
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
            wakes: set[str] = set()
            try:
                async with session.begin():
                    yield session
                    await session.flush()
                    wakes = session.info.get(_WAKES, wakes)
                    if wakes:
                        names = {"channel": WAKE_CHANNEL, "names": list(wakes)}
                        await session.execute(_NOTIFY, names)
            except IntegrityError:
                wakes = set()  # it is surely not committed
                raise
            finally:  # also where the commit was cut off: nobody knows what became of it
                for name in wakes:
                    self._wake(name)

    @asynccontextmanager
    async def read_only(self, *, patience: timedelta | None = None) -> AsyncIterator[AsyncSession]:
        """For selects alone: without a transaction, so that each is one round trip.

        `patience` stands in the place of `unit_timeout`.
        Raises RuntimeError at anything else, because it would be committed at once.
        """
        async with (
            asyncio.timeout(patience.total_seconds() if patience else self._unit_seconds),
            self._unit_limit,
            self._read_only_sessions() as session,
        ):
            yield session
            if session.new or session.dirty or session.deleted:
                raise RuntimeError("an object was changed in a session that only reads")


class _ReadOnlySession(Session):
    """A class of its own for its listener."""


@event.listens_for(_ReadOnlySession, "do_orm_execute")
def _refuse_write(state: ORMExecuteState) -> None:
    if not state.is_select:
        raise RuntimeError("a statement that is no select in a session that only reads")


# NOTIFY is delivered with the commit and reaches the active instance from a standby one too.
_NOTIFY = text("SELECT pg_notify(:channel, name) FROM unnest(CAST(:names AS text[])) AS name")


def wake_after_commit(session: AsyncSession, worker: WorkerName, chain: str | None = None) -> None:
    """`chain` where one of a worker's is meant, of which it has one for each."""
    name = worker if chain is None else worker.for_chain(chain)
    session.info.setdefault(_WAKES, set()).add(name)
