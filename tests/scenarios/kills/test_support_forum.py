"""The process is killed while a user's topic is made, written to and answered from."""

from typing import Any

import pytest

from tests.support.eventually import eventually
from tests.support.killing import Site, Where, answered, at_commit, before, marked
from tests.support.shop import OLGA, ChatUser, text_of

GROUP = -1002200000001
TOPIC = ("UPDATE ON conversations", "OLD.topic_id IS NULL AND NEW.topic_id IS NOT NULL")
ANSWERED = ("INSERT ON conversation_messages", "NEW.operator_id IS NOT NULL")
ASKING = {
    "the topic was made": answered("/createForumTopic"),
    "the topic is not recorded": before(*TOPIC),
    "the topic's commit was sent": at_commit(*TOPIC),
    "its card stands": answered("/sendMessage", b"start=u_"),
    "the question stands": answered("/sendMessage", b"Where is my key"),
    "it is not marked": before(*marked("topic-question")),
}
ANSWERING = {
    "the answer is not stored": before(*ANSWERED),
    "the answer's commit was sent": at_commit(*ANSWERED),
}

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
async def asking(site: Site, buyer: ChatUser) -> ChatUser:
    """The forum is set."""
    world = site.sut.world
    path = f"/world/groups/{GROUP}"
    if not await _topics(site):
        await world.http.post(f"{path}/members", json={"person_id": OLGA, "status": "member"})
        await world.http.post(f"{path}/topics", json={"name": "News", "person_id": OLGA})
        await world.http.post(f"{path}/bot", json={"status": "administrator"})
        await world.user(OLGA).send("/start")
        await _say_there(site, "/forum")
        await eventually(lambda: _find(site, "Questions come here now", "Вопросы теперь"))
    await buyer.send("/support")
    await buyer.wait_for(lambda message: "Write your question" in text_of(message))
    return buyer


async def _topics(site: Site) -> dict[str, Any]:
    groups = (await site.sut.world.state())["groups"]
    topics: dict[str, Any] = next(one for one in groups if one["id"] == GROUP)["topics"]
    return topics


async def _messages(site: Site) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = (await site.sut.world.state())["chats"][str(GROUP)]["messages"]
    return messages


async def _say_there(site: Site, text: str, thread_id: int | None = None) -> None:
    body = {"chat_id": GROUP, "text": text, "message_thread_id": thread_id}
    answer = await site.sut.world.http.post(f"/world/people/{OLGA}/send", json=body)
    answer.raise_for_status()


async def _find(site: Site, *parts: str) -> dict[str, Any] | None:
    found = [one for one in await _messages(site) if any(part in text_of(one) for part in parts)]
    return found[-1] if found else None


async def _question_of(site: Site, buyer: ChatUser) -> dict[str, Any]:
    return await eventually(lambda: _find(site, f"{buyer.id}: Where is my key"))


@pytest.mark.parametrize("where", ASKING.values(), ids=ASKING.keys())
async def test_a_question_survives_a_kill(site: Site, asking: ChatUser, where: Where) -> None:
    """P3: it stands in the topic that the conversation has, below the user's card."""
    async with where(site) as stop:
        await asking.send(f"{asking.id}: Where is my key?")
        await stop.wait_reached()
        await site.instance.kill()
    await site.start_again()

    question = await _question_of(site, asking)
    rows = await site.books.rows("SELECT topic_id FROM conversations WHERE user_id = $1", asking.id)
    assert [row["topic_id"] for row in rows] == [question["message_thread_id"]]
    there = [
        one
        for one in await _messages(site)
        if one.get("message_thread_id") == question["message_thread_id"] and one.get("text")
    ]
    assert f"({asking.id})" in text_of(there[0])


@pytest.mark.parametrize("where", ANSWERING.values(), ids=ANSWERING.keys())
async def test_an_answer_survives_a_kill(site: Site, asking: ChatUser, where: Where) -> None:
    """P2, P4: the user gets it once."""
    await asking.send(f"{asking.id}: Where is my key?")
    question = await _question_of(site, asking)
    async with where(site) as stop:
        await _say_there(site, "Here it is", question["message_thread_id"])
        await stop.wait_reached()
        await site.instance.kill()
    await site.start_again()

    await asking.wait_for(lambda message: "Here it is" in text_of(message))
    answers = [one for one in await asking.messages() if "Here it is" in text_of(one)]
    assert len(answers) == 1
