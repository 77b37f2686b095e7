"""A new term voids what an older one held, and two that overlap send nothing twice."""

import asyncio
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.db.models import OutboxMessage, OutboxStatus
from app.domain.messages import DeliveryGuarantee, Lane
from app.domain.ports import ClaimState, MessageSender, RetryLaterError, UnavailableError
from app.services.notifications.notify import Notification, notify
from app.services.notifications.outbox import DeliveryPorts, deliver_due_notifications
from tests.conftest import Skip
from tests.support.fakes import FakeClaims, PlainRenderer, RecordingSender
from tests.support.stall import ANNA, OPERATORS, Stall
from tests.support.terms import Stepped, begin_term

KEYS = count()


async def put(stall: Stall, key: str, guarantee: DeliveryGuarantee) -> None:
    async with stall.db.unit_of_work() as session:
        await notify(session, Notification(key, ANNA, "hello", guarantee=guarantee))


async def row_of(stall: Stall, key: str) -> OutboxMessage:
    (row,) = await stall.rows(OutboxMessage, OutboxMessage.key == key)
    return row


async def deliver(stall: Stall, sender: MessageSender, claims: FakeClaims) -> dict[str, int]:
    ports = DeliveryPorts(sender, PlainRenderer(), claims, OPERATORS)
    return await deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION)


async def die_while_sending(stall: Stall, sender: RecordingSender, claims: FakeClaims) -> None:
    """The process ends when Telegram has the notification, or before: nobody knows."""
    sender.failures[ANNA] = [asyncio.CancelledError()]
    with pytest.raises(asyncio.CancelledError):
        await deliver(stall, sender, claims)


@pytest.mark.parametrize(
    ("guarantee", "status", "sent"),
    [
        (DeliveryGuarantee.AT_LEAST_ONCE, OutboxStatus.SENT, 1),
        (DeliveryGuarantee.AT_MOST_ONCE, OutboxStatus.DOUBTFUL, 0),
    ],
)
async def test_what_a_killed_instance_was_sending_comes_at_once_and_doubted_to_the_next_term(
    stall: Stall, guarantee: DeliveryGuarantee, status: OutboxStatus, sent: int
) -> None:
    """P4, P13: no clock is moved; before the new term the lease holds."""
    sender, claims = RecordingSender(), FakeClaims()
    await begin_term(stall.db)
    await put(stall, "key", guarantee)
    await die_while_sending(stall, sender, claims)
    assert (await deliver(stall, sender, claims))["claimed"] == 0

    await begin_term(stall.db)
    assert (await deliver(stall, sender, claims))["claimed"] == 1

    row = await row_of(stall, "key")
    assert (row.status, len(sender.sent)) == (status, sent)
    assert (row.lease_token, row.leased_until, row.lease_term) == (None, None, None)


async def test_a_lease_of_the_running_term_holds_though_terms_are_counted(stall: Stall) -> None:
    """P2: a new term voids older ones, not its own."""
    sender, claims = RecordingSender(), FakeClaims()
    for _ in range(3):
        await begin_term(stall.db)
    await put(stall, "key", DeliveryGuarantee.AT_LEAST_ONCE)
    await die_while_sending(stall, sender, claims)

    assert (await row_of(stall, "key")).lease_term == 3
    assert (await deliver(stall, sender, claims))["claimed"] == 0


async def test_a_lease_that_the_release_before_took_keeps_its_time(stall: Stall) -> None:
    """P2: after a roll-back there are leases without a term."""
    sender, claims = RecordingSender(), FakeClaims()
    await put(stall, "key", DeliveryGuarantee.AT_LEAST_ONCE)
    await die_while_sending(stall, sender, claims)
    await stall.change(await row_of(stall, "key"), lease_term=None)
    await begin_term(stall.db)

    assert (await deliver(stall, sender, claims))["claimed"] == 0


async def test_an_older_instance_that_had_to_wait_leaves_the_newer_ones_mark(
    stall: Stall,
) -> None:
    """P4: its "certainly not delivered" is not about the other's attempt."""
    claims, telegram = FakeClaims(), RecordingSender()
    old = Stepped(claims, telegram)
    await begin_term(stall.db)
    await put(stall, "key", DeliveryGuarantee.AT_LEAST_ONCE)
    telegram.failures[ANNA] = [RetryLaterError(timedelta(seconds=5))]
    old.start(lambda: deliver_due_notifications(stall.db, post_of(old), Lane.NOTIFICATION))
    assert await old.step()  # it is about to claim the key
    assert await old.step()  # and then to send
    await begin_term(stall.db)
    newer = RecordingSender()
    newer.failures[ANNA] = [asyncio.CancelledError()]
    with pytest.raises(asyncio.CancelledError):
        await deliver(stall, newer, claims)

    while await old.step():
        pass

    assert claims.states == {"key": ClaimState.TRIED}
    assert (await row_of(stall, "key")).status is OutboxStatus.WAITING


def post_of(instance: Stepped) -> DeliveryPorts:
    return DeliveryPorts(instance, PlainRenderer(), instance, OPERATORS)


STEPS = st.lists(st.sampled_from(["old", "new", "term", "kill"]), max_size=16)


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(guarantee=st.sampled_from(DeliveryGuarantee), is_away=st.booleans(), steps=STEPS)
# The old one has claimed its row, and sleeps until the new one has sent, or is about to.
@example(
    guarantee=DeliveryGuarantee.AT_MOST_ONCE, is_away=False, steps=["old", "term", *["new"] * 5]
)
@example(
    guarantee=DeliveryGuarantee.AT_MOST_ONCE, is_away=True, steps=["old", "term", *["new"] * 5]
)
@example(
    guarantee=DeliveryGuarantee.AT_LEAST_ONCE, is_away=False, steps=["old", "term", *["new"] * 2]
)
@example(
    guarantee=DeliveryGuarantee.AT_LEAST_ONCE,
    is_away=False,
    steps=["old", "old", "old", "kill", "term"],
)
async def test_two_terms_that_overlap_send_nothing_twice(
    stall: Stall, skip: Skip, guarantee: DeliveryGuarantee, *, is_away: bool, steps: list[str]
) -> None:
    """P2, P4, P13: in whatever order the two go on, and wherever the older one ends.

    Only a key's or a payment's notification may come twice, and only where the older one had begun
    to send it: its process may be dead or alive, and nobody can know.
    """
    key = f"key-{next(KEYS)}"
    telegram, claims = RecordingSender(), FakeClaims()
    claims.is_away = is_away
    old, new = Stepped(claims, telegram), Stepped(claims, telegram)
    await begin_term(stall.db)
    await put(stall, key, guarantee)
    old.start(lambda: deliver_due_notifications(stall.db, post_of(old), Lane.NOTIFICATION))
    for step in [*steps, "term"]:
        if step == "old":
            await old.step()
        elif step == "kill":
            await old.kill()
        elif step == "new":
            await new.step()
        elif not new.has_started:
            await begin_term(stall.db)
            new.start(lambda: deliver_due_notifications(stall.db, post_of(new), Lane.NOTIFICATION))
    for instance in (new, old):
        while await instance.step():
            pass
    await begin_term(stall.db)
    claims.is_away = False
    skip(timedelta(seconds=6))  # for which a doubted one waits where nobody answered
    await deliver(stall, telegram, claims)  # what the two have left behind

    row = await row_of(stall, key)
    if guarantee is DeliveryGuarantee.AT_MOST_ONCE:
        assert len(telegram.sent) <= 1
        assert row.status in {OutboxStatus.SENT, OutboxStatus.DOUBTFUL}
    else:
        had_begun = old.got is ClaimState.FREE or is_away
        assert 1 <= len(telegram.sent) <= 1 + had_begun
        assert row.status is OutboxStatus.SENT
    assert (row.lease_token, row.lease_term) == (None, None)


@pytest.mark.parametrize(
    "error", [None, RetryLaterError(timedelta(hours=5)), UnavailableError("away"), ValueError("x")]
)
async def test_who_lost_the_lease_changes_nothing_of_the_notification(
    stall: Stall, skip: Skip, error: Exception | None
) -> None:
    """P4: however its own attempt ends; who has the lease by now decides."""
    telegram, claims = RecordingSender(), FakeClaims()
    slow = Stepped(claims, telegram)
    await put(stall, "key", DeliveryGuarantee.AT_LEAST_ONCE)
    telegram.failures[ANNA] = [error] if error else []
    slow.start(lambda: deliver_due_notifications(stall.db, post_of(slow), Lane.NOTIFICATION))
    assert await slow.step()  # it is about to claim the key
    assert await slow.step()  # and then to send
    skip(timedelta(seconds=91))
    other = Stepped(claims, RecordingSender())
    other.start(lambda: deliver_due_notifications(stall.db, post_of(other), Lane.NOTIFICATION))
    assert await other.step()
    theirs = await row_of(stall, "key")
    assert theirs.attempts == 2

    while await slow.step():
        pass

    after = await row_of(stall, "key")
    told = ("status", "lease_token", "leased_until", "due_at", "message_id", "last_error")
    assert [getattr(after, name) for name in told] == [getattr(theirs, name) for name in told]
    assert await stall.notified(OPERATORS[0]) == []
    while await other.step():
        pass
    assert (await row_of(stall, "key")).status is OutboxStatus.SENT
