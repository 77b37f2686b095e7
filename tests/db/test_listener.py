from collections.abc import AsyncIterator, Container
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import cast
from uuid import uuid4

import asyncpg
import pytest
from structlog.testing import capture_logs
from structlog.types import EventDict

from app.core.settings import load_settings
from app.core.supervisor import TaskSupervisor
from app.core.wakeups import Wakeups
from app.core.worker_names import WorkerName
from app.db.engine import OwnBackends, create_engine
from app.db.listener import ListenTimings, WakeListener
from app.db.unit_of_work import WAKE_CHANNEL, Database, wake_after_commit
from tests.support.eventually import eventually
from tests.support.proxy import TcpProxy
from tests.support.stall import settings_for

FAST = ListenTimings(heartbeat=timedelta(milliseconds=200), bound=timedelta(milliseconds=300))
FOREVER = timedelta(hours=1)
NOW = timedelta()


@pytest.fixture
def name() -> str:
    """A worker's name that no other test on this server wakes."""
    return f"worker_{uuid4().hex}"


@pytest.fixture
def marker(name: str) -> str:
    """Another one: woken after `name` would have been, it ends the wait for what does not come."""
    return f"marker_{name}"


@asynccontextmanager
async def listening(dsn: str, name: str, own: Container[int] = ()) -> AsyncIterator[Wakeups]:
    """A listener that has connected, and what it wakes."""
    supervisor, wakeups = TaskSupervisor(max_tracked=1), Wakeups()
    for known in (name, f"marker_{name}"):
        await wakeups.wait(known, NOW)  # a worker has waited before: now it is known
    supervisor.start("listener", WakeListener(dsn, wakeups, own, FAST).run)
    assert await wakeups.wait(name, FOREVER)
    assert await wakeups.wait(f"marker_{name}", FOREVER)
    yield wakeups
    await supervisor.stop_all(timedelta(seconds=5))


async def notify(admin: asyncpg.Connection, payload: str) -> None:
    await admin.execute("SELECT pg_notify($1, $2)", WAKE_CHANNEL, payload)


async def test_a_notification_wakes_the_worker_it_names(
    dsn: str, name: str, marker: str, admin: asyncpg.Connection
) -> None:
    async with listening(dsn, name) as wakeups:
        await notify(admin, marker)
        assert await wakeups.wait(marker, FOREVER)
        assert not await wakeups.wait(name, NOW)

        await notify(admin, name)
        assert await wakeups.wait(name, FOREVER)


async def test_a_notification_comes_with_the_commit_and_not_before(
    dsn: str, name: str, marker: str, admin: asyncpg.Connection
) -> None:
    """P3: a worker that was woken finds the row."""
    another = await asyncpg.connect(dsn)
    async with listening(dsn, name) as wakeups:
        async with admin.transaction():
            await notify(admin, name)
            await notify(another, marker)
            assert await wakeups.wait(marker, FOREVER)
            assert not await wakeups.wait(name, NOW)

        assert await wakeups.wait(name, FOREVER)
    await another.close()


async def test_after_a_broken_connection_it_listens_again_and_wakes_everybody_once(
    dsn: str, name: str, marker: str, admin: asyncpg.Connection
) -> None:
    """P6: what was sent meanwhile is found by polling."""
    async with TcpProxy.to(dsn) as proxy, listening(proxy.replace(dsn), name) as wakeups:
        proxy.cut()

        for known in (name, marker):
            assert await wakeups.wait(known, FOREVER)
        await notify(admin, marker)
        assert await wakeups.wait(marker, FOREVER)
        assert not await wakeups.wait(name, NOW)
        await notify(admin, name)
        assert await wakeups.wait(name, FOREVER)


async def test_its_own_commit_wakes_a_process_once_and_anothers_too(
    database_url: str, name: str, marker: str
) -> None:
    """P7: what comes back of its own NOTIFY would be a round more for nothing."""
    settings = load_settings(settings_for(database_url))
    engine, others = create_engine(settings), create_engine(settings)
    async with listening(database_url, name, OwnBackends(engine)) as wakeups:

        async def commit(database: Database, woken: str) -> None:
            async with database.unit_of_work() as session:
                wake_after_commit(session, cast("WorkerName", woken))

        await commit(Database(engine, wakeups.wake), name)
        assert await wakeups.wait(name, NOW)
        await commit(Database(others, wake=lambda _: None), marker)
        assert await wakeups.wait(marker, FOREVER)
        assert not await wakeups.wait(name, NOW)
    await engine.dispose()
    await others.dispose()


async def test_a_connection_that_broke_is_no_longer_its_own(database_url: str) -> None:
    """P7: asking an aborted connection for its process raises, and the wake would be lost."""
    engine = create_engine(load_settings(settings_for(database_url)))
    own = OwnBackends(engine)
    async with engine.connect() as connection:
        raw = await connection.get_raw_connection()
        driver = cast("asyncpg.Connection", raw.driver_connection)
        pid = driver.get_server_pid()
        assert pid in own
        driver.terminate()
        assert pid not in own
        await connection.invalidate()
    await engine.dispose()


async def has_failed(logs: list[EventDict]) -> bool:
    return any(entry["event"] == "listen_failed" for entry in logs)


async def test_it_comes_back_after_a_server_that_refused(
    dsn: str, name: str, admin: asyncpg.Connection
) -> None:
    async with TcpProxy.to(dsn) as proxy, listening(proxy.replace(dsn), name) as wakeups:
        with capture_logs() as logs:
            await proxy.refuse()
            await eventually(lambda: has_failed(logs))
        await proxy.accept()

        assert await wakeups.wait(name, FOREVER)
        await notify(admin, name)
        assert await wakeups.wait(name, FOREVER)


async def test_a_stalled_connection_is_noticed_by_its_heartbeat_and_replaced(
    dsn: str, name: str, admin: asyncpg.Connection
) -> None:
    """P6: without an end of the connection nobody would ever say that it is dead."""
    async with TcpProxy.to(dsn) as proxy, listening(proxy.replace(dsn), name) as wakeups:
        with capture_logs() as logs:
            proxy.stall()
            await eventually(lambda: has_failed(logs))
        assert not await wakeups.wait(name, NOW)
        proxy.resume()

        assert await wakeups.wait(name, FOREVER)
        await notify(admin, name)
        assert await wakeups.wait(name, FOREVER)
