"""The operator's web in a browser, from the button in the chat on.

With ADMIN_WEB_PICTURES=folder in the environment, each page is kept there at both widths.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.phone import Phone, open_page
from tests.browser.sandbox import Sandbox
from tests.support.shop import OLGA

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

WIDTHS = ((390, 844), (1440, 900))
PATHS = (
    *("charts", "users", "users/1003", "users/1003/write", "users/1003/days", "users/1003/balance"),
    *("users/1003/block", "users/1003/erase", "texts", "texts/ru/welcome", "faq/ru", "faq/ru/new"),
    *("orders", "ledger", "subscriptions", "promo-codes", "promo-codes/new", "broadcasts"),
    *("broadcasts/new", "outbox", "incidents", "failed-updates", "audit", "live"),
    *("settings", "settings/tokens", "settings/ways_off"),
)


@pytest.fixture
def web(browser: Browser) -> Iterator[Phone]:
    """A browser of its own, in which nothing may go wrong: no policy broken, nothing unfound."""
    context = browser.new_context(locale="en-GB", reduced_motion="reduce")
    web = Phone(context.new_page())
    yield web
    context.close()
    assert web.problems == []


def take_link(phone: Phone) -> str:
    """From the chat of the owner."""
    phone.hold(OLGA)
    phone.start()
    home = phone.say("/admin")
    phone.key(home, "adminweb").click()
    expect(home).to_contain_text("Магазин в браузере")
    key = phone.key(home, "http").get_attribute("data-testid")
    assert key
    return key.removeprefix("key-")


def keep_picture(page: Page, name: str) -> None:
    folder = os.environ.get("ADMIN_WEB_PICTURES")
    for width, height in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        # What is wider than the window would have to be pushed aside to be read.
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name} is {wide} px wide at {width}"
        if folder:
            page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)


def test_an_owner_comes_in_from_the_chat_and_leaves(
    phone: Phone, sandbox: Sandbox, web: Phone
) -> None:
    page = web.page
    page.goto(f"{sandbox.service_url}/admin")
    expect(page.locator("h1")).to_have_text("Sign in")
    keep_picture(page, "stranger")

    link = take_link(phone)
    page.goto(link)
    keep_picture(page, "login")
    page.get_by_role("button").click()
    expect(page.locator("h1")).to_have_text("Сегодня")
    expect(page.locator("footer")).to_contain_text("Olga · владелец")
    keep_picture(page, "home")
    for path in PATHS:
        page.goto(f"{sandbox.service_url}/admin/{path}")
        expect(page.locator("footer")).to_contain_text("Olga")
        keep_picture(page, path.replace("/", "-"))

    page.get_by_role("button", name="Выйти", exact=True).click()
    expect(page.locator("h1")).to_have_text("Sign in")
    page.goto(f"{sandbox.service_url}/admin")
    expect(page.locator("h1")).to_have_text("Sign in")


def test_the_page_of_the_sandbox_leads_there(phone: Phone, browser: Browser) -> None:
    link = phone.see("admin-web").get_attribute("href")
    assert link
    page = open_page(browser, *WIDTHS[1])
    page.goto(link)
    expect(page.get_by_role("link", name="Open the bot")).to_be_visible()
    page.close()


def test_what_runs_is_drawn_anew_by_itself(phone: Phone, sandbox: Sandbox, web: Phone) -> None:
    """Without a request to anybody else, and without losing the reader's place."""
    web.page.goto(take_link(phone))
    web.page.get_by_role("button").click()
    web.page.goto(f"{sandbox.service_url}/admin/live")
    outbox = web.page.locator("tr", has_text="outbox")
    outbox.evaluate("row => { row.dataset.old = '1'; }")
    expect(web.page.locator("tr[data-old]")).to_have_count(0, timeout=15_000)
    expect(outbox).to_contain_text("в порядке")
