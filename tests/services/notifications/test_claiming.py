"""Each chat has its turn: one with thousands of messages costs the others nothing."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import update

from app.db.models import OutboxMessage
from app.db.unit_of_work import Database
from app.domain.messages import DeliveryGuarantee, Lane
from app.services.notifications.claiming import ChatRotation, claim_notifications
from app.services.notifications.notify import Notification, notify
from tests.conftest import Skip
from tests.support.stall import ANNA, BEN, Stall

GROUP = -1001


async def put(stall: Stall, *notifications: Notification) -> None:
    async with stall.db.unit_of_work() as session:
        await notify(session, *notifications)


async def claim(db: Database, rotation: ChatRotation, lane: Lane = Lane.NOTIFICATION) -> list[int]:
    """The chats of one claim, whose messages stay claimed."""
    async with db.unit_of_work() as session:
        return [claimed.chat_id for claimed in await claim_notifications(session, lane, rotation)]


async def claim_all(db: Database, rotation: ChatRotation) -> list[int]:
    """The chats of claims until each chat was walked."""
    chats = await claim(db, rotation)
    while rotation.is_under_way:
        chats += await claim(db, rotation)
    return chats


def each(chats: Sequence[int], text: str) -> list[Notification]:
    return [Notification(f"{text}:{chat_id}", chat_id, text) for chat_id in chats]


def urgent(chat_id: int) -> Notification:
    guarantee = DeliveryGuarantee.AT_LEAST_ONCE
    return Notification(f"key:{chat_id}", chat_id, "key", guarantee=guarantee)


async def test_each_chat_has_its_turn_before_one_has_its_second(stall: Stall) -> None:
    chats = range(1, 61)
    rotation = ChatRotation()
    await put(stall, *each(chats, "first"), *each(chats, "second"))
    claimed = await claim(stall.db, rotation)
    # Those who come back meanwhile wait until all had a turn.
    await put(stall, *each(range(61, 71), "late"), *each(range(-5, 0), "late"))
    while rotation.is_under_way:
        claimed += await claim(stall.db, rotation)

    assert sorted(claimed) == list(range(1, 71))
    assert await claim_all(stall.db, rotation) == list(range(-5, 0))


async def test_what_is_urgent_goes_before_others_in_all_chats(stall: Stall) -> None:
    """P10: a key waits for nobody's reminders."""
    rotation = ChatRotation()
    await put(stall, *each(range(1, 101), "news"), urgent(90), urgent(1000))

    first, second = await claim(stall.db, rotation), await claim(stall.db, rotation)

    assert len(first) == len(second) == 25
    assert {90, 1000} <= set(first)
    await put(stall, urgent(2000))
    assert 2000 in await claim(stall.db, rotation)


async def test_many_urgent_ones_let_the_others_keep_their_turn(stall: Stall) -> None:
    rotation = ChatRotation()
    await put(stall, *each(range(1, 31), "news"), *map(urgent, range(100, 130)))

    claimed = [await claim(stall.db, rotation) for _ in range(3)]

    assert all(chat_id >= 100 for chat_id in claimed[0])
    assert Counter(chat_id for chats in claimed for chat_id in chats) == Counter(
        [*range(1, 31), *range(100, 130)]
    )


async def test_chats_that_must_wait_are_passed_over_however_many(stall: Stall, skip: Skip) -> None:
    """P6: and each is found again when its time has come."""
    later = range(1, 1001)
    await put(stall, *each(later, "later"))
    async with stall.db.unit_of_work() as session:
        values = {"due_at": OutboxMessage.due_at + timedelta(seconds=10)}
        await session.execute(update(OutboxMessage).values(values))
    await put(stall, *each([2000], "now"))
    rotation = ChatRotation()

    assert await claim_all(stall.db, rotation) == [2000]
    skip(timedelta(seconds=11))
    assert sorted(await claim_all(stall.db, rotation)) == list(later)


async def test_a_chats_next_message_waits_for_the_one_that_is_claimed(stall: Stall) -> None:
    """P3."""
    rotation = ChatRotation()
    await put(stall, *each([ANNA, BEN], "first"), *each([ANNA], "second"))

    assert await claim_all(stall.db, rotation) == [ANNA, BEN]
    assert await claim_all(stall.db, rotation) == []
