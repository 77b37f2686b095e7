from collections.abc import AsyncIterator, Iterator

import pytest

from tests.support.shop import Shop, open_shop
from tests.support.zygote import Zygote, open_zygote


@pytest.fixture
async def shop(database_url: str, redis_url: str) -> AsyncIterator[Shop]:
    async with open_shop(database_url, redis_url) as shop:
        yield shop


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    with open_zygote() as zygote:
        yield zygote
