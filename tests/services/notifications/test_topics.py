"""Support in a forum: a topic a user, made and mended when it is sent to, and nothing lost."""

from datetime import timedelta

import pytest

from app.db.models import Conversation, OutboxMessage, OutboxStatus
from app.domain.conversations import ConversationState
from app.domain.messages import Lane
from app.domain.ports import (
    ChatRestrictedError,
    RefusedError,
    TopicGoneError,
    UnavailableError,
    UnreachableError,
)
from app.services import group_chats
from app.services.notifications import support
from app.services.notifications.outbox import DeliveryPorts, deliver_due_notifications
from app.services.operations.support_forum import leave_support_forum, set_support_forum
from app.services.privacy.erasure import erase_user
from app.services.shop_settings import read_shop_settings
from app.services.tracking.cards.endings import leave_chat
from tests.conftest import Skip
from tests.support.fake_topics import FakeTopics
from tests.support.fakes import FakeClaims, PlainRenderer, RecordingSender
from tests.support.stall import ANNA, BEN, OLGA, OPERATORS, Stall

FORUM = -1_002_200_000_009


@pytest.fixture
def topics() -> FakeTopics:
    return FakeTopics()


@pytest.fixture
def sender() -> RecordingSender:
    return RecordingSender()


@pytest.fixture
def ports(sender: RecordingSender, topics: FakeTopics) -> DeliveryPorts:
    return DeliveryPorts(sender, PlainRenderer(), FakeClaims(), OPERATORS, topics=topics)


@pytest.fixture(autouse=True)
async def forum(stall: Stall, topics: FakeTopics) -> None:
    await group_chats.add_group(stall.db, FORUM, "Support", "en")
    assert await set_support_forum(stall.db, topics, OLGA, FORUM)


async def ask(stall: Stall, user_id: int, message_id: int, text: str = "?", **more: str) -> None:
    forum = (await read_shop_settings(stall.db)).support_forum
    await support.ask_operators(
        stall.db, user_id, f"Name {user_id}", message_id, text, **more, forum=forum
    )


async def deliver(stall: Stall, ports: DeliveryPorts) -> None:
    while (await deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION))["claimed"]:
        pass


async def talk_of(stall: Stall, user_id: int = ANNA) -> Conversation:
    (talk,) = await stall.rows(Conversation, Conversation.user_id == user_id)
    return talk


async def templates(stall: Stall, chat_id: int = FORUM) -> list[str]:
    rows = await stall.rows(
        OutboxMessage,
        OutboxMessage.chat_id == chat_id,
        OutboxMessage.status == OutboxStatus.SENT,
    )
    return [row.template for row in sorted(rows, key=lambda row: (row.sent_at, row.id))]


async def test_each_user_has_one_topic_with_the_card_first(
    stall: Stall, ports: DeliveryPorts, sender: RecordingSender, topics: FakeTopics
) -> None:
    await ask(stall, ANNA, 1, "How?")
    await ask(stall, ANNA, 2, "And when?")
    await ask(stall, BEN, 1, "", kind="photo")
    await deliver(stall, ports)
    await ask(stall, ANNA, 3)
    await deliver(stall, ports)
    assert topics.names == {100: f"Name {ANNA}", 101: f"Name {BEN}"}
    anna, ben = await talk_of(stall), await talk_of(stall, BEN)
    assert (anna.topic_chat_id, anna.topic_id, ben.topic_id) == (FORUM, 100, 101)
    # Two questions that wait together are one message: a group takes 20 a minute.
    by_topic = {
        thread: [
            text.partition(" ")[0]
            for (_, text), at in zip(sender.sent, sender.threads, strict=True)
            if at == thread
        ]
        for thread in (100, 101)
    }
    assert by_topic == {
        100: ["topic-card", "topic-question", "topic-question"],
        101: ["topic-card", "topic-question-copy"],
    }
    assert await templates(stall, OLGA) == []


async def test_an_answer_closes_nothing_and_a_close_closes_the_topic_until_the_next_question(
    stall: Stall, ports: DeliveryPorts, topics: FakeTopics
) -> None:
    await ask(stall, ANNA, 1)
    await deliver(stall, ports)
    await support.answer_user(stall.db, OLGA, ANNA, 7, "So.", chat_id=FORUM)
    await support.answer_user(stall.db, BEN, ANNA, 7, "In private.")
    await deliver(stall, ports)
    assert "topic-answered" in await templates(stall)
    assert await templates(stall, OLGA) == []
    assert (await templates(stall, ANNA)) == ["support-answer", "support-answer"]
    assert await support.close_conversation(stall.db, ANNA, OLGA)
    await deliver(stall, ports)
    assert topics.closed == {100}
    await ask(stall, ANNA, 2)
    await deliver(stall, ports)
    assert (topics.closed, topics.names) == (set(), {100: f"Name {ANNA}"})
    assert not (await talk_of(stall)).is_topic_closed


async def test_a_deleted_topic_is_made_anew(
    stall: Stall, ports: DeliveryPorts, sender: RecordingSender, topics: FakeTopics
) -> None:
    await ask(stall, ANNA, 1)
    await deliver(stall, ports)
    sender.failures[FORUM] = [TopicGoneError("message thread not found")]
    await ask(stall, ANNA, 2)
    await deliver(stall, ports)
    assert list(topics.names) == [100, 101]
    assert (await templates(stall))[-2:] == ["topic-card", "topic-question"]


@pytest.mark.parametrize(
    "failure",
    [
        UnreachableError("bot was kicked"),
        ChatRestrictedError("not enough rights to create a topic"),
        RefusedError("the chat is not a forum"),
    ],
)
async def test_what_the_forum_does_not_take_goes_to_the_operators_own_chats(
    stall: Stall, ports: DeliveryPorts, topics: FakeTopics, failure: Exception
) -> None:
    """P3: and they read once that the forum is lost."""
    for message_id in (1, 2):
        await ask(stall, ANNA, message_id)
        await ask(stall, BEN, message_id, "", kind="voice")
    topics.failures = [failure] * 4
    await deliver(stall, ports)
    assert sorted(await templates(stall, OLGA)) == [
        "operator-forum-lost",
        "operator-question",
        "operator-question-copy",
        "operator-question-copy",
    ]
    assert (await read_shop_settings(stall.db)).support_forum is None
    await ask(stall, ANNA, 3)
    await deliver(stall, ports)
    assert (await templates(stall, OLGA)).count("operator-question") == 2


async def test_a_bot_that_is_removed_loses_no_question_that_waits(
    stall: Stall, ports: DeliveryPorts, topics: FakeTopics
) -> None:
    await ask(stall, ANNA, 1)
    await deliver(stall, ports)
    await ask(stall, ANNA, 2, "Still here?")
    await leave_chat(stall.db, FORUM)
    assert (await talk_of(stall)).topic_id is None
    topics.failures = [UnreachableError("bot was kicked")]
    await deliver(stall, ports)
    assert sorted(await templates(stall, OLGA)) == ["operator-forum-lost", "operator-question"]


async def test_telegram_that_is_away_only_delays(
    stall: Stall, ports: DeliveryPorts, topics: FakeTopics, skip: Skip
) -> None:
    await ask(stall, ANNA, 1)
    topics.failures = [UnavailableError("away")]
    await deliver(stall, ports)
    assert topics.names == {}
    skip(timedelta(minutes=1))
    await deliver(stall, ports)
    assert await templates(stall) == ["topic-card", "topic-question"]


async def test_an_erasure_deletes_the_topic(
    stall: Stall, ports: DeliveryPorts, topics: FakeTopics
) -> None:
    await ask(stall, ANNA, 1)
    await deliver(stall, ports)
    await ask(stall, ANNA, 2)
    assert await erase_user(stall.db, ANNA, b"a")
    await deliver(stall, ports)
    assert topics.names == {}
    assert [row for row in await stall.rows(OutboxMessage) if row.values.get("person")] == []


async def test_operators_go_back_to_their_own_chats(
    stall: Stall, ports: DeliveryPorts, topics: FakeTopics
) -> None:
    await ask(stall, ANNA, 1)
    await deliver(stall, ports)
    await leave_support_forum(stall.db, OLGA, FORUM)
    await leave_support_forum(stall.db, OLGA, FORUM)
    await ask(stall, ANNA, 2)
    await support.answer_user(stall.db, BEN, ANNA, 9, "So.")
    await deliver(stall, ports)
    assert await templates(stall, OLGA) == ["operator-question", "operator-answered"]
    assert (await talk_of(stall)).state is ConversationState.ANSWERED
    assert len(topics.names) == 1


async def test_a_group_where_the_bot_may_make_no_topics_is_not_taken(
    stall: Stall, topics: FakeTopics
) -> None:
    topics.is_manager = False
    assert not await set_support_forum(stall.db, topics, OLGA, FORUM - 1)
    topics.failures = [UnreachableError("chat not found")]
    assert not await set_support_forum(stall.db, topics, OLGA, FORUM - 1)
    assert (await read_shop_settings(stall.db)).support_forum == FORUM
