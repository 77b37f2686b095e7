"""The operator's day by clicks: what needs a decision, read, tried again, settled in words."""

import pytest
from playwright.sync_api import expect

from tests.browser.phone import Phone
from tests.support.shop import OLGA

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
