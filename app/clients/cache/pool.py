"""Redis connections that give up: redis-py 7 by itself waits for a silent server for ever."""

from redis.asyncio import Redis
from redis.asyncio.connection import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

_SOCKET_TIMEOUT_SECONDS = 1.0
_HEALTH_CHECK_SECONDS = 30
_MAX_CONNECTIONS = 50


def create_redis(url: str, timeout_seconds: float = _SOCKET_TIMEOUT_SECONDS) -> Redis:
    """Connects on first use; its creator closes it with `await redis.aclose()`.

    `url` is redis://, rediss:// or unix://; options in its query win over ours.
    """
    pool = ConnectionPool.from_url(
        url,
        max_connections=_MAX_CONNECTIONS,
        socket_connect_timeout=timeout_seconds,
        socket_timeout=timeout_seconds,
        health_check_interval=_HEALTH_CHECK_SECONDS,
        # For the connection that a restart left dead. A time-out is not repeated: a user waits.
        retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        **({} if url.startswith("unix:") else {"socket_keepalive": True}),
    )
    # Without from_pool the client would not close a pool that it did not make.
    return Redis.from_pool(pool)
