"""Support in a forum by clicks: the group is set, a user asks, and the topic answers."""

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.phone import Phone
from tests.browser.sandbox import Sandbox
from tests.support.shop import BEN, OLGA

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def make_forum(sandbox: Sandbox) -> int:
    """A group of Olga's with a topic; the bot is a member."""
    body = {"title": "Support", "kind": "supergroup", "members": [OLGA]}
    answer = httpx.post(f"{sandbox.url}/world/groups", json=body).raise_for_status()
    group_id = int(answer.json()["id"])
    topic = {"name": "News", "person_id": OLGA}
    httpx.post(f"{sandbox.url}/world/groups/{group_id}/topics", json=topic).raise_for_status()
    return group_id


def test_a_user_and_an_operator_talk_by_the_users_topic(phone: Phone, sandbox: Sandbox) -> None:
    phone.hold(OLGA)
    phone.start()
    group = f"chat-group-{make_forum(sandbox)}"
    phone.click(group)
    expect(phone.say("/forum")).to_contain_text("Здесь пока не получится")
    phone.click("chat-menu")
    phone.click("group-admin")
    forum = phone.say("/forum")
    expect(forum).to_contain_text("Вопросы теперь приходят сюда")

    phone.hold(BEN)
    phone.start()
    phone.say("/support")
    expect(phone.say("Where is my key?")).to_contain_text("Passed on!")

    phone.hold(OLGA)
    phone.click(group)
    expect(phone.messages.filter(has_text="Where is my key?")).to_be_visible()
    card = phone.messages.filter(has_text="Пишите в этой теме")
    expect(card).to_contain_text("Ben")
    phone.see("topic-choice").select_option(index=2)  # after General and News
    phone.see("input").fill("It is on its way")
    phone.click("send")

    phone.hold(BEN)
    answer = phone.messages.filter(has_text="It is on its way")
    expect(answer).to_be_visible()
    phone.key(answer, "solved").click()
    expect(phone.messages.last).to_contain_text("Solved, great!")

    phone.hold(OLGA)
    phone.click(group)
    expect(phone.messages.last).to_contain_text("Пользователь отметил, что всё решено")
    assert list(read_closed(sandbox).values()) == [False, True]  # News, and Ben's


def read_closed(sandbox: Sandbox) -> dict[str, bool]:
    group = next(one for one in sandbox.state()["groups"] if one["title"] == "Support")
    return {topic["name"]: topic["closed"] for topic in group["topics"].values()}
