"""The rest of the shop by clicks: what is free, other payment methods, and friends."""

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.phone import Phone
from tests.browser.sandbox import Sandbox
from tests.support.shop import ANNA, BEN

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.mark.parametrize(
    ("language", "offer", "ready"),
    [
        pytest.param("ru", "Попробуйте бесплатно", "Это пробный доступ до", id="ru"),
        pytest.param("en", "Try it for free", "This is your free trial until", id="en"),
    ],
)
def test_a_newcomer_tries_for_free(
    phone: Phone, sandbox: Sandbox, language: str, offer: str, ready: str
) -> None:
    """P2: two taps from the greeting to one key, and no second trial."""
    phone.add(f"Trier {language}", language)
    menu = phone.start()
    phone.key(menu, "trial:").click()
    expect(menu).to_contain_text(offer)
    delivery = phone.next_message()
    phone.key(menu, "try:").click()
    expect(delivery).to_contain_text(ready)
    link = phone.expect_key(delivery)
    assert httpx.get(link).is_success
    assert [one["created_calls"] for one in sandbox.accounts(link)] == [1]

    menu = phone.say("/menu")
    expect(phone.key(menu, "plans")).to_be_visible()
    expect(phone.key(menu, "trial:")).to_have_count(0)


def test_a_plan_is_paid_for_with_stars(phone: Phone, sandbox: Sandbox) -> None:
    """P1, P2: the window asks for the order's Stars, takes them, and the key comes."""
    phone.add("Stella", "ru")
    phone.start()
    message = phone.open_order()
    delivery = phone.messages.last
    phone.pay_stars(message, 300)
    expect(phone.see("notice")).to_contain_text("300")
    expect(delivery).to_contain_text("Ваш ключ готов!")
    link = phone.expect_key(delivery)
    assert [one["created_calls"] for one in sandbox.accounts(link)] == [1]
    expect(phone.see("person-stars")).to_have_text("9,700")


def test_a_code_for_everything_leaves_nothing_to_pay(phone: Phone) -> None:
    """No payment is waited for that never comes."""
    phone.add("Felix")
    phone.start()
    question = phone.open_order()
    phone.key(question, "promo:").click()
    expect(question).to_contain_text("Promo code")
    order = phone.say("free100")
    expect(order).to_contain_text("To pay: $0.00")
    expect(order.locator('[data-testid^="key-pay:"]')).to_have_count(1)
    phone.key(order, "pay:").click()
    expect(order).to_contain_text("nothing to pay")
    delivery = phone.messages.filter(has_text="Your key is ready!")
    expect(delivery).to_have_count(1)
    phone.expect_key(delivery)


def test_a_code_takes_a_share_off_the_next_order(phone: Phone) -> None:
    phone.add("Пётр", "ru")
    menu = phone.start()
    phone.key(menu, "promo:").click()
    expect(menu).to_contain_text("Отправьте его одним сообщением")
    expect(phone.say("welcome20")).to_contain_text("на 20 % дешевле")
    order = phone.open_order(term=1)
    for line in ("Цена: 12,99 $", "Скидка: −2,60", "К оплате: 10,"):
        expect(order).to_contain_text(line)
    phone.key(order, "full:").click()
    expect(order).to_contain_text("К оплате: 12,99 $")
    expect(order).not_to_contain_text("Скидка")


def test_a_friend_who_came_by_a_link_brings_a_reward(phone: Phone) -> None:
    phone.hold(ANNA)
    friends = phone.start()
    phone.key(friends, "friends:").click()
    phone.key(friends, "https://t.me/share/").click()
    phone.click(f"share-{BEN}")  # and Ben's phone is in our hand
    greeting = phone.next_message(after=1)
    phone.click("received-open")
    expect(greeting).to_contain_text("Anna sent you")
    phone.expect_key(phone.pay(phone.order()))

    expect(phone.see(f"unread-{ANNA}")).to_have_text("2")
    phone.hold(ANNA)
    expect(phone.messages.filter(has_text="Ben теперь с нами")).to_have_count(1)
    reward = phone.messages.filter(has_text="Награда за друга")
    expect(reward).to_contain_text("0,49 $ на баланс")
    phone.key(reward, "friends:").click()
    page = phone.messages.filter(has_text="Пришли: 1 · оплатили: 1")
    expect(page).to_contain_text("Вы заработали: 0,49 $")


def test_a_topped_up_balance_pays_for_a_plan(phone: Phone) -> None:
    """P1: what comes in stays until it is spent, and only so much."""
    phone.add("Wanda")
    phone.start()
    message = phone.say("/balance")
    phone.key(message, "amounts").click()
    phone.key(message, "topup:").click()
    expect(message).to_contain_text("Adding $5.00 to your balance")
    phone.pay_stars(message, 300)
    expect(message).to_contain_text("You now have $5.00")

    order = phone.open_order()
    phone.choose_method(order, "balance")
    expect(order).to_contain_text("Payment received: $4.99")
    delivery = phone.messages.filter(has_text="Your key is ready!")
    phone.expect_key(delivery)
    balance = phone.say("/balance")
    expect(balance).to_contain_text("Balance: $0.01")
    phone.key(balance, "history").click()
    for line in ("−$4.99", "+$5.00"):
        expect(balance).to_contain_text(line)


def test_what_the_balance_paid_is_confirmed_once(phone: Phone) -> None:
    """P4: the order itself becomes the receipt."""
    phone.add("Otto")
    phone.start()
    order = phone.open_order()
    phone.key(order, "promo:").click()
    order = phone.say("free100")
    phone.key(order, "pay:").click()
    phone.expect_key(phone.messages.filter(has_text="Your key is ready!"))
    expect(phone.messages.filter(has_text="nothing to pay")).to_have_count(1)


def test_part_of_a_price_comes_from_the_balance(phone: Phone, sandbox: Sandbox) -> None:
    phone.add("Рита", "ru")
    phone.start()
    message = phone.say("/balance")
    phone.key(message, "amounts").click()
    phone.key(message, "topup:").click()
    phone.pay_stars(message, 300)
    expect(message).to_contain_text("Теперь на нём 5,00 $")
    order = phone.open_order(term=1)
    phone.key(order, "use:").click()
    expect(order).to_contain_text("С баланса: −5,00 $")
    expect(order).to_contain_text("К оплате: 7,99 $")
    phone.choose_method(order, "cryptobot")
    expect(phone.key(order, "paid:")).to_be_visible()
    phone.expect_key(phone.pay(order))
    assert sandbox.state()["invoices"][-1]["amount"] == "7.99"
    expect(phone.say("/balance")).to_contain_text("Баланс: 0,00 $")


def test_a_new_key_ends_the_old_one(phone: Phone, sandbox: Sandbox) -> None:
    phone.add("Nora")
    phone.start()
    old = phone.expect_key(phone.pay(phone.order()))
    page = phone.say("/subscription")
    phone.key(page, "newlink:").click()
    expect(page).to_contain_text("The old key stops working")
    delivery = phone.next_message()
    phone.key(page, "relink:").click()
    expect(delivery).to_contain_text("Your new key")
    new = phone.expect_key(delivery)
    assert new != old
    sandbox.wait_until_forgotten(old)
    assert len(sandbox.accounts(new)) == 1
    expect(phone.say("/subscription")).to_contain_text(new)


@pytest.mark.parametrize("asking", ["/promo", "/support"])
def test_a_command_leaves_whatever_the_bot_was_asking(phone: Phone, asking: str) -> None:
    phone.add("Lea")
    phone.start()
    phone.say(asking)
    expect(phone.say("/help")).to_contain_text("How to buy?")
