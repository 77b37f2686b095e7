"""Forums: where a message stands, and what Telegram says of a topic that is closed or gone."""

import pytest

from tests.sandbox.world.peers import Api, Json, Service

GROUP, ANNA, BEN = -1002200000001, 1001, 1002
THREAD_NOT_FOUND = "Bad Request: message thread not found"


@pytest.fixture
async def thread_id(control: Api) -> int:
    topic = await control(f"groups/{GROUP}/topics", name="Payments", person_id=ANNA)
    assert topic["topics"] == {str(topic["thread_id"]): {"name": "Payments", "closed": False}}
    return int(topic["thread_id"])


async def post(telegram: Api, thread_id: int | None = None, chat_id: int = GROUP) -> Json:
    place = {} if thread_id is None else {"message_thread_id": thread_id}
    return await telegram("sendMessage", chat_id=chat_id, text="A card", **place)


def place_of(message: Json) -> tuple[int | None, bool]:
    return message.get("message_thread_id"), message.get("is_topic_message", False)


@pytest.mark.usefixtures("webhook")
async def test_what_users_write_in_a_topic_says_so(
    control: Api, service: Service, thread_id: int
) -> None:
    path = f"people/{BEN}/send"
    await control(path, text="/fees", chat_id=GROUP, message_thread_id=thread_id)
    await control(path, text="/fees", chat_id=GROUP)
    await service.until(lambda: len(service.updates) == 3)
    made, inside, general = (update["message"] for update in service.updates)
    assert made["forum_topic_created"]["name"] == "Payments"
    assert place_of(made) == place_of(inside) == (thread_id, True)
    assert inside["reply_to_message"]["message_id"] == thread_id
    assert inside["chat"]["is_forum"] is True
    assert place_of(general) == (None, False)


async def test_the_bot_writes_where_it_is_asked_to(telegram: Api, thread_id: int) -> None:
    sent = (await post(telegram, thread_id))["result"]
    answered = await telegram(
        "sendMessage",
        chat_id=GROUP,
        text="x",
        reply_parameters={"message_id": sent["message_id"]},
    )
    edited = await telegram(
        "editMessageText", chat_id=GROUP, message_id=sent["message_id"], text="Another"
    )
    for one in (sent, answered["result"], edited["result"]):
        assert place_of(one) == (thread_id, True)
    assert place_of((await post(telegram))["result"]) == (None, False)


async def test_a_topic_that_nobody_made_and_general_by_its_number_are_not_found(
    telegram: Api, thread_id: int, anna: int
) -> None:
    for chat_id, wrong in ((GROUP, thread_id + 1), (GROUP, 1), (anna, 5)):
        assert (await post(telegram, wrong, chat_id))["description"] == THREAD_NOT_FOUND


async def test_a_closed_topic_refuses_and_a_deleted_one_is_gone(
    control: Api, telegram: Api, thread_id: int
) -> None:
    path = f"groups/{GROUP}/topics"
    await control(f"{path}/{thread_id}", closed=True)
    closed = await post(telegram, thread_id)
    await control(f"{path}/{thread_id}", closed=False, deleted=True)
    deleted = await post(telegram, thread_id)
    await control(f"{path}/1", closed=True)
    general = await post(telegram)
    said = [one["description"] for one in (closed, deleted, general)]
    assert said == ["Bad Request: TOPIC_CLOSED", THREAD_NOT_FOUND, "Bad Request: TOPIC_CLOSED"]
    assert (await control.post(f"{path}/{thread_id}", closed=True)).status_code == 404


async def test_a_bot_that_manages_the_group_makes_and_closes_topics(
    control: Api, telegram: Api, thread_id: int
) -> None:
    refused = await telegram("createForumTopic", chat_id=GROUP, name="Bot's")
    assert refused["description"] == "Bad Request: not enough rights to create a topic"
    await control(f"groups/{GROUP}/bot", status="administrator")
    made = (await telegram("createForumTopic", chat_id=GROUP, name="Bot's"))["result"]
    ids = {"chat_id": GROUP, "message_thread_id": made["message_thread_id"]}
    assert place_of((await post(telegram, made["message_thread_id"]))["result"])[1]
    assert (await telegram("editForumTopic", **ids, name="Receipts"))["ok"]
    again = await telegram("editForumTopic", **ids, name="Receipts")
    assert again["description"] == "Bad Request: TOPIC_NOT_MODIFIED"
    done = [
        (await telegram(f"{what}ForumTopic", **ids))["ok"] for what in ("close", "reopen", "delete")
    ]
    assert done == [True] * 3
    assert (await post(telegram, made["message_thread_id"]))["description"] == THREAD_NOT_FOUND
    assert (await post(telegram, thread_id))["ok"] is True


async def test_a_bot_that_manages_the_group_closes_general_and_opens_it(
    control: Api, telegram: Api, thread_id: int
) -> None:
    await control(f"groups/{GROUP}/bot", status="administrator")
    assert (await telegram("closeGeneralForumTopic", chat_id=GROUP))["ok"]
    twice = await telegram("closeGeneralForumTopic", chat_id=GROUP)
    assert twice["description"] == "Bad Request: TOPIC_NOT_MODIFIED"
    assert (await post(telegram, thread_id))["ok"] is True
    assert (await telegram("reopenGeneralForumTopic", chat_id=GROUP))["ok"]


@pytest.mark.usefixtures("webhook")
async def test_in_a_group_without_topics_a_reply_has_a_thread_that_is_no_topic(
    control: Api, telegram: Api, service: Service
) -> None:
    card = (await post(telegram))["result"]["message_id"]
    path = f"people/{BEN}/send"
    await control(path, text="/fees", chat_id=GROUP, reply_to_message_id=card)
    await service.until(lambda: bool(service.updates))
    assert place_of(service.updates[0]["message"]) == (card, False)
    assert place_of((await post(telegram, card))["result"]) == (None, False)
