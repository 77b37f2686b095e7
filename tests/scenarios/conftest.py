import subprocess
import sys
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.support.shop import ROOT, Shop, open_shop
from tests.support.zygote import Zygote


@pytest.fixture
async def shop(database_url: str, redis_url: str) -> AsyncIterator[Shop]:
    async with open_shop(database_url, redis_url) as shop:
        yield shop


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.zygote"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        # It ends when its input does, and its forks with it.
        yield Zygote(process)
