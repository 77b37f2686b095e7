"""The page as the user of the phone sees it: what is clicked, and what is then to be seen."""

from dataclasses import dataclass, field

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Request,
    Response,
    expect,
)

from tests.browser.sandbox import PATIENCE_SECONDS

LAPTOP = (1280, 800)


def open_window(browser: Browser, width: int, height: int) -> BrowserContext:
    # No movements: a test need not wait for them, and a picture has nothing half way.
    window = browser.new_context(
        viewport={"width": width, "height": height}, locale="en-GB", reduced_motion="reduce"
    )
    window.set_default_timeout(PATIENCE_SECONDS * 1000)
    return window


def open_page(browser: Browser, width: int, height: int) -> Page:
    return open_window(browser, width, height).new_page()


@dataclass
class Phone:
    """`problems` collects everything that goes wrong in the page, which no user would see."""

    page: Page
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", self._on_error)
        self.page.on("console", self._on_console)
        self.page.on("requestfailed", self._on_failed)
        self.page.on("response", self._on_response)

    def _on_error(self, error: Error) -> None:
        self.problems.append(str(error))

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.problems.append(message.text)

    def _on_failed(self, request: Request) -> None:
        self.problems.append(f"{request.method} {request.url}: {request.failure}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self.problems.append(f"{response.status} {response.url}")

    def see(self, testid: str) -> Locator:
        return self.page.get_by_test_id(testid)

    def click(self, testid: str) -> None:
        self.see(testid).click()

    def hold(self, person_id: int) -> None:
        """Become that user."""
        self.click(f"person-{person_id}")
        expect(self.see(f"person-{person_id}")).to_have_attribute("aria-pressed", "true")

    def add(self, name: str, language: str = "en") -> None:
        """Become a user nobody knows yet."""
        self.click("add-person")
        self.see("new-name").fill(name)
        self.see("new-language").select_option(language)
        self.click("new-save")
        expect(self.page.locator(".person-words")).to_contain_text(name)

    @property
    def messages(self) -> Locator:
        return self.see("msg")

    def next_message(self, after: int = 0) -> Locator:
        """The one that comes next, or `after` that many others."""
        return self.messages.nth(self.messages.count() + after)

    def start(self) -> Locator:
        """Press Start, or write it where somebody has been before."""
        expect(self.see("start").or_(self.see("input")).first).to_be_visible()
        if not self.see("start").is_visible():
            return self.say("/start")
        greeting = self.next_message(after=1)
        self.click("start")
        expect(greeting).to_be_visible()
        return greeting

    def say(self, text: str) -> Locator:
        """Write it; what the bot answers."""
        answer = self.next_message(after=1)
        self.see("input").fill(text)
        self.click("send")
        expect(answer).to_be_visible()
        return answer

    def key(self, message: Locator, prefix: str) -> Locator:
        """The button whose callback data, or link, begins so."""
        return message.locator(f'[data-testid^="key-{prefix}"]').first

    def choose(self, message: Locator, term: int = 0) -> None:
        """From the plans to the order that asks how to pay; `term` counts from 0."""
        self.key(message, "plan:").click()
        message.locator('[data-testid^="key-buy:"]').nth(term).click()
        expect(self.key(message, "pay:")).to_be_visible()

    def open_order(self, term: int = 0) -> Locator:
        """From /plans to the order that asks how to pay."""
        message = self.say("/plans")
        self.choose(message, term)
        return message

    def choose_method(self, message: Locator, method: str) -> None:
        """`method` is the provider's name."""
        message.locator(f'[data-testid^="key-pay:"][data-testid$=":{method}"]').click()

    def order(self, term: int = 0) -> Locator:
        """From /plans to the message with the invoice of Crypto Pay."""
        message = self.open_order(term)
        self.choose_method(message, "cryptobot")
        expect(self.key(message, "paid:")).to_be_visible()
        return message

    def pay_stars(self, message: Locator, amount: int) -> None:
        """From the payment methods through Telegram's window, back to the chat."""
        self.choose_method(message, "stars")
        message.locator('[data-testid*="#stars-"]').click()
        expect(self.see("stars-amount")).to_have_text(str(amount))
        self.click("stars-pay")
        expect(self.see("stars-paid")).to_be_visible()
        self.click("stars-done")
        expect(self.see("stars-sheet")).to_have_count(0)

    def pay(self, message: Locator) -> Locator:
        """Pay what `order` gave; the message that then is the newest, often in its place."""
        message.locator('[data-testid*="#invoice-"]').click()
        self.click("invoice-pay")
        expect(self.see("invoice-paid")).to_be_visible()
        self.close_sheet()
        return self.messages.last

    def close_sheet(self) -> None:
        self.page.keyboard.press("Escape")
        expect(self.see("invoice-sheet")).to_have_count(0)

    def turn(self, knob: str, value: str) -> None:
        self.click(f"knob-{knob}-{value}")
        expect(self.see(f"knob-{knob}-{value}")).to_have_attribute("aria-pressed", "true")

    def expect_key(self, message: Locator) -> str:
        """The picture with the key has come and is drawn; the link below it."""
        expect(message.get_by_test_id("photo")).to_be_visible()
        picture = message.locator("img")
        expect(picture).to_have_js_property("complete", value=True)
        assert picture.evaluate("image => image.naturalWidth") > 200
        return message.locator("code").inner_text()
