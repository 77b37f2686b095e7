"""What the tests of the services share."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.fakes import Hook
from tests.support.stall import Stall, stall_on


@pytest.fixture
async def stall(engine: AsyncEngine) -> AsyncIterator[Stall]:
    async with stall_on(engine) as stall:
        yield stall


@pytest.fixture
def no_connection_held(stall: Stall) -> Hook:
    """Give what a port runs while it is called alone: nobody holds a connection meanwhile (P5)."""

    async def check() -> None:
        assert stall.connections_in_use == 0

    return check
