"""One sandbox and one browser for a module; a page of its own, and whole knobs, for each test."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.phone import LAPTOP, Phone, launch, open_page
from tests.browser.sandbox import Sandbox


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        if browser is None:
            pytest.skip("Chromium is missing: apt-get install chromium")
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    sandbox = Sandbox(tmp_path_factory.mktemp("sandbox") / "data")
    sandbox.start("--fresh")
    yield sandbox
    sandbox.stop()


@pytest.fixture
def phone(browser: Browser, sandbox: Sandbox) -> Iterator[Phone]:
    """The page on a laptop; whatever goes wrong in it fails the test."""
    phone = Phone(open_page(browser, *LAPTOP))
    phone.page.goto(sandbox.url)
    yield phone
    problems = list(phone.problems)  # closing the page breaks off what is still under way
    phone.page.close()
    sandbox.put_right()
    assert problems == []
