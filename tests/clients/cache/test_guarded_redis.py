"""Redis may be slow, silent, gone or full: a user pays for it once at the most."""

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from app.clients.cache.guarded import GuardedRedis
from app.clients.cache.pool import create_redis
from app.domain.ports import UnavailableError
from sandbox.embedded import ValkeyServer
from tests.clients.cache.conftest import Connect
from tests.support.proxy import TcpProxy

LONG = timedelta(hours=1)


async def is_away(redis: GuardedRedis) -> bool:
    try:
        await redis.check()
    except UnavailableError:
        return True
    return False


async def test_answers_reach_the_one_who_asked(connect: Connect) -> None:
    redis = connect()
    await asyncio.gather(*(redis.execute("SET", f"k{n}", n) for n in range(100)))

    assert await asyncio.gather(*(redis.execute("GET", f"k{n}") for n in range(100))) == [
        str(n).encode() for n in range(100)
    ]


async def test_simultaneous_commands_share_one_connection(
    connect: Connect, proxy: TcpProxy, redis_url: str
) -> None:
    redis = connect(proxy.replace(redis_url))
    await asyncio.gather(*(redis.execute("INCR", "n") for _ in range(100)))

    assert await redis.execute("GET", "n") == b"100"
    assert proxy.connection_count == 1


async def test_a_silent_server_costs_one_time_out_and_then_nothing(
    connect: Connect, proxy: TcpProxy, redis_url: str
) -> None:
    """P8: a black-holed Redis does not make users wait."""
    redis = connect(proxy.replace(redis_url), LONG)
    await redis.check()
    proxy.stall()

    with pytest.raises(UnavailableError, match="TimeoutError"):
        await redis.check()
    for _ in range(100):
        with pytest.raises(UnavailableError, match="BreakerOpenError"):
            await redis.check()


async def test_a_server_that_never_takes_a_connection_is_away(
    connect: Connect, proxy: TcpProxy, redis_url: str
) -> None:
    proxy.stall()

    assert await is_away(connect(proxy.replace(redis_url)))


async def test_while_one_probes_a_silent_server_the_others_go_on(
    connect: Connect, proxy: TcpProxy, redis_url: str
) -> None:
    """P8: of all who come while Redis is silent, one waits."""
    redis = connect(proxy.replace(redis_url))
    proxy.stall()
    assert await is_away(redis)
    probe = asyncio.create_task(redis.check())
    await asyncio.sleep(0)

    with pytest.raises(UnavailableError, match="probed"):
        await redis.check()

    assert not probe.done()
    proxy.resume()
    await asyncio.wait({probe})
    assert probe.exception() is None


async def test_a_restarted_server_is_used_again_and_the_log_says_both_once(
    own_valkey: ValkeyServer, connect: Connect
) -> None:
    redis = connect(own_valkey.url)
    await redis.check()
    with capture_logs() as log:
        own_valkey.stop()
        assert [await is_away(redis) for _ in range(3)] == [True] * 3
        own_valkey.start()
        assert [await is_away(redis) for _ in range(3)] == [False] * 3

    told = [line["event"] for line in log if line["event"].startswith("redis_")]
    assert told == ["redis_away", "redis_back"]


async def test_a_connection_that_a_restart_cut_is_replaced_unnoticed(
    own_valkey: ValkeyServer, connect: Connect
) -> None:
    redis = connect(own_valkey.url)
    await redis.check()
    own_valkey.stop()
    own_valkey.start()

    assert not await is_away(redis)


async def test_one_refused_command_does_not_spoil_the_others(connect: Connect) -> None:
    redis = connect()
    await redis.execute("SET", "text", "abc")
    answers = await asyncio.gather(
        redis.execute("PING"),
        redis.execute("INCR", "text"),
        redis.execute("GET", "text"),
        return_exceptions=True,
    )

    assert isinstance(answers[1], UnavailableError)
    assert answers[2] == b"abc"


async def test_an_error_shows_neither_key_nor_address(own_valkey: ValkeyServer) -> None:
    """P12: what operators see of a failure is its kind."""
    url = own_valkey.url
    own_valkey.stop()
    redis = create_redis(url)

    with capture_logs() as log, pytest.raises(UnavailableError) as caught:
        await GuardedRedis(redis).execute("GET", "notified:secret-key")

    await redis.aclose()
    assert str(caught.value) == "Redis: ConnectionError"
    assert "secret-key" not in str(log)
    assert "127.0.0.1" not in str(log)


async def test_a_cancelled_caller_leaves_the_others_their_answers(connect: Connect) -> None:
    redis = connect()
    await redis.check()
    first, second, third = [asyncio.create_task(redis.execute("INCR", "n")) for _ in range(3)]
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.wait({first, second, third})

    assert second.cancelled()
    assert first.exception() is None
    assert third.exception() is None
    assert not await is_away(redis)


async def test_when_the_one_who_sends_is_cancelled_the_others_fail_too(
    connect: Connect, proxy: TcpProxy, redis_url: str
) -> None:
    redis = connect(proxy.replace(redis_url))
    await redis.check()
    proxy.stall()
    sender, other = [asyncio.create_task(redis.check()) for _ in range(2)]
    await proxy.wait_holding()
    sender.cancel()
    await asyncio.wait({sender, other})
    proxy.resume()

    assert sender.cancelled()
    assert isinstance(other.exception(), UnavailableError)
    assert not await is_away(redis)
