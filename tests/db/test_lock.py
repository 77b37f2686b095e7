import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime, timedelta

import asyncpg
import pytest
from structlog.testing import capture_logs
from structlog.types import EventDict

from app.core.supervisor import TaskSupervisor
from app.db.lock import (
    LeaseLostError,
    LeaseTimings,
    LockLease,
    PoolerError,
    check_session_locks,
    compute_lock_key,
)
from app.db.migrations import upgrade_schema
from sandbox.embedded import PostgresServer
from tests.support.eventually import eventually
from tests.support.leases import FAST
from tests.support.locks import until_refused
from tests.support.pooler import transaction_pooler
from tests.support.proxy import TcpProxy

PRODUCTION = LeaseTimings()
GRACE = timedelta(seconds=5)

NewLease = Callable[[str], LockLease]


@pytest.fixture
async def new_lease(bot_id: int) -> AsyncIterator[NewLease]:
    leases: list[LockLease] = []

    def make(dsn: str) -> LockLease:
        leases.append(LockLease(dsn, bot_id, FAST))
        return leases[-1]

    yield make
    for lease in leases:
        await lease.release()


@pytest.fixture
async def supervisor() -> AsyncIterator[TaskSupervisor]:
    supervisor = TaskSupervisor(max_tracked=9)
    yield supervisor
    await supervisor.stop_all(GRACE)


async def holders(admin: asyncpg.Connection, bot_id: int) -> list[int]:
    key = compute_lock_key(bot_id) & (2**64 - 1)
    rows = await admin.fetch(
        "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted "
        "AND classid::bigint = $1 AND objid::bigint = $2",
        key >> 32,
        key & (2**32 - 1),
    )
    return [row["pid"] for row in rows]


def test_the_workers_have_stopped_before_the_server_frees_the_lock() -> None:
    """P7: the inequality that the lease stands on, with the timings of production."""
    assert PRODUCTION.lost_after + PRODUCTION.stop_bound < PRODUCTION.idle_session_timeout
    assert PRODUCTION.heartbeat_interval + PRODUCTION.heartbeat_bound < PRODUCTION.lost_after
    assert PRODUCTION.session_settings() == {"idle_session_timeout": "15000"}


@pytest.mark.parametrize(
    "unsafe",
    [
        {"stop_bound": timedelta(seconds=5)},
        {"lost_after": timedelta(seconds=8)},
        {"retry_interval": timedelta(seconds=15)},
    ],
)
def test_timings_under_which_two_could_be_active_are_refused(
    unsafe: dict[str, timedelta],
) -> None:
    """P7."""
    with pytest.raises(ValueError, match="would"):
        replace(PRODUCTION, **unsafe)


def test_each_bot_has_a_lock_of_its_own() -> None:
    assert compute_lock_key(1) != compute_lock_key(2)
    assert -(2**63) <= compute_lock_key(1) < 2**63


async def test_one_takes_the_lock_and_the_other_waits_for_its_release(
    new_lease: NewLease,
    dsn: str,
    supervisor: TaskSupervisor,
    admin: asyncpg.Connection,
    bot_id: int,
) -> None:
    """P7."""
    first, second = new_lease(dsn), new_lease(dsn)
    await first.acquire()
    waiting = supervisor.track(second.acquire(), name="second")
    await until_refused(admin)
    assert not waiting.done()

    [first_pid] = await holders(admin, bot_id)
    await first.release()
    await waiting

    [second_pid] = await holders(admin, bot_id)
    assert second_pid != first_pid


async def test_the_release_is_announced_and_not_found_by_trying_again(
    bot_id: int, dsn: str, supervisor: TaskSupervisor, admin: asyncpg.Connection
) -> None:
    """P7: the next try would come in an hour."""
    hours = {"retry_interval": timedelta(hours=1), "idle_session_timeout": timedelta(hours=2)}
    patient = replace(FAST, **hours)
    first, second = LockLease(dsn, bot_id, patient), LockLease(dsn, bot_id, patient)
    await first.acquire()
    waiting = supervisor.track(second.acquire(), name="second")
    await until_refused(admin)
    assert not waiting.done()

    await first.release()
    await waiting

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await second.hold()
    await second.release()


async def test_holding_outlives_the_time_after_which_a_silent_session_is_ended(
    new_lease: NewLease, dsn: str, admin: asyncpg.Connection, bot_id: int
) -> None:
    """P7: the heartbeat keeps the session."""
    lease = new_lease(dsn)
    await lease.acquire()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(FAST.idle_session_timeout.total_seconds() * 1.5):
            await lease.hold()

    assert len(await holders(admin, bot_id)) == 1


async def test_a_holder_whose_backend_was_killed_knows_it_at_once(
    new_lease: NewLease,
    dsn: str,
    supervisor: TaskSupervisor,
    admin: asyncpg.Connection,
    bot_id: int,
) -> None:
    """P7."""
    lease = new_lease(dsn)
    await lease.acquire()
    holding = supervisor.track(lease.hold(), name="hold")
    [pid] = await holders(admin, bot_id)
    await admin.execute("SELECT pg_terminate_backend($1)", pid)

    with pytest.raises(LeaseLostError):
        await holding
    await lease.acquire()
    assert len(await holders(admin, bot_id)) == 1


async def test_a_lock_that_is_gone_though_its_session_lives_is_lost(
    new_lease: NewLease, dsn: str
) -> None:
    """P7: somebody ran pg_advisory_unlock_all, or a pooler swapped the session."""
    lease = new_lease(dsn)
    await lease.acquire()
    session = lease._require_session()
    await session.fetch("SELECT pg_advisory_unlock_all()")

    with pytest.raises(LeaseLostError):
        await lease.hold()


async def test_a_stall_shorter_than_the_lease_loses_nothing(
    new_lease: NewLease,
    dsn: str,
    supervisor: TaskSupervisor,
    admin: asyncpg.Connection,
    bot_id: int,
) -> None:
    """P7: a heartbeat that failed is repeated while there is time."""
    async with TcpProxy.to(dsn) as proxy:
        lease = new_lease(proxy.replace(dsn))
        await lease.acquire()
        holding = supervisor.track(lease.hold(), name="hold")
        [pid] = await holders(admin, bot_id)

        with capture_logs() as log:
            proxy.stall()
            await eventually(lambda: has_logged(log, "lock_heartbeat_failed"))
            proxy.resume()
        resumed_at = await admin.fetchval("SELECT now()")
        await eventually(lambda: has_asked_since(admin, pid, resumed_at))

        assert await holders(admin, bot_id) == [pid]
        assert not holding.done()
        await supervisor.stop_all(GRACE)
        await lease.release()


async def has_logged(log: list[EventDict], event: str) -> bool:
    return any(line["event"] == event for line in log)


async def has_asked_since(admin: asyncpg.Connection, pid: int, moment: datetime) -> bool:
    """Twice, so that the first answer has arrived."""
    query = "SELECT query_start > $2::timestamptz + interval '0.5 s' FROM pg_stat_activity"
    return bool(await admin.fetchval(f"{query} WHERE pid = $1", pid, moment))


async def test_a_stalled_holder_knows_it_before_the_server_gives_the_lock_away(
    new_lease: NewLease,
    dsn: str,
    supervisor: TaskSupervisor,
    admin: asyncpg.Connection,
    bot_id: int,
) -> None:
    """P7."""
    async with TcpProxy.to(dsn) as proxy:
        stalled, other = new_lease(proxy.replace(dsn)), new_lease(dsn)
        await stalled.acquire()
        holding = supervisor.track(stalled.hold(), name="hold")
        waiting = supervisor.track(other.acquire(), name="other")
        await until_refused(admin)
        [pid] = await holders(admin, bot_id)

        proxy.stall()
        with pytest.raises(LeaseLostError):
            await holding
        assert await holders(admin, bot_id) == [pid]

        await waiting
        assert await holders(admin, bot_id) != [pid]


async def test_who_takes_over_from_one_that_vanished_leaves_it_time_to_stop(
    new_lease: NewLease,
    dsn: str,
    supervisor: TaskSupervisor,
    admin: asyncpg.Connection,
    bot_id: int,
) -> None:
    """P7: the lock of a killed session is free before its owner's workers can have ended."""
    first, second = new_lease(dsn), new_lease(dsn)
    await first.acquire()
    waiting = supervisor.track(second.acquire(), name="second")
    await until_refused(admin)
    [pid] = await holders(admin, bot_id)

    await admin.execute("SELECT pg_terminate_backend($1)", pid)
    await eventually(lambda: has_changed_hands(admin, bot_id, pid))

    assert not waiting.done()
    await waiting


async def has_changed_hands(admin: asyncpg.Connection, bot_id: int, old_pid: int) -> bool:
    return await holders(admin, bot_id) not in ([], [old_pid])


async def test_waiting_survives_a_server_that_is_not_there(
    new_lease: NewLease,
    dsn: str,
    supervisor: TaskSupervisor,
    admin: asyncpg.Connection,
    bot_id: int,
) -> None:
    """P7: PostgreSQL down is a reason to wait, not to end."""
    async with TcpProxy.to(dsn) as proxy:
        await proxy.refuse()
        lease = new_lease(proxy.replace(dsn))
        with capture_logs() as logs:
            waiting = supervisor.track(lease.acquire(), name="waiting")
            await eventually(lambda: has_failed(logs))
        assert not waiting.done()

        await proxy.accept()
        await waiting
        assert len(await holders(admin, bot_id)) == 1
        await lease.release()


async def has_failed(logs: list[EventDict]) -> bool:
    return any(entry["event"] == "lock_unreachable" for entry in logs)


async def test_the_lock_is_lost_with_the_server_and_taken_again_when_it_is_back(
    bot_id: int, own_postgres: PostgresServer, supervisor: TaskSupervisor
) -> None:
    """P7."""
    await asyncio.to_thread(upgrade_schema, own_postgres.url)
    lease = LockLease(own_postgres.url, bot_id, FAST)
    await lease.acquire()
    holding = supervisor.track(lease.hold(), name="hold")

    await asyncio.to_thread(own_postgres.stop)
    with pytest.raises(LeaseLostError):
        await holding
    with capture_logs() as logs:
        waiting = supervisor.track(lease.acquire(), name="again")
        await eventually(lambda: has_failed(logs))
    assert not waiting.done()

    await asyncio.to_thread(own_postgres.start)
    await waiting
    await lease.release()


async def test_giving_up_the_wait_leaves_no_session_behind(
    new_lease: NewLease,
    dsn: str,
    supervisor: TaskSupervisor,
    admin: asyncpg.Connection,
    bot_id: int,
) -> None:
    first, second = new_lease(dsn), new_lease(dsn)
    await first.acquire()
    waiting = supervisor.track(second.acquire(), name="second")
    await until_refused(admin)
    waiting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waiting

    await first.release()
    await eventually(lambda: is_free(admin, bot_id))
    assert waiting.cancelled()


async def is_free(admin: asyncpg.Connection, bot_id: int) -> bool:
    return not await holders(admin, bot_id)


async def test_each_taking_of_the_lock_counts_a_term(new_lease: NewLease, dsn: str) -> None:
    """P13: by it the next one knows what is older."""
    numbers = []
    for _ in range(3):
        lease = new_lease(dsn)
        await lease.acquire()
        numbers.append((lease.term.number, lease.term.oldest_living))
        await lease.release()

    first = numbers[0][0]
    assert numbers == [(first, first), (first + 1, first + 1), (first + 2, first + 2)]


async def test_an_instance_that_handed_over_counts_as_living_until_it_says_so(
    new_lease: NewLease, dsn: str, supervisor: TaskSupervisor
) -> None:
    """P2, P13: the lock is free at once, and its handlers may still be at work.

    Its session is silent for longer than one that could be taken for dead.
    """
    old, new = new_lease(dsn), new_lease(dsn)
    await old.acquire()
    await old.hand_over()
    assert old.sole_term is None
    await new.acquire()
    supervisor.start("hold", new.hold)
    await until_silence_ends_a_session(dsn)
    assert not new.term.has_ended(old.term.number)
    assert new.sole_term is None

    old.end_term()

    async def has_ended() -> bool:
        return new.term.has_ended(old.term.number)

    await eventually(has_ended)
    assert not new.term.has_ended(new.term.number)
    assert new.sole_term == new.term.number


async def until_silence_ends_a_session(dsn: str) -> None:
    """One that is opened now, and says nothing."""
    ended = asyncio.Event()
    connection = await asyncpg.connect(dsn, server_settings=FAST.session_settings())
    connection.add_termination_listener(lambda _: ended.set())
    await ended.wait()


async def test_a_process_that_dies_while_it_ends_is_noticed(
    new_lease: NewLease, dsn: str, admin: asyncpg.Connection, supervisor: TaskSupervisor
) -> None:
    """P13: a platform that gives no time to end costs nobody a lease's length."""
    old, new = new_lease(dsn), new_lease(dsn)
    await old.acquire()
    await old.hand_over()
    await new.acquire()
    supervisor.start("hold", new.hold)
    assert not new.term.has_ended(old.term.number)

    await admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_locks"
        " WHERE locktype = 'advisory' AND objsubid = 2 AND objid::bigint = $1",
        old.term.number,
    )

    async def has_ended() -> bool:
        return new.term.has_ended(old.term.number)

    await eventually(has_ended)


async def test_an_address_where_session_locks_work_passes_the_check(dsn: str) -> None:
    """P7."""
    address_of_the_pool = dsn.replace("postgresql://", "postgresql+asyncpg://")
    [refused] = await asyncio.gather(
        check_session_locks(address_of_the_pool), return_exceptions=True
    )
    assert refused is None


async def test_a_transaction_pooler_is_found_out(dsn: str) -> None:
    """P7: behind it the lock would be somebody else's at the next statement."""
    async with transaction_pooler(dsn) as pooled:
        with pytest.raises(PoolerError, match="not there at its next statement"):
            await check_session_locks(pooled)


async def test_a_server_that_is_away_is_not_taken_for_a_pooler(dsn: str) -> None:
    async with TcpProxy.to(dsn) as proxy:
        await proxy.refuse()
        with pytest.raises(ConnectionRefusedError):
            await check_session_locks(proxy.replace(dsn))
