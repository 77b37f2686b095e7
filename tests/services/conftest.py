"""What the tests of the services share."""

from collections.abc import AsyncIterator

import pytest

from tests.support.fakes import Hook
from tests.support.stall import Stall, open_stall


@pytest.fixture
async def stall(database_url: str) -> AsyncIterator[Stall]:
    async with open_stall(database_url) as stall:
        yield stall


@pytest.fixture
def no_connection_held(stall: Stall) -> Hook:
    """Give what a port runs while it is called alone: nobody holds a connection meanwhile (P5)."""

    async def check() -> None:
        assert stall.connections_in_use == 0

    return check
