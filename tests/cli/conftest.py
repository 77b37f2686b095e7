"""What the tests of the command line share."""

from collections.abc import AsyncIterator

import pytest

from tests.support.stall import Stall, open_stall


@pytest.fixture
async def stall(database_url: str) -> AsyncIterator[Stall]:
    async with open_stall(database_url) as stall:
        yield stall
