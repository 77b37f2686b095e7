"""The operator's day by clicks: what needs a decision, and a conversation with a user."""

import pytest
from playwright.sync_api import expect

from tests.browser.phone import Phone
from tests.support.shop import BEN, OLGA

RITA = 1004  # the first who is added
REFUSED = "Ключ не выдаётся"

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_a_key_that_the_panel_refuses_is_an_operators_to_settle(phone: Phone) -> None:
    """P2, P3: one message, one item; both end together, and the buyer gets the key."""
    phone.hold(OLGA)
    phone.start()
    phone.turn("panel", "refusing")
    phone.add("Rita")
    phone.start()
    phone.pay(phone.order())

    phone.hold(OLGA)
    alert = phone.messages.filter(has_text=REFUSED).first
    expect(alert).to_be_visible()
    home = phone.say("/admin")
    expect(home).to_contain_text("Ключ не выдан: 1")
    phone.key(home, "attention").click()
    phone.key(home, "item").click()
    expect(home).to_contain_text(REFUSED)
    phone.turn("panel", "ok")
    phone.key(home, "retryitem").click()
    expect(home).to_contain_text("Закрыто")
    expect(alert).to_contain_text("Закрыто")
    expect(phone.key(alert, "item")).to_have_count(0)
    phone.key(home, "attention").click()
    expect(home).to_contain_text("Ничего не ждёт решения")

    phone.hold(RITA)
    expect(phone.messages.last).to_contain_text("Your key is ready!")


def test_an_operator_sees_the_shop_s_charts_in_one_message(phone: Phone) -> None:
    phone.hold(OLGA)
    phone.start()
    home = phone.say("/admin")
    count = phone.messages.count()
    phone.key(home, "chart").click()
    picture = home.locator("img")
    for key, caption in {
        "chart:0:active": "Подписки · 30 дней",
        "chart:0:trials": "Пробный → оплата · 30 дней",
        "chart:0:renewals": "Продления · 30 дней",
        "chart:0:renewals:week": "Продления · 13 недель",
    }.items():
        expect(picture).to_be_visible()
        phone.key(home, key).click()
        expect(home).to_contain_text(caption)
    expect(picture).to_have_js_property("naturalWidth", 1280)
    assert phone.messages.count() == count


def test_a_user_and_an_operator_talk_until_it_is_solved(phone: Phone) -> None:
    """P3: what follows a question is passed on, and so is the answer, in both languages."""
    phone.hold(OLGA)
    phone.start()
    phone.hold(BEN)
    phone.start()
    asked = phone.say("/support")
    expect(asked).to_contain_text("Write your question")
    note = phone.say("Where is my key?")
    expect(note).to_contain_text("Passed on!")
    phone.see("input").fill("I paid an hour ago")
    phone.click("send")
    expect(note).to_contain_text("Passed on: 2 messages")

    phone.hold(OLGA)
    expect(phone.messages.filter(has_text="I paid an hour ago")).to_be_visible()
    home = phone.say("/admin")
    expect(home).to_contain_text("Ждут ответа: 1")
    phone.key(home, "questions").click()
    phone.key(home, "question:").click()
    expect(home).to_contain_text("I paid an hour ago")
    phone.key(home, "answer").click()
    expect(home).to_contain_text("Ответ для")
    expect(phone.say("It is on its way")).to_contain_text("Ответ передан")

    phone.hold(BEN)
    answer = phone.messages.last
    expect(answer).to_contain_text("It is on its way")
    phone.key(answer, "solved").click()
    expect(phone.messages.last).to_contain_text("Solved, great!")
    expect(phone.say("Thank you")).to_contain_text("couldn’t make sense of this one")
