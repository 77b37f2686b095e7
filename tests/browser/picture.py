"""Takes the README's pictures of the sandbox, after a purchase: `make picture`."""

import struct
import sys
import tempfile
import zlib
from pathlib import Path

from playwright.sync_api import Browser, Locator, sync_playwright

from tests.browser.phone import Phone, open_page
from tests.browser.sandbox import Sandbox
from tests.support.chromium import MISSING, find_chromium, open_chromium
from tests.support.shop import ANNA, BEN, ROOT

_FOLDER = ROOT / "docs" / "images"
_DESK = (1360, 850)
_POCKET = (390, 844)
# What a newcomer sees too, in the address of the key.
_ADDRESSES = ("http://127.0.0.1:8000", "http://127.0.0.1:8080")
_SIGNATURE_BYTES = 8
_BETWEEN_MESSAGES_PX = 10


def main() -> int:
    program = find_chromium()
    if program is None:
        sys.stderr.write(f"{MISSING}\n")
        return 1
    with (
        tempfile.TemporaryDirectory() as folder,
        open_chromium(program, Path(folder)) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.connect(address)
        sandbox = Sandbox(Path(folder) / "data", *_ADDRESSES)
        sandbox.start("--fresh")
        try:
            _take(browser, sandbox)
        finally:
            sandbox.stop()
    return 0


def _take(browser: Browser, sandbox: Sandbox) -> None:
    phone = _open(browser, sandbox, *_DESK)
    delivery = phone.messages.last
    for person, term in ((ANNA, 1), (BEN, 0)):
        phone.hold(person)
        phone.start()
        delivery = phone.pay(phone.order(term))
        phone.expect_key(delivery)
    _shoot(phone, delivery, "sandbox.png")

    pocket = _open(browser, sandbox, *_POCKET)
    pocket.click("tab-people")
    pocket.hold(BEN)
    _shoot(pocket, pocket.messages.last, "sandbox-phone.png")

    _track(phone)
    _shoot_page(phone, "sandbox-chains.png")


def _track(phone: Phone) -> None:
    """A card on its way, at the top of the chat."""
    phone.click("chains-tab")
    phone.click("chain-eth-send")
    phone.see("chain-eth").locator('[data-testid$="-track"]').first.click()
    card = phone.messages.filter(has=phone.page.locator('[data-testid^="key-stop:"]')).last
    card.wait_for()
    for _ in range(6):
        phone.click("chain-eth-mine")
    card.filter(has_text="Confirmations").wait_for()
    phone.page.wait_for_timeout(3000)  # the toasts go
    _scroll_to(card)


def _open(browser: Browser, sandbox: Sandbox, width: int, height: int) -> Phone:
    phone = Phone(open_page(browser, width, height))
    phone.page.goto(sandbox.url)
    return phone


def _shoot(phone: Phone, delivery: Locator, name: str) -> None:
    """With the key's picture at the top of the chat."""
    phone.expect_key(delivery)
    phone.page.mouse.move(0, 0)
    _scroll_to(delivery)
    _shoot_page(phone, name)


def _scroll_to(message: Locator) -> None:
    message.evaluate(
        "(message, gap) => { const chat = document.getElementById('messages');"
        " chat.scrollTop += message.getBoundingClientRect().top"
        " - chat.getBoundingClientRect().top - gap; }",
        _BETWEEN_MESSAGES_PX,
    )


def _shoot_page(phone: Phone, name: str) -> None:
    phone.page.wait_for_timeout(1500)  # the numbers beside the phone settle
    _FOLDER.mkdir(parents=True, exist_ok=True)
    (_FOLDER / name).write_bytes(_squeeze(phone.page.screenshot()))


def _squeeze(png: bytes) -> bytes:
    """Compress as well as zlib can: a browser compresses as fast as it can."""
    chunks: list[tuple[bytes, bytes]] = []
    place = _SIGNATURE_BYTES
    while place < len(png):
        length = int.from_bytes(png[place : place + 4])
        chunks.append((png[place + 4 : place + 8], png[place + 8 : place + 8 + length]))
        place += 12 + length
    pixels = zlib.decompress(b"".join(body for kind, body in chunks if kind == b"IDAT"))
    kept = [
        chunks[0],
        (b"IDAT", zlib.compress(pixels, level=9)),
        chunks[-1],
    ]
    return png[:_SIGNATURE_BYTES] + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in kept
    )


if __name__ == "__main__":
    sys.exit(main())
