"""What the tests of the services share."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.stall import Stall, stall_on


@pytest.fixture
async def stall(engine: AsyncEngine) -> AsyncIterator[Stall]:
    async with stall_on(engine) as stall:
        yield stall
