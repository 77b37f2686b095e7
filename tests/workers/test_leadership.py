"""P7: one active instance, and hand-over without loss."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from secrets import randbits

import asyncpg
import pytest
from structlog.testing import capture_logs

from app.core.metrics import REGISTRY
from app.core.role import Role
from app.core.round_counts import Counts
from app.core.supervisor import TaskSupervisor
from app.core.wakeups import Wakeups
from app.db.lock import LockLease, compute_lock_key
from app.db.migrations import upgrade_schema
from app.workers.leadership import Leadership
from app.workers.loop import Worker, WorkerBoard, run_worker
from sandbox.embedded import PostgresServer
from tests.support.eventually import eventually
from tests.support.leases import FAST
from tests.support.locks import until_refused
from tests.support.proxy import TcpProxy

GRACE = timedelta(seconds=5)


@pytest.fixture
def dsn(database_url: str) -> str:
    return database_url


@pytest.fixture
def bot_id() -> int:
    return randbits(48)


class Witness:
    """Sees every round of every instance's workers, and whether two instances had one at once."""

    def __init__(self) -> None:
        self.working: set[str] = set()
        self.seen: set[str] = set()
        self.most_at_once = 0

    def enter(self, name: str) -> None:
        self.working.add(name)
        self.seen.add(name)
        self.most_at_once = max(self.most_at_once, len(self.working))

    def leave(self, name: str) -> None:
        self.working.discard(name)


class Instance:
    """The part of the service that leads: a lease, workers, and a supervisor for both."""

    def __init__(self, name: str, dsn: str, bot_id: int, witness: Witness) -> None:
        self.name = name
        self.dsn = dsn
        self.is_ending = asyncio.Event()  # its worker
        self.supervisor = TaskSupervisor(max_tracked=1)
        self.lease = LockLease(dsn, bot_id, FAST)
        self.leadership = Leadership(
            self.lease, on_active=self._activate, on_standby=self._stand_by
        )
        self._witness = witness
        self._worker = Worker("worker", timedelta(milliseconds=10), self._work)

    async def _work(self) -> Counts:
        # Always in a round, and slow to end one: as long as a worker may take to be cancelled.
        self._witness.enter(self.name)
        try:
            await asyncio.Event().wait()
        finally:
            self.is_ending.set()
            await asyncio.sleep(0.3)
            self._witness.leave(self.name)
        return {}

    async def _activate(self) -> None:
        told = (Wakeups(), WorkerBoard(), asyncio.Event())
        self.supervisor.start("worker", lambda: run_worker(self._worker, *told))

    async def _stand_by(self) -> None:
        await self.supervisor.stop(["worker"], GRACE)

    def start(self) -> None:
        self.supervisor.start("leadership", self.leadership.run)

    async def is_active(self) -> bool:
        return self.leadership.role is Role.ACTIVE and self.supervisor.is_running("worker")

    async def is_standby(self) -> bool:
        return self.leadership.role is Role.STANDBY


@pytest.fixture
def witness() -> Witness:
    return Witness()


async def refused(dsn: str, count: int = 1) -> None:
    connection = await asyncpg.connect(dsn)
    await until_refused(connection, count)
    await connection.close()


@asynccontextmanager
async def running(*instances: Instance) -> AsyncIterator[None]:
    """Start them one after the other: the first is the active one, the others have asked."""
    try:
        for instance in instances:
            instance.start()
            if instance is instances[0]:
                await eventually(instance.is_active)
        await refused(instances[-1].dsn, len(instances) - 1)
        yield
    finally:
        for instance in instances:
            await instance.leadership.drain()
            instance.lease.end_term()
            await instance.supervisor.stop_all(GRACE)


async def test_the_second_instance_stands_by_while_the_first_works(
    dsn: str, bot_id: int, witness: Witness
) -> None:
    """P7: waiting is a healthy state."""
    first, second = (Instance(name, dsn, bot_id, witness) for name in ("first", "second"))
    async with running(first, second):
        assert await first.is_active()
        assert await second.is_standby()
        assert witness.seen == {"first"}


async def test_draining_hands_over_once_the_workers_have_ended(
    dsn: str, bot_id: int, witness: Witness
) -> None:
    """P7."""
    first, second = (Instance(name, dsn, bot_id, witness) for name in ("first", "second"))
    with capture_logs() as logs:
        async with running(first, second):
            await first.leadership.drain()
            await eventually(second.is_active)
            await eventually(lambda: works(witness, "second"))

            assert first.leadership.role is Role.DRAINING
            assert witness.working == {"second"}

    assert witness.most_at_once == 1
    taken = [entry for entry in logs if entry["event"] == "leadership_taken"]
    assert len(taken) == 2
    assert taken[1].keys() >= {"waited_seconds", "takeover_seconds"}


async def test_who_drains_never_becomes_active_again(
    dsn: str, bot_id: int, witness: Witness
) -> None:
    """P7."""
    first, second = (Instance(name, dsn, bot_id, witness) for name in ("first", "second"))
    async with running(first, second):
        await second.leadership.drain()
        await first.leadership.drain()
        third = Instance("third", dsn, bot_id, witness)
        async with running(third):  # has taken the lock that the second one has let go
            assert second.leadership.role is Role.DRAINING
            assert "second" not in witness.seen
            assert not second.supervisor.is_running("leadership")


async def test_draining_again_does_not_interrupt_the_hand_over(
    dsn: str, bot_id: int, witness: Witness
) -> None:
    """P7: the signal drains, and the end of the lifespan drains again."""
    first, second = (Instance(name, dsn, bot_id, witness) for name in ("first", "second"))
    async with running(first, second):
        draining = first.supervisor.track(first.leadership.drain(), name="drain")
        await first.is_ending.wait()
        await first.leadership.drain()
        assert "first" not in witness.working
        await draining
        await eventually(second.is_active)

    assert witness.most_at_once == 1


async def test_draining_before_the_start_means_no_start(
    dsn: str, bot_id: int, witness: Witness
) -> None:
    """P7: the signal may come before anything else."""
    instance = Instance("only", dsn, bot_id, witness)
    await instance.leadership.drain()
    instance.start()

    async def has_ended() -> bool:
        return not instance.supervisor.is_running("leadership")

    await eventually(has_ended)
    assert witness.seen == set()
    await instance.supervisor.stop_all(GRACE)


async def test_a_stalled_connection_never_lets_two_work(
    dsn: str, bot_id: int, witness: Witness
) -> None:
    """P7: the holder stops in time, the other takes over, and the first one waits when it is back.

    Its workers take three tenths of a second to end, which counts.
    """
    async with TcpProxy.to(dsn) as proxy:
        stalled = Instance("stalled", proxy.replace(dsn), bot_id, witness)
        other = Instance("other", dsn, bot_id, witness)
        async with running(stalled, other):
            proxy.stall()
            await eventually(other.is_active)
            assert await stalled.is_standby()

            proxy.resume()
            await refused(dsn)
            assert await other.is_active()
            assert await stalled.is_standby()

    assert witness.seen == {"stalled", "other"}
    assert witness.most_at_once == 1


async def test_a_killed_session_never_lets_two_work(
    dsn: str, bot_id: int, witness: Witness
) -> None:
    """P7: the lock is free at once, and the workers are not gone at once."""
    first, second = (Instance(name, dsn, bot_id, witness) for name in ("first", "second"))
    async with running(first, second):
        await kill_holder(dsn, bot_id)
        await eventually(first.is_standby)
        await eventually(second.is_active)
        await eventually(lambda: works(witness, "second"))

    assert witness.seen == {"first", "second"}
    assert witness.most_at_once == 1


async def kill_holder(dsn: str, bot_id: int) -> None:
    admin = await asyncpg.connect(dsn)
    killed = await admin.fetch(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted "
        "AND (classid::bigint << 32) | objid::bigint = $1",
        compute_lock_key(bot_id),
    )
    await admin.close()
    assert len(killed) == 1


async def test_with_the_server_down_nobody_works_and_one_does_when_it_is_back(
    bot_id: int, witness: Witness, own_postgres: PostgresServer
) -> None:
    """P7."""
    dsn = own_postgres.url
    await asyncio.to_thread(upgrade_schema, dsn)
    first, second = (Instance(name, dsn, bot_id, witness) for name in ("first", "second"))
    async with running(first, second):
        await asyncio.to_thread(own_postgres.stop)
        await eventually(first.is_standby)
        await eventually(lambda: nobody_works(witness))

        await asyncio.to_thread(own_postgres.start)
        await eventually(lambda: somebody_works(witness))
        await refused(dsn)  # the other
        roles = {first.leadership.role, second.leadership.role}

    assert roles == {Role.ACTIVE, Role.STANDBY}
    assert witness.most_at_once == 1


async def nobody_works(witness: Witness) -> bool:
    return not witness.working


async def works(witness: Witness, name: str) -> bool:
    return name in witness.working


async def somebody_works(witness: Witness) -> bool:
    return bool(witness.working)


async def test_a_start_of_workers_that_fails_frees_the_lock_and_is_tried_again(
    dsn: str, bot_id: int
) -> None:
    """P6, P7."""
    supervisor = TaskSupervisor(max_tracked=1)
    attempts = 0
    is_active = asyncio.Event()

    async def activate() -> None:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            raise ValueError("poison")
        is_active.set()

    async def stand_by() -> None:
        pass

    lease = LockLease(dsn, bot_id, FAST)
    leadership = Leadership(lease, on_active=activate, on_standby=stand_by)
    with capture_logs() as logs:
        supervisor.start("leadership", leadership.run)
        await is_active.wait()
    await leadership.drain()
    lease.end_term()

    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["task_crashed"]


async def test_workers_that_do_not_stop_are_logged_and_the_lock_is_freed_all_the_same(
    dsn: str, bot_id: int
) -> None:
    """P7: claims and their tokens are the second line of defence."""
    supervisor = TaskSupervisor(max_tracked=1)
    is_active = asyncio.Event()

    async def activate() -> None:
        is_active.set()

    async def never() -> None:
        await asyncio.Event().wait()

    lease = LockLease(dsn, bot_id, FAST)
    leadership = Leadership(lease, on_active=activate, on_standby=never)
    supervisor.start("leadership", leadership.run)
    await is_active.wait()
    with capture_logs() as logs:
        await leadership.drain()
    lease.end_term()

    assert [entry["event"] for entry in logs] == ["workers_not_stopped"]
    next_one = LockLease(dsn, bot_id, FAST)
    await next_one.acquire()
    await next_one.release()


async def test_the_metric_shows_the_one_role_held_now(dsn: str, bot_id: int) -> None:
    async def nothing() -> None:
        pass

    leadership = Leadership(LockLease(dsn, bot_id, FAST), on_active=nothing, on_standby=nothing)
    await leadership.drain()

    shown = {role: REGISTRY.get_sample_value("tollgate_role", {"role": role}) for role in Role}
    assert shown == {Role.STARTING: 0, Role.STANDBY: 0, Role.ACTIVE: 0, Role.DRAINING: 1}
