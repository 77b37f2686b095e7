"""Sending what the outbox holds: in order, once, whatever Telegram says."""

import asyncio
from datetime import timedelta

import pytest

from app.core.metrics import REGISTRY
from app.db.models import AttentionItem, OutboxMessage, OutboxStatus, User
from app.domain.messages import DeliveryGuarantee, Lane
from app.domain.ports import (
    RefusedError,
    RetryLaterError,
    UnavailableError,
    UndecidedError,
    UnreachableError,
)
from app.services.notifications.notify import Notification, notify, notify_operators
from app.services.notifications.outbox import (
    DeliveryPorts,
    deliver_due_notifications,
    measure_outbox,
)
from tests.conftest import Skip
from tests.support.fakes import FakeClaims, PlainRenderer, RecordingSender
from tests.support.stall import ANNA, BEN, OLGA, OPERATORS, Stall


@pytest.fixture
def sender() -> RecordingSender:
    return RecordingSender()


@pytest.fixture
def ports(sender: RecordingSender) -> DeliveryPorts:
    return DeliveryPorts(sender, PlainRenderer(), FakeClaims(), OPERATORS)


async def put(stall: Stall, *notices: Notification) -> None:
    async with stall.db.unit_of_work() as session:
        await notify(session, *notices)


async def drain(stall: Stall, ports: DeliveryPorts, lane: Lane = Lane.NOTIFICATION) -> int:
    """As the worker does: until a round leaves nothing behind."""
    sent = 0
    while (counts := await deliver_due_notifications(stall.db, ports, lane))["more"]:
        sent += counts["sent"]
    return sent


async def notification(stall: Stall, key: str) -> OutboxMessage:
    (row,) = await stall.rows(OutboxMessage, OutboxMessage.key == key)
    return row


async def test_a_notification_is_sent_once_in_the_users_language(
    stall: Stall, ports: DeliveryPorts, sender: RecordingSender
) -> None:
    """P4, P5."""
    await put(stall, Notification("a", ANNA, "hello", {"name": "x"}))

    assert await deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION) == {
        "claimed": 1,
        "sent": 1,
        "more": 1,
    }
    assert await deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION) == {
        "claimed": 0,
        "sent": 0,
        "more": 0,
    }

    assert sender.sent == [(ANNA, "hello ru x")]
    row = await notification(stall, "a")
    assert (row.status, row.message_id, row.attempts) == (OutboxStatus.SENT, 10_001, 1)
    assert (row.lease_token, row.leased_until) == (None, None)
    assert row.sent_at is not None


async def test_an_unknown_user_gets_english(
    stall: Stall, ports: DeliveryPorts, sender: RecordingSender
) -> None:
    await put(stall, Notification("a", 77, "hello"))
    await drain(stall, ports)

    assert sender.sent == [(77, "hello en")]


async def test_a_key_is_sent_once_however_often_it_is_asked_for(
    stall: Stall, ports: DeliveryPorts, sender: RecordingSender
) -> None:
    """P4."""
    await asyncio.gather(*(put(stall, Notification("a", ANNA, f"hello{n}")) for n in range(10)))
    await put(stall, Notification("b", ANNA, "bye"), Notification("b", ANNA, "bye"))
    await drain(stall, ports)
    await put(stall, Notification("a", ANNA, "hello"))
    await drain(stall, ports)

    assert len(sender.sent) == 2


async def test_a_chat_gets_its_notifications_in_order_and_others_do_not_wait(
    stall: Stall, ports: DeliveryPorts, sender: RecordingSender
) -> None:
    """P3."""
    await put(stall, *(Notification(f"a{n}", ANNA, f"{n}") for n in range(5)))
    await put(stall, *(Notification(f"b{n}", BEN, f"{n}") for n in range(5)))

    await deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION)
    assert sorted(sender.sent) == [(ANNA, "0 ru"), (BEN, "0 en")]
    await asyncio.gather(*(drain(stall, ports) for _ in range(3)))
    await drain(stall, ports)

    assert sender.texts(ANNA) == [f"{n} ru" for n in range(5)]
    assert sender.texts(BEN) == [f"{n} en" for n in range(5)]


async def test_workers_racing_send_each_notification_once(
    stall: Stall, ports: DeliveryPorts, sender: RecordingSender
) -> None:
    """P4."""
    await put(stall, *(Notification(f"{n}", 10_000 + n, "hello") for n in range(120)))

    rounds = await asyncio.gather(
        *(deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION) for _ in range(8))
    )

    assert max(counts["claimed"] for counts in rounds) <= 50
    assert sum(counts["sent"] for counts in rounds) + await drain(stall, ports) == 120
    assert len({chat for chat, _ in sender.sent}) == len(sender.sent) == 120


async def test_a_user_who_blocked_the_bot_is_marked_and_bothered_no_more(
    stall: Stall, ports: DeliveryPorts, sender: RecordingSender
) -> None:
    sender.failures[BEN] = [UnreachableError("blocked")]
    await put(stall, Notification("b", BEN, "hello"), Notification("a", ANNA, "hello"))

    assert await deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION) == {
        "claimed": 2,
        "sent": 1,
        "more": 1,
    }

    blocked = await notification(stall, "b")
    assert (blocked.status, blocked.last_error) == (OutboxStatus.UNREACHABLE, "blocked")
    (ben,) = await stall.rows(User, User.id == BEN)
    assert ben.unreachable_at is not None
    assert await drain(stall, ports) == 0


async def test_a_notification_that_must_wait_keeps_its_place(
    stall: Stall, ports: DeliveryPorts, sender: RecordingSender, skip: Skip
) -> None:
    """P3, P10: 429 is obeyed, and nothing overtakes in that chat."""
    sender.failures[ANNA] = [RetryLaterError(timedelta(seconds=30))]
    await put(stall, Notification("1", ANNA, "first"), Notification("2", ANNA, "second"))

    assert await drain(stall, ports) == 0
    skip(timedelta(seconds=29))
    assert await drain(stall, ports) == 0
    assert sender.sent == []
    skip(timedelta(seconds=2))
    assert await drain(stall, ports) == 2

    assert sender.texts(ANNA) == ["first ru", "second ru"]


async def test_a_chat_whose_limit_is_used_up_holds_up_no_batch(
    stall: Stall, ports: DeliveryPorts, sender: RecordingSender, skip: Skip
) -> None:
    """P3, P10: its first message waits in the outbox and keeps its place; the round says how long.

    Whatever the limiter lets wait, all others of the batch would wait for.
    """
    sender.waits[ANNA] = timedelta(seconds=1.1)
    await put(stall, Notification("1", ANNA, "first"), Notification("2", ANNA, "second"))
    await put(stall, Notification("b", BEN, "hello"))

    assert await drain(stall, ports) == 1
    counts = await deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION)
    assert (counts["claimed"], sender.texts(ANNA)) == (0, [])
    assert 0 < counts["next_in_ms"] <= 1100

    sender.waits.clear()
    skip(timedelta(seconds=1.1))
    assert await drain(stall, ports) == 2
    assert sender.texts(ANNA) == ["first ru", "second ru"]


async def test_what_becomes_due_while_a_round_is_under_way_is_sent_at_once_after_it(
    stall: Stall, ports: DeliveryPorts, sender: RecordingSender, skip: Skip
) -> None:
    """P3: the worker's own look for it comes seldom."""
    sender.failures[BEN] = [RetryLaterError(timedelta(seconds=2))]
    await put(stall, Notification("b", BEN, "hello"))
    counts = await deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION)
    assert 0 < counts["next_in_ms"] <= 2000

    async def take_long() -> None:
        skip(timedelta(seconds=3))

    sender.on_call = take_long
    sender.failures[ANNA] = [RetryLaterError(timedelta(seconds=30))]
    await put(stall, Notification("a", ANNA, "hello"))
    counts = await deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION)
    assert counts == {"claimed": 1, "sent": 0, "more": 0, "next_in_ms": 50}


@pytest.mark.parametrize("guarantee", list(DeliveryGuarantee))
async def test_with_telegram_down_a_notification_is_tried_again_with_growing_pauses(
    stall: Stall,
    ports: DeliveryPorts,
    sender: RecordingSender,
    skip: Skip,
    guarantee: DeliveryGuarantee,
) -> None:
    """P3: certainly not delivered, so that nothing is doubted."""
    sender.failures[ANNA] = [UnavailableError("HTTP 502")] * 9
    await put(stall, Notification("a", ANNA, "hello", guarantee=guarantee))
    for seconds in (1, 2, 4, 8, 16, 32, 60, 60, 60):
        assert await drain(stall, ports) == 0
        row = await notification(stall, "a")
        assert (row.status, row.lease_token) == (OutboxStatus.WAITING, None)
        skip(timedelta(seconds=seconds - 0.5))
        assert (await deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION))["claimed"] == 0
        skip(timedelta(seconds=1))

    assert await drain(stall, ports) == 1


async def test_a_refused_notification_is_our_bug_and_the_operator_is_notified_of_it_once(
    stall: Stall, ports: DeliveryPorts, sender: RecordingSender
) -> None:
    """P3: in the transaction that ends the notification."""
    sender.failures[ANNA] = [RefusedError("can't parse entities")]
    await put(stall, Notification("a", ANNA, "hello"))
    await drain(stall, ports)

    row = await notification(stall, "a")
    assert (row.status, row.last_error) == (OutboxStatus.FAILED, "can't parse entities")
    (report,) = await stall.notifications(OLGA)
    assert report.template == "operator-unsent"
    (item,) = await stall.rows(AttentionItem)
    assert report.values == {"message": "hello", "person": ANNA, "item": item.id}
    assert sender.texts(OLGA) == [f"operator-unsent en {item.id} hello 1001"]


async def test_a_notification_to_the_operator_that_fails_is_reported_to_nobody(
    stall: Stall, ports: DeliveryPorts, sender: RecordingSender
) -> None:
    """P6: or the report would be reported for ever."""
    sender.failures[OLGA] = [RefusedError("no")]
    async with stall.db.unit_of_work() as session:
        await notify_operators(session, "a", "operator-unsent", message="x", person=1)
    await drain(stall, ports)

    assert [row.status for row in await stall.notifications(OLGA)] == [OutboxStatus.FAILED]


async def test_one_poison_notification_does_not_stop_the_batch(
    stall: Stall, ports: DeliveryPorts, sender: RecordingSender
) -> None:
    """P6."""
    await put(
        stall,
        Notification("x", 77, "poison"),
        *(Notification(f"{n}", n, "hello") for n in range(1, 9)),
    )

    assert await drain(stall, ports) == 9  # eight and the report
    assert (await notification(stall, "x")).status is OutboxStatus.FAILED
    (item,) = await stall.rows(AttentionItem)
    assert sender.texts(OLGA) == [f"operator-unsent en {item.id} poison 77"]


async def test_a_notification_may_edit_a_message_and_says_which_one_shows_it_now(
    stall: Stall, ports: DeliveryPorts, sender: RecordingSender
) -> None:
    sender.uneditable = {56}
    await put(
        stall,
        Notification("a", ANNA, "paid", edit_message_id=55),
        Notification("b", BEN, "paid", edit_message_id=56),
    )
    await drain(stall, ports)

    assert sender.edited == [(ANNA, 55, "paid ru")]
    assert sender.sent == [(BEN, "paid en")]
    assert (await notification(stall, "a")).message_id == 55
    assert (await notification(stall, "b")).message_id == 10_001


async def test_an_undecided_notification_is_left_alone_or_sent_again_as_its_sort_wants(
    stall: Stall, ports: DeliveryPorts, sender: RecordingSender, skip: Skip
) -> None:
    """P4: better twice than never for a key, better never than twice for the rest."""
    await put(
        stall,
        Notification("key", ANNA, "key", guarantee=DeliveryGuarantee.AT_LEAST_ONCE),
        Notification("news", BEN, "news", guarantee=DeliveryGuarantee.AT_MOST_ONCE),
    )
    for person in (ANNA, BEN):
        sender.failures[person] = [UndecidedError("no answer")]

    assert await drain(stall, ports) == 0
    assert (await notification(stall, "news")).status is OutboxStatus.DOUBTFUL
    skip(timedelta(seconds=2))
    assert await drain(stall, ports) == 1

    assert sender.sent == [(ANNA, "key ru")]
    assert (await notification(stall, "key")).status is OutboxStatus.SENT


async def test_depth_and_age_are_measured(stall: Stall, ports: DeliveryPorts, skip: Skip) -> None:
    await put(stall, Notification("a", ANNA, "1"), Notification("b", ANNA, "2"))
    skip(timedelta(seconds=100))
    async with stall.db.unit_of_work() as session:
        await measure_outbox(session)

    assert REGISTRY.get_sample_value("tollgate_outbox_depth") == 2
    age = REGISTRY.get_sample_value("tollgate_outbox_age_seconds")
    assert age is not None
    assert 100 <= age < 200
    await drain(stall, ports)
    async with stall.db.unit_of_work() as session:
        await measure_outbox(session)
    assert REGISTRY.get_sample_value("tollgate_outbox_depth") == 0


async def test_money_goes_before_a_hundred_questions_to_an_operator(
    stall: Stall, ports: DeliveryPorts
) -> None:
    """P10, P3: the operator's chat takes 0.9 a second, and somebody waits for a key."""
    async with stall.db.unit_of_work() as session:
        for number in range(100):
            await notify_operators(
                session,
                f"question:{number}",
                "operator-question",
                person=1 + number,
                name="N",
                text="?",
            )
        await notify_operators(session, "kept", "operator-update-kept", update=1)
        for number in range(3):
            key = f"unsent:{number}"
            await notify_operators(
                session, key, "operator-unsent", message="key-ready", person=1 + number
            )
    for _ in range(4):
        await deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION)

    sent = [row for row in await stall.notifications(OLGA) if row.status is OutboxStatus.SENT]
    assert [row.template for row in sorted(sent, key=lambda row: row.sent_at or row.due_at)] == [
        "operator-unsent",
        "operator-unsent",
        "operator-unsent",
        "operator-question",
    ]


async def test_a_key_goes_before_a_chats_other_notifications(
    stall: Stall, ports: DeliveryPorts
) -> None:
    """P3: hundreds of milestones must not hold it up; each kind keeps its own order."""
    milestones = [Notification(f"milestone-{number}", ANNA, "milestone") for number in range(200)]
    await put(
        stall,
        *milestones,
        *(Notification(key, ANNA, key, guarantee=DeliveryGuarantee.AT_LEAST_ONCE) for key in "ab"),
    )
    for _ in range(3):
        await deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION)

    sent = [row for row in await stall.notifications(ANNA) if row.status is OutboxStatus.SENT]
    told = [row.key for row in sorted(sent, key=lambda row: row.sent_at or row.due_at)]
    assert told == ["a", "b", "milestone-0"]
