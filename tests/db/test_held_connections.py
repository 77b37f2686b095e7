"""P5: the fakes of the outside world notice a caller who holds a connection."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from app.core import clock
from app.domain.messages import Lane, Screen
from app.domain.ports import Access
from app.services.port_guard import guard_port_call
from tests.support.fake_chains import FakeEvmChain
from tests.support.fakes import FakeChannels, FakeClaims, FakePanel, FakeProvider, RecordingSender
from tests.support.model_chain import ModelChain, quick_spec
from tests.support.stall import Stall, open_stall


def _provision(panel: FakePanel) -> Awaitable[str]:
    return panel.provision(Access(UUID(int=1), "u1_1", clock.now() + timedelta(days=1), 0, 0))


CALLS: dict[str, Callable[[], Awaitable[object]]] = {
    "panel": lambda: _provision(FakePanel()),
    "provider": lambda: FakeProvider().get_invoices(["1"]),
    "channels": lambda: FakeChannels().is_member("@news", 1),
    "sender": lambda: RecordingSender().send(1, Screen("hello"), lane=Lane.NOTIFICATION),
    "edits": lambda: RecordingSender().update(1, 1, Screen("hello"), lane=Lane.NOTIFICATION),
    "claims": lambda: FakeClaims().claim("key"),
    "marks": lambda: FakeClaims().mark_sent("key"),
    "chain": lambda: FakeEvmChain().get_heads(),
    "guarded": lambda: guard_port_call(
        FakePanel().check(), "failed"
    ),  # which catches every Exception
    "model chain": lambda: ModelChain(quick_spec("eth")).find("0x01"),
}


@pytest.mark.parametrize("call_port", CALLS.values(), ids=CALLS.keys())
async def test_a_port_that_is_called_inside_a_unit_of_work_is_noticed(
    database_url: str, call_port: Callable[[], Awaitable[object]]
) -> None:
    async with open_stall(database_url) as stall:
        await call_port()
        with pytest.raises(pytest.fail.Exception, match="P5"):
            await _call_inside(stall, call_port)
        await call_port()


async def _call_inside(stall: Stall, call_port: Callable[[], Awaitable[object]]) -> None:
    async with stall.db.unit_of_work() as session:
        await session.execute(text("SELECT 1"))
        await call_port()


async def test_a_task_that_was_started_inside_a_unit_of_work_is_noticed(database_url: str) -> None:
    async def call_beside() -> None:
        await asyncio.gather(FakePanel().check(), asyncio.sleep(0))

    async with open_stall(database_url) as stall:
        with pytest.raises(pytest.fail.Exception, match="P5"):
            await _call_inside(stall, call_beside)


async def test_what_others_hold_meanwhile_is_no_breach(database_url: str) -> None:
    is_held, is_called = asyncio.Event(), asyncio.Event()

    async with open_stall(database_url) as stall:

        async def hold() -> None:
            async with stall.db.unit_of_work() as session:
                await session.execute(text("SELECT 1"))
                is_held.set()
                await is_called.wait()

        async def provision() -> str:
            await is_held.wait()
            link = await _provision(FakePanel())
            is_called.set()
            return link

        _, link = await asyncio.gather(hold(), provision())
        assert link == "vless://u1_1"
