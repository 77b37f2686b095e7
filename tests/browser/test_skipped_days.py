"""Days pass at a click, and users with something running get their notifications."""

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.phone import Phone
from tests.browser.sandbox import Sandbox

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

_DAY_SECONDS = 86_400
_NOON_UTC = 12  # the shop's waking hours are Moscow's


def test_three_days_skipped_end_a_trial(phone: Phone, sandbox: Sandbox) -> None:
    """P3, P4: one notification, an offer with it, and the panel has removed the key."""
    _go_to_noon(sandbox)
    phone.add("Кира", "ru")
    menu = phone.start()
    phone.key(menu, "trial:").click()
    delivery = phone.next_message()
    phone.key(menu, "try:").click()
    link = phone.expect_key(delivery)

    notification = phone.next_message()
    phone.click(f"skip-{3 * _DAY_SECONDS}")
    expect(phone.see("clock-state")).to_contain_text("Moving the clock")
    expect(notification).to_contain_text("Пробный доступ закончился")
    expect(phone.see(f"skip-{3 * _DAY_SECONDS}")).to_be_enabled()
    sandbox.wait_until_forgotten(link)
    phone.key(notification, "plans:").click()
    expect(phone.messages.last).to_contain_text("Тарифы")


def test_three_days_before_the_end_a_reminder_comes_and_a_renewal_keeps_the_key(
    phone: Phone, sandbox: Sandbox
) -> None:
    """P3, P4: reminded once; the days are added, and one account stays one."""
    phone.add("Mark")
    phone.start()
    link = phone.expect_key(phone.pay(phone.order()))
    notification = phone.next_message()
    _go_to_noon(sandbox, days=27)
    expect(notification).to_contain_text("Your subscription ends soon")
    order = phone.next_message()
    phone.key(notification, "renew:").click()
    expect(order).to_contain_text("Extends subscription")
    phone.choose_method(order, "cryptobot")
    expect(phone.key(order, "paid:")).to_be_visible()
    expect(phone.pay(order)).to_contain_text("your subscription runs until")
    expect(phone.messages.filter(has_text="Your subscription ends soon")).to_have_count(1)
    assert [one["created_calls"] for one in sandbox.accounts(link)] == [1]


def _go_to_noon(sandbox: Sandbox, days: int = 0) -> None:
    """Of today or tomorrow, and so many days later: a notification may be sent then."""
    now = datetime.fromisoformat(sandbox.state()["now"])
    noon = now.replace(hour=_NOON_UTC, minute=0, second=0, microsecond=0)
    if noon <= now:
        noon += timedelta(days=1)
    sandbox.skip(int((noon + timedelta(days=days) - now).total_seconds()))
