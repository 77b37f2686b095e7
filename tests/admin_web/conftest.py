"""The operator's web, open for each test."""

from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs
from structlog.types import EventDict

from tests.admin_web.site import Site, open_site


@pytest.fixture(autouse=True)
def log() -> Iterator[list[EventDict]]:
    """Give what was logged."""
    with capture_logs() as log:
        yield log


@pytest.fixture
async def site(engine: AsyncEngine) -> AsyncIterator[Site]:
    async with open_site(engine) as site:
        yield site
