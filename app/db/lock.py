"""The lock that lets one instance be active, held as a lease on a connection of its own (P7).

An instance that cannot prove in time that it still holds it must take it for lost, and have stopped
working before the server releases it: `LeaseTimings` holds that inequality.

Each time it is taken, a term is counted. Its session holds a second lock, named by that number,
until its process has ended what it had begun: by it the next one knows what is void (P13).
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import blake2b
from secrets import randbits

import asyncpg
import structlog

from app.core.backoff import backoff_seconds
from app.core.term import TermState
from app.db.dedicated import CONNECTION_ERRORS, connect_dedicated

_NAMESPACE = b"tollgate.active-instance:"

_TRY = "SELECT pg_backend_pid() AS pid, pg_try_advisory_lock($1) AS is_held"
_PROVE = """
    SELECT pg_backend_pid() AS pid, EXISTS (
        SELECT FROM pg_locks
        WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid()
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND objsubid = 1 AND (classid::bigint << 32) | objid::bigint = $1
    ) AS is_held
"""
_TERMS = 1  # the class of the locks that are named by a term's number
_COUNT_TERM = """
    WITH taken AS (
        INSERT INTO leadership_term (id, number) VALUES (1, 1)
        ON CONFLICT (id) DO UPDATE SET number = leadership_term.number + 1
        RETURNING number
    )
    SELECT number, pg_advisory_lock_shared($1, number) FROM taken
"""
_OLDEST_LIVING = """
    SELECT min(objid::bigint) AS number FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid::bigint = $1
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
# One statement: the others are notified with its commit, when the lock is free. The session is left
# with the term's own lock, and must not be ended for its silence.
_RELEASE = """
    SELECT pg_advisory_unlock($1), pg_notify($2, ''),
           set_config('idle_session_timeout', '0', false)
"""
_IDLE_TIMEOUT = """
    SELECT setting::int AS milliseconds FROM pg_settings WHERE name = 'idle_session_timeout'
"""

logger = structlog.get_logger()


class LeaseLostError(Exception):
    """The lock is gone, or nobody can prove that it is not."""


class PoolerError(Exception):
    """Statements of one client reach several sessions: locks and LISTEN cannot work there."""


@dataclass(frozen=True, slots=True)
class LeaseTimings:
    """Raises ValueError when two instances could be active at once."""

    idle_session_timeout: timedelta = timedelta(seconds=15)  # then the server ends the session
    lost_after: timedelta = timedelta(seconds=10)  # without proof, from the start of the last good
    stop_bound: timedelta = timedelta(seconds=4)  # for the workers to end
    heartbeat_interval: timedelta = timedelta(seconds=5)
    heartbeat_bound: timedelta = timedelta(seconds=3)  # of one statement and of connecting
    retry_interval: timedelta = timedelta(seconds=2)  # while another instance holds the lock
    ending_interval: timedelta = timedelta(seconds=0.5)  # while an older term's process ends

    def __post_init__(self) -> None:
        if self.lost_after + self.stop_bound >= self.idle_session_timeout:
            raise ValueError("the server would free the lock before the workers have stopped")
        if self.heartbeat_interval + self.heartbeat_bound >= self.lost_after:
            raise ValueError("one slow heartbeat would lose the lock")
        if self.retry_interval >= self.idle_session_timeout:
            raise ValueError("the server would end a session that waits")

    def session_settings(self) -> dict[str, str]:
        return {"idle_session_timeout": f"{self.idle_session_timeout // timedelta(milliseconds=1)}"}


def compute_lock_key(bot_id: int) -> int:
    """Signed 64 bits, as PostgreSQL takes them."""
    digest = blake2b(_NAMESPACE + str(bot_id).encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


class LockLease:
    """`dsn` must not lead through a transaction pooler: see `check_session_locks`."""

    def __init__(self, dsn: str, bot_id: int, timings: LeaseTimings | None = None) -> None:
        self.timings = timings or LeaseTimings()
        self._dsn = dsn
        self._key = compute_lock_key(bot_id)
        self._channel = f"tollgate_lock_{self._key & (2**64 - 1):016x}"
        self._session: _Session | None = None
        self._ending: _Session | None = None  # handed over, the process not ended yet
        self._term = TermState()
        self._is_contended = False  # another instance was seen to hold it
        self._is_unreachable = False

    @property
    def term(self) -> TermState:
        """The one that runs, or the last one that ran."""
        return self._term

    @property
    def sole_term(self) -> int | None:
        """The running term's number, once no process of an older one works any more."""
        is_sole = self._session is not None and self._term.oldest_living >= self._term.number
        return self._term.number if is_sole else None

    @property
    def is_unreachable(self) -> bool:
        """The last attempt to acquire it failed for want of PostgreSQL."""
        return self._is_unreachable

    async def acquire(self) -> float:
        """Wait for the lock as long as it takes, through every failure of PostgreSQL.

        Returns the time.monotonic() at which the lock was announced or found to be free.
        """
        failures = 0
        while True:
            try:
                return await self._acquire_in_session()
            except CONNECTION_ERRORS as error:
                failures += 1
                self._is_unreachable = True
                if failures == 1:
                    logger.warning("lock_unreachable", error=repr(error))
            await asyncio.sleep(min(backoff_seconds(failures), self._retry_seconds))

    async def hold(self) -> None:
        """Prove again and again that the lock is held. Raises LeaseLostError, never returns."""
        session = self._require_session()
        while True:
            await self._prove(session)
            await session.wait_closed(await self._look_for_older(session))

    async def release(self) -> None:
        """Let the next one take over at once. Nothing happens when the lock is not held."""
        await self.hand_over()
        self.end_term()

    async def hand_over(self) -> None:
        """Free the lock; until `end_term`, what was begun in this term is not void."""
        session, self._session = self._session, None
        if session is None:
            return
        self._ending = session
        try:
            await session.fetch(_RELEASE, self._key, self._channel)
        except CONNECTION_ERRORS as error:
            # Closing the connection frees the lock as well; the next one gets no NOTIFY and polls.
            logger.warning("lock_release_failed", error=repr(error))
            self.end_term()
        except BaseException:
            self.end_term()
            raise

    def end_term(self) -> None:
        """Nothing of what was begun in this term is worked on any more."""
        session, self._ending = self._ending, None
        if session is not None:
            session.terminate()

    @property
    def _retry_seconds(self) -> float:
        return self.timings.retry_interval.total_seconds()

    def _require_session(self) -> "_Session":
        if self._session is None:
            raise LeaseLostError("the lock was not acquired")
        return self._session

    async def _acquire_in_session(self) -> float:
        session = await _Session.open(self._dsn, self.timings)
        self._is_unreachable = False
        try:
            freed_at = await self._wait_for_lock(session)
            await self._begin_term(session)
        except BaseException:
            session.terminate()
            raise
        self._session = session
        return freed_at

    async def _begin_term(self, session: "_Session") -> None:
        row = await session.fetch(_COUNT_TERM, _TERMS)
        self._term = TermState(row["number"])
        await self._look_for_older(session)

    async def _look_for_older(self, session: "_Session") -> timedelta:
        """How long until the next look at this term is due."""
        if self._term.oldest_living < self._term.number:
            try:
                row = await session.fetch(_OLDEST_LIVING, _TERMS)
            except CONNECTION_ERRORS as error:
                logger.warning("older_terms_unknown", error=repr(error))
            else:
                self._term = replace(self._term, oldest_living=row["number"] or 0)
        is_alone = self._term.oldest_living >= self._term.number
        return self.timings.heartbeat_interval if is_alone else self.timings.ending_interval

    async def _wait_for_lock(self, session: "_Session") -> float:
        released = asyncio.Event()
        await session.listen(self._channel, released)
        while True:
            is_told = released.is_set()
            released.clear()
            freed_at = time.monotonic()
            if await session.has(_TRY, self._key):
                break
            self._is_contended = True
            await _wait(released, self._retry_seconds)
        if self._is_contended and not is_told:
            # It was lost, not released: the instance that lost it may still be stopping its
            # workers.
            await _wait(released, self.timings.stop_bound.total_seconds())
        self._is_contended = False
        return freed_at

    async def _prove(self, session: "_Session") -> None:
        """Raises LeaseLostError when the lock is gone or the lease has run out unproven."""
        lost_at = session.proven_at + self.timings.lost_after.total_seconds()
        while (left_seconds := lost_at - time.monotonic()) > 0 and not session.is_closed:
            try:
                if await session.has(_PROVE, self._key, left_seconds=left_seconds):
                    return
            except CONNECTION_ERRORS as error:
                logger.warning("lock_heartbeat_failed", error=repr(error))
            else:
                break
        self._session = None
        session.terminate()
        raise LeaseLostError("the lock is gone, or its proof did not come in time")


async def check_session_locks(dsn: str, timings: LeaseTimings | None = None) -> None:
    """Raises PoolerError, or one of CONNECTION_ERRORS when PostgreSQL is away."""
    timings = timings or LeaseTimings()
    async with contextlib.AsyncExitStack() as stack:
        try:
            sessions = [await stack.enter_async_context(_opened(dsn, timings)) for _ in range(2)]
        except asyncpg.ProtocolViolationError as error:
            raise PoolerError(f"the settings of a session are refused: {error}") from error
        # Two clients at once: a pooler gives even both the same session while nobody else is there.
        keys = [randbits(63) for _ in sessions]
        for query in (_TRY, _PROVE):
            for session, key in zip(sessions, keys, strict=True):
                if not await session.has(query, key):
                    raise PoolerError("a session's lock is not there at its next statement")
        if sessions[0].pid == sessions[1].pid:
            raise PoolerError("two connections share a session")
        if not await sessions[0].is_bounded(timings):
            raise PoolerError("the settings of a session are ignored")


@contextlib.asynccontextmanager
async def _opened(dsn: str, timings: LeaseTimings) -> AsyncIterator["_Session"]:
    session = await _Session.open(dsn, timings)
    try:
        yield session
    finally:
        session.terminate()


class _Session:
    """A session of PostgreSQL, and when it last proved that it holds the lock."""

    def __init__(self, connection: asyncpg.Connection, bound_seconds: float) -> None:
        self.proven_at = 0.0
        self.pid: int | None = None
        self._connection = connection
        self._bound_seconds = bound_seconds
        self._closed = asyncio.Event()
        connection.add_termination_listener(lambda _: self._closed.set())

    @classmethod
    async def open(cls, dsn: str, timings: LeaseTimings) -> "_Session":
        bound_seconds = timings.heartbeat_bound.total_seconds()
        settings = timings.session_settings()
        connection = await connect_dedicated(
            dsn, purpose="lock", timeout_seconds=bound_seconds, settings=settings
        )
        return cls(connection, bound_seconds)

    @property
    def is_closed(self) -> bool:
        return self._closed.is_set()

    async def wait_closed(self, timeout: timedelta) -> None:  # noqa: ASYNC109 - no failure
        await _wait(self._closed, timeout.total_seconds())

    async def listen(self, channel: str, event: asyncio.Event) -> None:
        async with asyncio.timeout(self._bound_seconds):
            await self._connection.add_listener(channel, lambda *_: event.set())

    async def has(self, query: str, key: int, *, left_seconds: float | None = None) -> bool:
        """True only in the same session of the server as before."""
        started = time.monotonic()
        row = await self.fetch(query, key, left_seconds=left_seconds)
        is_same = self.pid in (None, row["pid"])
        if not (row["is_held"] and is_same):
            return False
        self.pid = row["pid"]
        self.proven_at = started
        return True

    async def fetch(
        self, query: str, *args: object, left_seconds: float | None = None
    ) -> asyncpg.Record:
        bound_seconds = min(self._bound_seconds, left_seconds or self._bound_seconds)
        async with asyncio.timeout(bound_seconds):
            return await self._connection.fetchrow(query, *args)

    async def is_bounded(self, timings: LeaseTimings) -> bool:
        """Whether the server will end this session when it falls silent."""
        row = await self.fetch(_IDLE_TIMEOUT)
        return timedelta(milliseconds=row["milliseconds"]) == timings.idle_session_timeout

    def terminate(self) -> None:
        self._connection.terminate()


async def _wait(event: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
