"""The window between Telegram's answer and our commit (P4)."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from app.clients.cache.delivery_claims import LocalDeliveryClaims, RedisDeliveryClaims
from app.clients.cache.guarded import GuardedRedis
from app.clients.cache.pool import create_redis
from app.db.models import OutboxMessage, OutboxStatus
from app.domain.messages import DeliveryGuarantee, Lane
from app.domain.ports import ClaimState, DeliveryClaims, RetryLaterError, UndecidedError
from app.services.notifications.notify import Notification, notify
from app.services.notifications.outbox import DeliveryPorts, deliver_due_notifications
from tests.conftest import Skip
from tests.support.fakes import FakeClaims, PlainRenderer, RecordingSender
from tests.support.stall import ANNA, OPERATORS, Stall

AFTER_THE_LEASE = timedelta(seconds=91)


@pytest.fixture
def sender() -> RecordingSender:
    return RecordingSender()


def ports(sender: RecordingSender, claims: DeliveryClaims) -> DeliveryPorts:
    return DeliveryPorts(sender, PlainRenderer(), claims, OPERATORS)


async def put(stall: Stall, guarantee: DeliveryGuarantee) -> None:
    async with stall.db.unit_of_work() as session:
        await notify(session, Notification("key", ANNA, "hello", guarantee=guarantee))


async def status(stall: Stall) -> OutboxStatus:
    (row,) = await stall.rows(OutboxMessage)
    return row.status


async def die_in_the_window(
    stall: Stall, sender: RecordingSender, claims: DeliveryClaims, skip: Skip
) -> None:
    """Telegram takes the notification, and the process ends before it can record that anywhere."""

    async def die() -> None:
        sender.sent.append((ANNA, "first"))
        raise asyncio.CancelledError

    sender.on_call = die
    with pytest.raises(asyncio.CancelledError):
        await deliver_due_notifications(stall.db, ports(sender, claims), Lane.NOTIFICATION)
    sender.on_call = nothing
    assert await status(stall) is OutboxStatus.WAITING
    counts = await deliver_due_notifications(stall.db, ports(sender, claims), Lane.NOTIFICATION)
    assert counts["claimed"] == 0  # not before its lease is over
    skip(AFTER_THE_LEASE)


async def doubt_one(
    stall: Stall, sender: RecordingSender, skip: Skip, guarantee: DeliveryGuarantee
) -> FakeClaims:
    """Nobody knows whether this notification was sent; what the store remembers of it."""
    claims = FakeClaims()
    await put(stall, guarantee)
    await die_in_the_window(stall, sender, claims, skip)
    return claims


SENT_AGAIN = (OutboxStatus.SENT, 2)
KNOWN = (OutboxStatus.SENT, 1)
LEFT = (OutboxStatus.DOUBTFUL, 1)


@pytest.mark.parametrize(
    ("state", "guarantee", "expected"),
    [
        (ClaimState.SENT, DeliveryGuarantee.AT_LEAST_ONCE, KNOWN),
        (ClaimState.SENT, DeliveryGuarantee.AT_MOST_ONCE, KNOWN),
        (ClaimState.TRIED, DeliveryGuarantee.AT_LEAST_ONCE, SENT_AGAIN),
        (ClaimState.TRIED, DeliveryGuarantee.AT_MOST_ONCE, LEFT),
        (ClaimState.FREE, DeliveryGuarantee.AT_LEAST_ONCE, SENT_AGAIN),
        (
            ClaimState.FREE,
            DeliveryGuarantee.AT_MOST_ONCE,
            SENT_AGAIN,
        ),  # Redis has no claim of it: it was not sent
    ],
)
async def test_a_doubtful_notification_is_judged_by_what_the_store_remembers_and_its_sort(
    stall: Stall,
    sender: RecordingSender,
    skip: Skip,
    state: ClaimState,
    guarantee: DeliveryGuarantee,
    expected: tuple[OutboxStatus, int],
) -> None:
    """P4."""
    claims = await doubt_one(stall, sender, skip, guarantee)
    claims.states = {} if state is ClaimState.FREE else {"key": state}

    await deliver_due_notifications(stall.db, ports(sender, claims), Lane.NOTIFICATION)

    assert (await status(stall), len(sender.sent)) == expected


async def test_a_doubtful_notification_waits_for_a_store_that_does_not_answer(
    stall: Stall, sender: RecordingSender, skip: Skip
) -> None:
    """P4: a Redis that is slow for a moment neither repeats a notification nor gives one up."""
    claims = await doubt_one(stall, sender, skip, DeliveryGuarantee.AT_MOST_ONCE)
    claims.is_away = True
    await deliver_due_notifications(stall.db, ports(sender, claims), Lane.NOTIFICATION)
    counts = await deliver_due_notifications(stall.db, ports(sender, claims), Lane.NOTIFICATION)
    assert counts["claimed"] == 0
    claims.is_away, claims.states = False, {"key": ClaimState.SENT}
    skip(timedelta(seconds=6))

    await deliver_due_notifications(stall.db, ports(sender, claims), Lane.NOTIFICATION)

    assert (await status(stall), len(sender.sent)) == KNOWN


async def test_a_doubtful_notification_waits_for_the_store_twice_and_no_longer(
    stall: Stall, sender: RecordingSender, skip: Skip
) -> None:
    """P4: then nobody knows, and it is left."""
    claims = await doubt_one(stall, sender, skip, DeliveryGuarantee.AT_MOST_ONCE)
    claims.is_away = True
    for _ in range(2):
        await deliver_due_notifications(stall.db, ports(sender, claims), Lane.NOTIFICATION)
        assert (await status(stall), len(sender.sent)) == (OutboxStatus.WAITING, 1)
        skip(timedelta(seconds=6))

    await deliver_due_notifications(stall.db, ports(sender, claims), Lane.NOTIFICATION)

    assert (await status(stall), len(sender.sent)) == LEFT


async def test_a_doubtful_key_waits_for_no_store(
    stall: Stall, sender: RecordingSender, skip: Skip
) -> None:
    """P4, P13: its user was being served when the process died, and better gets it twice."""
    claims = await doubt_one(stall, sender, skip, DeliveryGuarantee.AT_LEAST_ONCE)
    claims.is_away = True

    await deliver_due_notifications(stall.db, ports(sender, claims), Lane.NOTIFICATION)

    assert (await status(stall), len(sender.sent)) == SENT_AGAIN


@pytest.mark.parametrize("guarantee", list(DeliveryGuarantee))
@pytest.mark.parametrize("state", list(ClaimState))
async def test_a_notification_that_nobody_tried_is_sent_whatever_the_store_remembers(
    stall: Stall, sender: RecordingSender, state: ClaimState, guarantee: DeliveryGuarantee
) -> None:
    """P3: only a doubted one is judged; a database made anew meets the old Redis."""
    claims = FakeClaims()
    claims.states = {"key": state}
    await put(stall, guarantee)

    await deliver_due_notifications(stall.db, ports(sender, claims), Lane.NOTIFICATION)

    assert (await status(stall), len(sender.sent)) == (OutboxStatus.SENT, 1)


@pytest.mark.parametrize("guarantee", list(DeliveryGuarantee))
async def test_with_redis_away_a_notification_is_sent(
    stall: Stall, sender: RecordingSender, guarantee: DeliveryGuarantee
) -> None:
    """P8: Redis holds what may be lost."""
    claims = FakeClaims()
    claims.is_away = True
    await put(stall, guarantee)

    await deliver_due_notifications(stall.db, ports(sender, claims), Lane.NOTIFICATION)

    assert (await status(stall), len(sender.sent)) == (OutboxStatus.SENT, 1)


@pytest.mark.parametrize(
    ("guarantee", "expected"),
    [(DeliveryGuarantee.AT_LEAST_ONCE, SENT_AGAIN), (DeliveryGuarantee.AT_MOST_ONCE, LEFT)],
)
async def test_without_redis_a_new_process_counts_a_doubtful_notification_as_tried(
    stall: Stall,
    sender: RecordingSender,
    skip: Skip,
    guarantee: DeliveryGuarantee,
    expected: tuple[OutboxStatus, int],
) -> None:
    """P4: it cannot know what the process before it did."""
    await put(stall, guarantee)
    await die_in_the_window(stall, sender, LocalDeliveryClaims(), skip)

    await deliver_due_notifications(
        stall.db, ports(sender, LocalDeliveryClaims()), Lane.NOTIFICATION
    )

    assert (await status(stall), len(sender.sent)) == expected


@pytest.mark.parametrize("guarantee", list(DeliveryGuarantee))
async def test_without_redis_a_notification_put_off_for_sure_is_sent_later(
    stall: Stall, sender: RecordingSender, skip: Skip, guarantee: DeliveryGuarantee
) -> None:
    """P3."""
    claims = LocalDeliveryClaims()
    sender.failures[ANNA] = [RetryLaterError(timedelta(seconds=1))]
    await put(stall, guarantee)
    await deliver_due_notifications(stall.db, ports(sender, claims), Lane.NOTIFICATION)
    skip(timedelta(seconds=2))

    await deliver_due_notifications(stall.db, ports(sender, claims), Lane.NOTIFICATION)

    assert (await status(stall), len(sender.sent)) == (OutboxStatus.SENT, 1)


@pytest.mark.parametrize("claims", [FakeClaims(), LocalDeliveryClaims()], ids=["redis", "local"])
async def test_a_crash_before_the_next_try_of_a_notification_put_off_for_sure_is_no_doubt(
    stall: Stall, sender: RecordingSender, skip: Skip, claims: DeliveryClaims
) -> None:
    """P3: the store knows that it was not delivered."""
    sender.failures[ANNA] = [RetryLaterError(timedelta(seconds=1))]
    await put(stall, DeliveryGuarantee.AT_MOST_ONCE)
    await deliver_due_notifications(stall.db, ports(sender, claims), Lane.NOTIFICATION)
    (row,) = await stall.rows(OutboxMessage)
    await stall.change(row, lease_token=uuid4(), leased_until=row.due_at)
    skip(AFTER_THE_LEASE)

    await deliver_due_notifications(stall.db, ports(sender, claims), Lane.NOTIFICATION)

    assert (await status(stall), len(sender.sent)) == (OutboxStatus.SENT, 1)


@pytest.mark.parametrize("guarantee", list(DeliveryGuarantee))
async def test_a_commit_that_fails_after_telegrams_answer_sends_nothing_twice(
    stall: Stall,
    sender: RecordingSender,
    skip: Skip,
    guarantee: DeliveryGuarantee,
    redis_url: str,
    database_url: str,
) -> None:
    """P4: with a real Redis between the two processes."""
    await put(stall, guarantee)
    admin = await asyncpg.connect(database_url)

    async def lose_the_database() -> None:
        await admin.execute("ALTER TABLE outbox RENAME TO outbox_gone")

    sender.on_call = lose_the_database
    redis = create_redis(redis_url)
    try:
        with pytest.raises(Exception, match="outbox"):
            await deliver_due_notifications(
                stall.db, ports(sender, RedisDeliveryClaims(GuardedRedis(redis))), Lane.NOTIFICATION
            )
    finally:
        await admin.execute("ALTER TABLE outbox_gone RENAME TO outbox")
        await admin.close()
    assert await status(stall) is OutboxStatus.WAITING
    skip(AFTER_THE_LEASE)

    fresh = create_redis(redis_url)
    await deliver_due_notifications(
        stall.db, ports(sender, RedisDeliveryClaims(GuardedRedis(fresh))), Lane.NOTIFICATION
    )

    assert (await status(stall), len(sender.sent)) == KNOWN
    await redis.aclose()
    await fresh.aclose()


async def test_an_undecided_key_message_stays_doubted_until_it_is_sent(
    stall: Stall, sender: RecordingSender, skip: Skip
) -> None:
    """P4: if the first did arrive after all and the store learns of it, it is not sent again."""
    claims = FakeClaims()
    sender.failures[ANNA] = [UndecidedError("no answer")]
    await put(stall, DeliveryGuarantee.AT_LEAST_ONCE)
    await deliver_due_notifications(stall.db, ports(sender, claims), Lane.NOTIFICATION)
    await claims.mark_sent("key")
    skip(timedelta(seconds=2))

    await deliver_due_notifications(stall.db, ports(sender, claims), Lane.NOTIFICATION)

    assert (await status(stall), sender.sent) == (OutboxStatus.SENT, [])


async def nothing() -> None: ...
