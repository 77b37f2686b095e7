"""The whole purchase by clicks, in the page that `make run` shows."""

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.phone import Phone, open_page
from tests.browser.sandbox import Sandbox
from tests.support.shop import ANNA, BEN, OLGA

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

_DAY_SECONDS = 86_400


@pytest.mark.parametrize(
    ("person", "greeting", "ready", "copy"),
    [
        pytest.param(ANNA, "Привет, Anna!", "Ваш ключ готов!", "Скопировать ключ", id="ru"),
        pytest.param(BEN, "Hi, Ben!", "Your key is ready!", "Copy the key", id="en"),
    ],
)
def test_a_purchase_by_clicks_ends_with_a_key_and_its_qr_code(
    phone: Phone, sandbox: Sandbox, person: int, greeting: str, ready: str, copy: str
) -> None:
    """P1, P2: one payment, one account on the panel, one message with its key."""
    phone.hold(person)
    menu = phone.start()
    expect(menu).to_contain_text(greeting)
    phone.key(menu, "plans").click()
    phone.choose(menu, term=1)
    phone.key(menu, "pay:").click()
    delivery = phone.messages.last
    menu.locator('[data-testid*="#invoice-"]').click()
    expect(phone.see("invoice-amount")).to_have_text("12.99 USD")
    phone.click("asset-TON")
    phone.click("invoice-pay")
    expect(phone.see("invoice-paid")).to_be_visible()
    expect(phone.see("invoice-sheet")).to_have_count(0)  # it leaves by itself

    expect(delivery).to_contain_text(ready)
    link = phone.expect_key(delivery)
    (account,) = (one for one in sandbox.state()["panel_users"] if f"u{person}_" in one["name"])
    assert (account["subscription_url"], account["created_calls"]) == (link, 1)
    assert httpx.get(link).is_success
    delivery.get_by_test_id("photo").click()
    expect(phone.see("viewer").locator("img")).to_be_visible()
    phone.click("photo-close")
    delivery.get_by_role("button", name=copy).click()
    expect(phone.see("toast")).to_be_visible()
    expect(phone.messages).to_have_count(2)
    expect(phone.see("deliveries")).to_contain_text("invoice_paid")


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1440, 900)])
def test_the_key_comes_with_a_page_that_fits_and_connects(
    phone: Phone, browser: Browser, width: int, height: int
) -> None:
    """On a phone and on a laptop; without its script it copies nothing and does all the rest."""
    phone.add(f"Kate{width}")
    phone.start()
    delivery = phone.pay(phone.order())
    phone.expect_key(delivery)
    with phone.page.context.expect_page() as opened:
        delivery.locator('[data-testid*="/s/"]').click()
    address = opened.value.url
    opened.value.close()

    shop = Phone(open_page(browser, width, height))
    page = shop.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(address)
    expect(page.locator("h1")).to_contain_text("Until ")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#link").inner_text()
    page.get_by_role("link", name="По-русски").click()
    expect(page.locator("h1")).to_contain_text("До ")
    assert shop.problems == []
    page.context.close()

    plain = browser.new_page(java_script_enabled=False, viewport={"width": width, "height": height})
    plain.goto(address)
    expect(plain.locator("#copy")).to_be_hidden()
    plain.locator("summary", has_text="Android").click()
    expect(plain.get_by_role("link", name="Add to Happ")).to_have_attribute(
        "href", f"happ://add/{address}"
    )
    plain.close()


def test_a_user_can_switch_the_language_of_the_chat(phone: Phone) -> None:
    phone.add("Dora", "en")
    expect(phone.start()).to_contain_text("Hi, Dora!")
    choice = phone.next_message(after=1)
    phone.click("menu")
    phone.click("command-language")
    expect(choice).to_contain_text("Which language")
    phone.key(choice, "speak:ru").click()
    expect(phone.see("toast")).to_contain_text("по-русски")
    expect(phone.say("/help")).to_contain_text("Как купить?")
    expect(phone.say("what?")).to_contain_text("Здесь работают кнопки и команды")


def test_the_operator_has_a_refused_key_tried_again(phone: Phone, sandbox: Sandbox) -> None:
    """P2, P8: the buyer reads the truth, the operator presses, the key comes."""
    phone.hold(OLGA)
    phone.start()
    phone.turn("panel", "refusing")
    phone.add("Clara")
    phone.start()
    phone.pay(phone.order())
    expect(phone.messages.filter(has_text="couldn’t issue your key")).to_be_visible()
    delivery = phone.next_message()

    expect(phone.see(f"unread-{OLGA}")).to_have_text("1")
    phone.hold(OLGA)
    alarm = phone.messages.filter(has_text="Ключ не выдаётся").last
    expect(alarm).to_be_visible()
    phone.turn("panel", "ok")
    phone.key(alarm, "retry").click()
    expect(phone.see("toast")).to_be_visible()

    phone.hold(max(person["id"] for person in sandbox.state()["people"]))
    phone.expect_key(delivery)


def test_a_payment_that_no_webhook_reported_is_found(phone: Phone) -> None:
    """P1: polling settles what the webhook did not send, and the operator is warned of it."""
    phone.hold(OLGA)
    phone.start()
    phone.add("Emil")
    phone.start()
    phone.turn("payment_webhook", "lost")
    phone.expect_key(phone.pay(phone.order()))
    phone.hold(OLGA)
    alarm = phone.messages.filter(has_text="О платеже не сообщили")
    expect(alarm).to_have_count(1)


def test_a_payment_at_the_last_second_is_not_lost(phone: Phone) -> None:
    """P1: PAID beats EXPIRED, however late it comes."""
    phone.add("Fred")
    phone.start()
    message = phone.order()
    delivery = phone.messages.last
    message.locator('[data-testid*="#invoice-"]').click()
    phone.click("invoice-expire")
    expect(phone.see("invoice-expired")).to_be_visible()
    expect(message).to_contain_text("This invoice is closed")
    phone.click("invoice-pay-late")
    expect(phone.see("invoice-paid")).to_be_visible()
    phone.close_sheet()
    phone.expect_key(delivery)


def test_who_blocked_the_bot_finds_what_was_paid_for_after_coming_back(phone: Phone) -> None:
    """P2: the key waits for a user who could not be notified."""
    phone.add("Greta")
    phone.start()
    message = phone.order()
    phone.click("block")
    expect(phone.see("restart")).to_be_visible()
    message.locator('[data-testid*="#invoice-"]').click()
    phone.click("invoice-pay")
    expect(phone.see("invoice-paid")).to_be_visible()
    phone.close_sheet()

    greeting = phone.next_message(after=1)
    phone.click("restart")
    expect(greeting).to_contain_text("Hi, Greta!")
    expect(phone.say("/subscription")).to_contain_text("/panel/sub/")


def test_skipped_time_ends_a_subscription(phone: Phone, sandbox: Sandbox) -> None:
    """P3: a user whose subscription ends is notified in the chat, and the panel removes the key."""
    phone.add("Hugo")
    phone.start()
    link = phone.expect_key(phone.pay(phone.order()))
    phone.click(f"skip-{_DAY_SECONDS}")
    expect(phone.see("clock-state")).to_contain_text("Moving the clock")
    expect(phone.see(f"skip-{_DAY_SECONDS}")).to_be_enabled()
    expect(phone.say("/subscription")).to_contain_text("28 days left")

    ending = phone.next_message()
    sandbox.skip(30 * _DAY_SECONDS)
    expect(ending).to_contain_text("Your subscription has ended")
    sandbox.wait_until_forgotten(link)  # removed beside the message, not before it


def test_ctrl_c_ends_everything_and_the_next_start_finds_its_data(
    phone: Phone, sandbox: Sandbox
) -> None:
    """P7: nothing is left running, and nothing is lost."""
    phone.add("Ida")
    phone.start()
    link = phone.expect_key(phone.pay(phone.order()))
    assert sandbox.press_ctrl_c() == (0, [])
    connection = phone.page.locator("#connection")
    expect(connection).to_contain_text("The sandbox is away")

    sandbox.start()
    expect(connection).to_contain_text("everything here is made up")  # the page came back alone
    expect(phone.messages.last).to_contain_text(link)
    expect(phone.say("/subscription")).to_contain_text(link)
    phone.problems.clear()  # while the sandbox was away
