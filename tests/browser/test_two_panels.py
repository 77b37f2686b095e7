"""The sandbox with two panels in one shop: one sees where keys go, and moves them by hand."""

import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.phone import Phone
from tests.browser.sandbox import Sandbox
from tests.support.shop import ROOT

OLGA, CAROL, DAVE = 1003, 1004, 1005  # the world counts those who are added
pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    sandbox = Sandbox(tmp_path_factory.mktemp("sandbox") / "data")
    sandbox.start("--fresh", "--panel", "remnawave", "--second-panel", "3x-ui")
    yield sandbox
    sandbox.stop()


def buy(phone: Phone, name: str) -> str:
    phone.add(name)
    phone.start()
    delivery = phone.pay(phone.order())
    expect(delivery).to_contain_text("Your key is ready!")
    return phone.expect_key(delivery)


def run_command(sandbox: Sandbox, *words: str) -> str:
    command = [sys.executable, "main.py", "sandbox", f"--data-dir={sandbox.folder}", "exec", "--"]
    done = subprocess.run([*command, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_panel_that_is_down_delays_its_own_orders_and_is_left_by_hand(
    phone: Phone, sandbox: Sandbox
) -> None:
    """P2: who is on the other panel renews within a second meanwhile."""
    expect(phone.page.get_by_text("Second VPN panel: 3x-ui")).to_be_visible()
    carol, dave = buy(phone, "Carol"), buy(phone, "Dave")
    assert carol.startswith(f"{sandbox.url}/remnawave/")
    assert dave.startswith(f"{sandbox.url}/3x-ui/")
    expect(phone.see("panel-keys")).to_have_text("Keys: Remnawave 1 · 3x-ui 1")

    phone.turn("second_panel", "down")
    expect(phone.pay(phone.order())).to_contain_text("the server is slow to answer")
    phone.hold(CAROL)
    expect(phone.pay(phone.order())).to_contain_text("your subscription runs until")

    phone.turn("second_panel", "ok")
    phone.hold(DAVE)
    expect(phone.messages.last).to_contain_text("your subscription runs until")
    phone.hold(OLGA)
    phone.start()
    card = phone.say(f"/person {DAVE}")
    for button in ("usermoves:", "movesto:", "move:"):
        phone.key(card, button).click()
    expect(card).to_contain_text("Переносим на default")
    phone.hold(DAVE)
    expect(phone.see("panel-keys")).to_have_text("Keys: Remnawave 2 · 3x-ui 0")
    expect(phone.messages.last).to_contain_text("has moved to another server")
    assert httpx.get(phone.expect_key(phone.messages.last)).is_success

    assert "moved: 0 subscriptions left" in run_command(sandbox, "panels", "move", "default")
    expect(phone.see("panel-keys")).to_have_text("Keys: Remnawave 0 · 3x-ui 2")
