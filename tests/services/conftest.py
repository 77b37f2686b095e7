"""What the tests of the services share."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta

import pytest

from app.core import clock
from tests.support.fakes import Hook
from tests.support.stall import Stall, open_stall

Skip = Callable[[timedelta], None]


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


@pytest.fixture
def skip() -> Iterator[Skip]:
    """Give what moves the service's clock forward."""
    passed = timedelta()

    def skip(time: timedelta) -> None:
        nonlocal passed
        passed += time
        clock.set_offset(passed)

    yield skip
    clock.set_offset(timedelta())
