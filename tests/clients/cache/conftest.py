from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from app.clients.cache.guarded import GuardedRedis
from app.clients.cache.pool import create_redis
from tests.support.proxy import TcpProxy
from tests.support.stopped_clock import StoppedClock

NO_REST = timedelta()

Connect = Callable[..., GuardedRedis]


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
async def connect(redis_url: str) -> AsyncIterator[Connect]:
    """Make a guarded client of its own, as each process has one."""
    async with AsyncExitStack() as clients:

        def connect(url: str = redis_url, rest: timedelta = NO_REST) -> GuardedRedis:
            redis = create_redis(url)
            clients.push_async_callback(redis.aclose)
            return GuardedRedis(redis, rest=rest)

        yield connect


@pytest.fixture
async def proxy(redis_url: str) -> AsyncIterator[TcpProxy]:
    async with TcpProxy.to(redis_url) as proxy:
        yield proxy
