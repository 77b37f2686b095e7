"""Topics as the world's forum has them."""

import pytest
from aiogram import Bot

from app.clients.telegram.forum_topics import TelegramForumTopics
from app.domain.ports import ChatRestrictedError, PortError, TopicGoneError
from tests.clients.telegram.conftest import ANNA, Telegram

GROUP = -1002200000001


@pytest.fixture
def topics(bot: Bot) -> TelegramForumTopics:
    return TelegramForumTopics(bot)


async def make_forum(telegram: Telegram) -> None:
    path = f"/world/groups/{GROUP}"
    await telegram.post(f"{path}/topics", name="News", person_id=ANNA)
    await telegram.post(f"{path}/bot", status="administrator")


async def forum(telegram: Telegram) -> dict[str, dict[str, object]]:
    groups = (await telegram.state())["groups"]
    found = next(group for group in groups if group["id"] == GROUP)
    topics: dict[str, dict[str, object]] = found["topics"]
    return topics


async def test_only_a_forum_where_the_bot_manages_topics_is_fit(
    telegram: Telegram, topics: TelegramForumTopics
) -> None:
    assert not await topics.can_manage(GROUP)
    await telegram.post(f"/world/groups/{GROUP}/topics", name="News", person_id=ANNA)
    assert not await topics.can_manage(GROUP)
    with pytest.raises(ChatRestrictedError):
        await topics.create(GROUP, "Anna")
    await telegram.post(f"/world/groups/{GROUP}/bot", status="administrator")
    assert await topics.can_manage(GROUP)
    with pytest.raises(PortError):
        await topics.can_manage(-1002209999999)


async def test_a_topic_is_made_closed_reopened_and_deleted(
    telegram: Telegram, topics: TelegramForumTopics
) -> None:
    await make_forum(telegram)
    thread_id = await topics.create(GROUP, "Анна <b>" + "я" * 200)
    assert len(str((await forum(telegram))[str(thread_id)]["name"])) == 128
    for _ in range(2):
        await topics.close(GROUP, thread_id)
    assert (await forum(telegram))[str(thread_id)]["closed"] is True
    for _ in range(2):
        await topics.reopen(GROUP, thread_id)
    assert (await forum(telegram))[str(thread_id)]["closed"] is False
    await topics.delete(GROUP, thread_id)
    assert str(thread_id) not in await forum(telegram)
    with pytest.raises(TopicGoneError):
        await topics.reopen(GROUP, thread_id)
