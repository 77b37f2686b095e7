"""One sandbox and one window for a module; a page of its own, and whole knobs, for each test."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.browser.phone import LAPTOP, Phone, open_window
from tests.browser.sandbox import PATIENCE_SECONDS, Sandbox


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    # For a module alone: Playwright's loop runs all that time, and async tests need theirs.
    expect.set_options(timeout=PATIENCE_SECONDS * 1000)
    with sync_playwright() as playwright:
        yield playwright.chromium.connect(chromium)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    sandbox = Sandbox(tmp_path_factory.mktemp("sandbox") / "data")
    sandbox.start("--fresh")
    yield sandbox
    sandbox.stop()


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """Give the laptop's: opening one costs the processor more than a page in it does."""
    window = open_window(browser, *LAPTOP)
    window.new_page()  # keeps it open between the tests
    yield window
    window.close()


@pytest.fixture
def phone(window: BrowserContext, sandbox: Sandbox) -> Iterator[Phone]:
    """The page on a laptop; whatever goes wrong in it fails the test."""
    phone = Phone(window.new_page())
    phone.page.goto(sandbox.url)
    yield phone
    problems = list(phone.problems)  # closing the page breaks off what is still under way
    phone.page.evaluate("localStorage.clear()")
    phone.page.close()
    window.clear_cookies()
    window.clear_permissions()
    sandbox.put_right()
    assert problems == []
