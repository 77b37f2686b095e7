"""Support in a forum: who may set it, whose messages go out, and how an answer gets there."""

from typing import Any

import pytest
from sqlalchemy import select

from app.bot.renderer import ScreenRenderer
from app.db.models import AuditEntry, ConversationMessage
from app.domain.messages import CopiedMessage, Lane
from app.domain.operator_roles import OperatorRole
from app.services.notifications.outbox import DeliveryPorts, deliver_due_notifications
from app.services.operations.quick_answers import add_quick_answer
from tests.bot.conftest import ANNA, BEN, OLGA, BotUnderTest
from tests.bot.phone import labels
from tests.bot.tracking.group import GROUP, GroupPhone, KnownAccount, in_group
from tests.support.fake_topics import FakeTopics
from tests.support.fakes import FakeClaims
from tests.support.staff import appoint

SAM = 1007
PHOTO = [{"file_id": "x", "file_unique_id": "x", "width": 1, "height": 1}]


def topic(thread_id: int = 100) -> dict[str, Any]:
    return {"message_thread_id": thread_id, "is_topic_message": True}


@pytest.fixture
def topics(closed_shop: BotUnderTest) -> FakeTopics:
    topics = FakeTopics()
    closed_shop.change(topics=topics, account=KnownAccount())
    return topics


@pytest.fixture
def olga_there(closed_shop: BotUnderTest, topics: FakeTopics) -> GroupPhone:  # noqa: ARG001
    return in_group(closed_shop.phone(OLGA, "Olga", "en"))


@pytest.fixture
async def asked(
    closed_shop: BotUnderTest, olga_there: GroupPhone, topics: FakeTopics
) -> BotUnderTest:
    """The forum is set, and Ben has asked in it."""
    await olga_there.send("/forum")
    await closed_shop.ben.send("/support")
    await closed_shop.ben.send("Where is my <key>?")
    await deliver(closed_shop, topics)
    return closed_shop


async def deliver(bot: BotUnderTest, topics: FakeTopics) -> None:
    ports = DeliveryPorts(
        bot.sender, ScreenRenderer(), FakeClaims(), (OLGA,), KnownAccount(), topics
    )
    while (await deliver_due_notifications(bot.deps.db, ports, Lane.NOTIFICATION))["claimed"]:
        pass


async def test_a_question_stands_in_the_users_topic_below_their_card(
    asked: BotUnderTest, olga_there: GroupPhone, topics: FakeTopics
) -> None:
    assert topics.names == {100: "Ben"}
    card, question = olga_there.chat[-2:]
    assert [asked.sender.threads[shown.message_id] for shown in (card, question)] == [100, 100]
    assert card.screen.buttons[0][0].url == f"https://t.me/tollgate_bot?start=u_{BEN}"
    assert question.screen.text == "👤 Where is my &lt;key&gt;?"
    assert labels(question.screen) == ["⚡ Quick answer", "✅ Close"]
    assert OLGA not in asked.sender.chats


async def test_what_operators_write_in_a_topic_goes_to_its_user(
    asked: BotUnderTest, olga_there: GroupPhone, topics: FakeTopics
) -> None:
    """Who answered is on record; photos come as copies, each part of an album by itself."""
    await olga_there.send("It is on its way", **topic())
    photos = [await olga_there.send(photo=PHOTO, media_group_id="7", **topic()) for _ in range(2)]
    shown = len(olga_there.chat)
    await deliver(asked, topics)
    assert len(olga_there.chat) == shown
    texts = [one.screen.text for one in asked.ben.chat]
    assert any("It is on its way" in text for text in texts)
    copies = [one.screen.copied for one in asked.ben.chat if one.screen.copied]
    assert copies == [CopiedMessage(GROUP, photo) for photo in photos]
    async with asked.deps.db.read_only() as session:
        actions = await session.scalars(
            select(AuditEntry.actor).where(AuditEntry.action == "question_answered")
        )
        assert actions.all() == [f"user:{OLGA}"] * 3
        written = await session.scalars(select(ConversationMessage.operator_id))
        assert sorted(written.all(), key=str) == [OLGA, OLGA, OLGA, None]


async def test_of_others_commands_and_other_topics_nothing_goes_out(
    asked: BotUnderTest, olga_there: GroupPhone, topics: FakeTopics
) -> None:
    sam_there = in_group(asked.phone(SAM, "Sam", "en"))
    before = len(asked.ben.chat)
    await sam_there.send("I am no operator", **topic())
    await olga_there.send("/note for us", **topic())
    await olga_there.send("Elsewhere", **topic(555))
    await olga_there.send("In General")
    await deliver(asked, topics)
    assert len(asked.ben.chat) == before
    await appoint(asked.deps.db, SAM, OperatorRole.SUPPORT)
    await sam_there.send("Now I am", **topic())
    await deliver(asked, topics)
    assert len(asked.ben.chat) == before + 1


async def test_a_quick_answer_is_sent_by_two_taps(
    asked: BotUnderTest, olga_there: GroupPhone, topics: FakeTopics
) -> None:
    await add_quick_answer(asked.deps.db, OLGA, "Wait", "One moment <please>")
    await olga_there.tap("topicquick")
    assert labels(olga_there.screen) == ["Wait"]
    await olga_there.tap("topicsend")
    assert "One moment &lt;please&gt;" in olga_there.screen.text
    await deliver(asked, topics)
    assert "One moment &lt;please&gt;" in asked.ben.screen.text


async def test_closing_by_a_button_or_by_the_topic_ends_the_conversation(
    asked: BotUnderTest, olga_there: GroupPhone, topics: FakeTopics
) -> None:
    answer = await olga_there.tap("topicclose")
    assert answer is not None
    assert answer.text == "Closed ✓"
    await deliver(asked, topics)
    assert topics.closed == {100}
    assert "closed" in asked.ben.text
    await asked.ben.send("/support")
    await asked.ben.send("One more")
    await deliver(asked, topics)
    assert topics.closed == set()
    await olga_there.send(None, forum_topic_closed={}, **topic())
    await deliver(asked, topics)
    assert topics.closed == {100}


async def test_only_owners_and_managers_set_a_fit_group_and_take_it_back(
    closed_shop: BotUnderTest, olga_there: GroupPhone, topics: FakeTopics
) -> None:
    await appoint(closed_shop.deps.db, ANNA, OperatorRole.SUPPORT)
    anna_there = in_group(closed_shop.anna)
    await anna_there.send("/forum")
    assert anna_there.chat == []
    topics.is_manager = False
    await olga_there.send("/forum")
    assert "doesn’t work here yet" in olga_there.text
    topics.is_manager = True
    await olga_there.send("/forum")
    assert "Questions come here now" in olga_there.text
    await anna_there.tap("forumoff")
    assert "Questions come here now" in olga_there.text
    await olga_there.tap("forumoff")
    assert "own chat again" in olga_there.text
    await closed_shop.ben.send("/support")
    await closed_shop.ben.send("Hello?")
    await deliver(closed_shop, topics)
    assert topics.names == {}
    assert "Hello?" in closed_shop.olga.text
