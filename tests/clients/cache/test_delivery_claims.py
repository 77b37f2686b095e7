"""Who began to send a message, and did Telegram take it (P4)."""

import asyncio

import pytest

from app.clients.cache.delivery_claims import LocalDeliveryClaims, RedisDeliveryClaims
from app.domain.ports import ClaimState, DeliveryClaims, UnavailableError
from sandbox.embedded import ValkeyServer
from tests.clients.cache.conftest import Connect
from tests.support.stopped_clock import StoppedClock

WEEK_SECONDS = 7 * 24 * 3600


@pytest.fixture(params=["local", "redis"])
def claims(request: pytest.FixtureRequest, connect: Connect) -> DeliveryClaims:
    return LocalDeliveryClaims() if request.param == "local" else RedisDeliveryClaims(connect())


async def test_the_first_claim_is_free_and_the_next_is_in_doubt(connect: Connect) -> None:
    """P4: a sending began and recorded no end."""
    claims = RedisDeliveryClaims(connect())

    assert await claims.claim("paid:1") == ClaimState.FREE
    assert await claims.claim("paid:1") == ClaimState.TRIED
    assert await claims.claim("paid:2") == ClaimState.FREE


async def test_without_redis_a_key_never_seen_is_in_doubt() -> None:
    """P4: the process before this one may have sent it."""
    assert await LocalDeliveryClaims().claim("paid:1") == ClaimState.TRIED


async def test_a_sent_message_stays_sent(claims: DeliveryClaims) -> None:
    """P4."""
    await claims.claim("paid:1")
    await claims.mark_sent("paid:1")

    assert await claims.claim("paid:1") == ClaimState.SENT


async def test_what_was_certainly_not_delivered_is_free_again(claims: DeliveryClaims) -> None:
    await claims.claim("paid:1")
    await claims.release("paid:1")

    assert await claims.claim("paid:1") == ClaimState.FREE
    assert await claims.claim("paid:1") == ClaimState.TRIED


async def test_of_simultaneous_claims_one_is_free(claims: DeliveryClaims) -> None:
    """P4."""
    await claims.release("paid:1")
    states = await asyncio.gather(*(claims.claim("paid:1") for _ in range(50)))

    assert states.count(ClaimState.FREE) == 1


async def test_another_process_sees_the_claim_for_a_week(connect: Connect) -> None:
    """P4: the key and its seven days are promised."""
    redis = connect()
    await RedisDeliveryClaims(redis).claim("paid:1")

    assert await RedisDeliveryClaims(connect()).claim("paid:1") == ClaimState.TRIED
    ttl = await redis.execute("TTL", "notified:paid:1")
    assert ttl in range(WEEK_SECONDS - 5, WEEK_SECONDS + 1)
    await RedisDeliveryClaims(redis).mark_sent("paid:1")
    ttl = await redis.execute("TTL", "notified:paid:1")
    assert ttl in range(WEEK_SECONDS - 5, WEEK_SECONDS + 1)


async def test_this_process_remembers_for_a_week(clock: StoppedClock) -> None:
    claims = LocalDeliveryClaims(clock=clock)
    await claims.mark_sent("paid:1")
    clock.seconds += WEEK_SECONDS - 1
    assert await claims.claim("paid:1") == ClaimState.SENT
    clock.seconds += 1

    assert await claims.claim("paid:1") == ClaimState.TRIED


async def test_an_absent_redis_is_said_by_the_claim_alone(
    own_valkey: ValkeyServer, connect: Connect
) -> None:
    """P4: the sender decides what an absent store means; recording the end is best effort."""
    claims = RedisDeliveryClaims(connect(own_valkey.url))
    own_valkey.stop()

    await claims.mark_sent("paid:1")
    await claims.release("paid:1")
    with pytest.raises(UnavailableError):
        await claims.claim("paid:1")
