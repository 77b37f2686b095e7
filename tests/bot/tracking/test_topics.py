"""Forums: what is said in a topic is answered in that topic."""

from typing import Any

import pytest
from sqlalchemy import select

from app.db.models import OutboxMessage, Watch
from app.domain.messages import Lane
from app.services.notifications.notify import Notification, notify
from app.services.notifications.outbox import DeliveryPorts, deliver_due_notifications
from tests.bot.conftest import BEN, BotUnderTest
from tests.bot.tracking.group import GROUP, GroupPhone
from tests.support.fake_chains import FakeChains, tx_hash
from tests.support.fakes import FakeClaims, PlainRenderer, RecordingSender

HASH = tx_hash(0x222)
TOPIC = 77
IN_TOPIC: dict[str, Any] = {"message_thread_id": TOPIC, "is_topic_message": True}
MADE = {
    "message_id": TOPIC,
    "from": {"id": 42, "is_bot": True, "first_name": "Tollgate"},
    "chat": {"id": GROUP, "type": "supergroup", "is_forum": True},
    "date": 1,
    "forum_topic_created": {"name": "Payments", "icon_color": 1},
}


@pytest.fixture(autouse=True)
def mined(chains: FakeChains) -> None:
    chains.eth.mine(HASH)


def threads(bot: BotUnderTest) -> list[int | None]:
    return [bot.sender.threads[shown.message_id] for shown in bot.sender.chats[GROUP]]


async def the_watch(bot: BotUnderTest) -> Watch:
    async with bot.deps.db.unit_of_work() as session:
        return (await session.scalars(select(Watch))).one()


@pytest.mark.parametrize(
    ("place", "thread_id"),
    [
        (IN_TOPIC, TOPIC),
        (IN_TOPIC | {"reply_to_message": MADE}, TOPIC),
        ({}, None),
        ({"message_thread_id": 5}, None),  # a reply where there are no topics
    ],
)
async def test_a_card_and_its_notifications_stand_where_the_hash_did(
    tracker: BotUnderTest, ben_there: GroupPhone, place: dict[str, Any], thread_id: int | None
) -> None:
    await ben_there.send(f"/track {HASH}", **place)

    watch = await the_watch(tracker)
    assert (watch.chat_id, watch.thread_id) == (GROUP, thread_id)
    assert threads(tracker) == [thread_id]


@pytest.mark.parametrize("text", ["/fees", "/status", "/watches", "/plans", f"look: {HASH}"])
async def test_every_answer_stays_in_the_topic(
    tracker: BotUnderTest, ben_there: GroupPhone, text: str
) -> None:
    await ben_there.send(text, **IN_TOPIC)
    assert set(threads(tracker)) == {TOPIC}


async def test_talk_in_a_topic_that_the_bot_made_is_no_answer_to_it(
    tracker: BotUnderTest, ben_there: GroupPhone
) -> None:
    """What stands in a topic "replies" to the message that made it."""
    await ben_there.send("hello", **IN_TOPIC, reply_to_message=MADE)
    assert GROUP not in tracker.sender.chats


async def test_a_notification_is_sent_into_its_topic(tracker: BotUnderTest) -> None:
    db = tracker.deps.db
    async with db.unit_of_work() as session:
        await notify(session, Notification("a", GROUP, "watch-final", thread_id=TOPIC))
        await notify(session, Notification("b", BEN, "watch-final"))
    sender = RecordingSender()
    await deliver_due_notifications(
        db, DeliveryPorts(sender, PlainRenderer(), FakeClaims(), ()), Lane.NOTIFICATION
    )
    async with db.unit_of_work() as session:
        rows = {row.chat_id: row.thread_id for row in await session.scalars(select(OutboxMessage))}
    assert rows == {GROUP: TOPIC, BEN: None}
    sent = {
        chat_id: thread for (chat_id, _), thread in zip(sender.sent, sender.threads, strict=True)
    }
    assert sent == rows
