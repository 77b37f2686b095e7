"""The only place that commits, and what wakes the workers once it has."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import cast

import asyncpg
import pytest
from sqlalchemy import event, select, text, update
from sqlalchemy.exc import IntegrityError

from app.core.worker_names import WorkerName
from app.db.models import OutboxMessage, User
from app.db.unit_of_work import WAKE_CHANNEL, Database, wake_after_commit
from app.services.notifications.notify import Notification, notify
from tests.support.eventually import PATIENCE_SECONDS
from tests.support.proxy import TcpProxy
from tests.support.stall import ANNA, BEN, Stall, open_engine, open_stall


@pytest.fixture
async def stall(database_url: str) -> AsyncIterator[Stall]:
    async with open_stall(database_url) as stall:
        yield stall


async def name_of(stall: Stall, user_id: int = ANNA) -> str:
    (user,) = await stall.rows(User, User.id == user_id)
    return user.first_name


async def test_what_was_done_is_committed_at_the_end_and_not_before(stall: Stall) -> None:
    async with stall.db.unit_of_work() as session:
        await session.execute(update(User).where(User.id == ANNA).values(first_name="X"))
        assert await name_of(stall) == "Anna"

    assert await name_of(stall) == "X"


@pytest.mark.parametrize("error", [ValueError, asyncio.CancelledError])
async def test_a_failure_undoes_everything_and_wakes_nobody(
    stall: Stall, error: type[BaseException]
) -> None:
    """P2, P3."""
    stall.wakes.clear()

    async def fail() -> None:
        async with stall.db.unit_of_work() as session:
            await session.execute(update(User).values(first_name="X"))
            await notify(session, Notification("a", ANNA, "hello"))
            raise error

    with pytest.raises(error):
        await fail()

    assert await name_of(stall) == "Anna"
    assert await stall.notifications() == []
    assert stall.wakes == []


async def test_what_works_in_the_background_leaves_connections_to_users(stall: Stall) -> None:
    """P8: however many of its units want one, no more than its share hold one."""
    background = Database(stall.db.engine, wake=lambda _: None, at_once=2)
    inside, leave = asyncio.Queue[int](), asyncio.Event()

    async def unit(number: int) -> None:
        async with background.unit_of_work() as session:
            await session.execute(text("SELECT 1"))
            inside.put_nowait(number)
            await leave.wait()

    async with asyncio.TaskGroup() as tasks:
        for number in range(5):
            tasks.create_task(unit(number))
        assert {await inside.get(), await inside.get()} == {0, 1}
        # Somebody else's unit begins after the other three have asked, and ends before them.
        async with stall.db.unit_of_work() as session:
            held = await session.scalar(
                text(
                    "SELECT count(*) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND state = 'idle in transaction'"
                )
            )
        assert (held, inside.qsize()) == (2, 0)
        leave.set()
    assert inside.qsize() == 3


async def test_a_unit_of_an_impatient_database_ends_in_time(stall: Stall) -> None:
    """P8: a server that is frozen says nothing."""
    impatient = Database(
        stall.db.engine, wake=lambda _: None, unit_timeout=timedelta(milliseconds=100)
    )

    async def wait_for_ever() -> None:
        async with impatient.unit_of_work() as session:
            await session.execute(update(User).values(first_name="X"))
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await wait_for_ever()

    assert await name_of(stall) == "Anna"
    assert stall.connections_in_use == 0


async def test_workers_are_woken_once_the_commit_is_done(stall: Stall) -> None:
    """P3: a woken worker finds the row."""
    stall.wakes.clear()
    async with stall.db.unit_of_work() as session:
        await notify(session, Notification("a", ANNA, "hello"), Notification("b", BEN, "hello"))
        wake_after_commit(session, WorkerName.OUTBOX)
        wake_after_commit(session, WorkerName.ACTIVATION)
        assert stall.wakes == []

    assert sorted(stall.wakes) == ["activation", "outbox"]


async def test_a_commit_that_the_database_refuses_wakes_nobody(stall: Stall) -> None:
    """P3: the balance is checked at the commit."""
    purchase = await stall.buy()
    stall.wakes.clear()
    spend = (
        "INSERT INTO ledger_entries (key, user_id, purchase_id, kind, amount_minor, currency,"
        " created_at) VALUES ('x', :user, :purchase, 'sale', -1, 'USD', '2026-01-01')"
    )

    async def overdraw() -> None:
        async with stall.db.unit_of_work() as session:
            wake_after_commit(session, WorkerName.OUTBOX)
            await session.execute(text(spend), {"user": ANNA, "purchase": purchase.id})

    with pytest.raises(IntegrityError, match="negative"):
        await overdraw()

    assert stall.wakes == []


async def test_a_commit_that_is_cut_off_wakes_the_workers(database_url: str) -> None:
    """P3: nobody knows whether it was committed, and what comes back of it wakes nobody."""
    wakes: list[str] = []
    async with TcpProxy.to(database_url) as proxy:
        engine = open_engine(proxy.replace(database_url))
        async with Database(engine, wakes.append).read_only() as session:
            await session.execute(select(OutboxMessage.id))  # connected: the commit is what waits
        event.listen(engine.sync_engine, "commit", lambda _: proxy.stall())
        impatient = Database(engine, wakes.append, unit_timeout=timedelta(seconds=1))

        async def commit() -> None:
            async with impatient.unit_of_work() as session:
                await notify(session, Notification("a", ANNA, "hello"))

        with pytest.raises(TimeoutError):
            await commit()
        assert wakes == ["outbox"]
        await engine.dispose()


async def test_another_connection_is_notified_with_the_commit(
    stall: Stall, database_url: str
) -> None:
    """P7: a standby instance that settles wakes the active one."""
    heard: asyncio.Queue[object] = asyncio.Queue()
    other = await asyncpg.connect(database_url)
    await other.add_listener(WAKE_CHANNEL, lambda *event: heard.put_nowait(event[-1]))
    async with stall.db.unit_of_work() as session:
        wake_after_commit(session, WorkerName.ACTIVATION)
        wake_after_commit(session, cast("WorkerName", 'it\'s "quoted"'))
        await other.fetchval("SELECT 1")
        assert heard.empty()

    async with asyncio.timeout(PATIENCE_SECONDS):
        names = {await heard.get(), await heard.get()}
    assert names == {"activation", 'it\'s "quoted"'}
    await other.close()


async def test_a_unit_that_wakes_nobody_is_one_statement_and_its_commit(stall: Stall) -> None:
    async with stall.db.unit_of_work() as session:
        assert await session.scalar(select(OutboxMessage.id)) is None
    assert stall.connections_in_use == 0


async def test_what_was_read_can_be_used_after_the_end(stall: Stall) -> None:
    """P5: without another query behind the back."""
    async with stall.db.unit_of_work() as session:
        user = await session.get_one(User, ANNA)

    assert (user.first_name, user.language) == ("Anna", "ru")
    assert stall.connections_in_use == 0
