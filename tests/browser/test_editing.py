"""The shop edited by clicks: what the operator changes is what the user then sees."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.bot.qr import draw_qr
from tests.browser.phone import Phone
from tests.support.shop import BEN, OLGA

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_a_price_a_welcome_with_a_picture_and_maintenance(phone: Phone, tmp_path: Path) -> None:
    """P14: in effect at once, and what users read follows."""
    phone.hold(OLGA)
    phone.start()
    home = phone.say("/admin")
    phone.key(home, "edit:").click()
    phone.key(home, "eplans").click()
    phone.key(home, "eplan:standard").click()
    phone.key(home, "eterm:standard:1").click()
    phone.key(home, "efield:standard:price").click()
    expect(home).to_contain_text("Пришлите новую цену")
    preview = phone.say("5.49")
    expect(preview).to_contain_text("5,49")
    phone.key(preview, "eplando").click()
    expect(preview).to_contain_text("уже действует")

    home = phone.say("/admin")
    phone.key(home, "edit:").click()
    phone.key(home, "epages").click()
    phone.key(home, "epages:0:en").click()
    phone.key(home, "epage:welcome:en").click()
    expect(home).to_contain_text("Here you can buy a VPN")
    picture = tmp_path / "welcome.png"
    picture.write_bytes(draw_qr("welcome"))
    preview = phone.next_message(after=1)
    phone.see("input").fill("Good to see you, {name}!")
    phone.see("attach-file").set_input_files(picture)
    expect(preview).to_contain_text("Good to see you, Olga")
    expect(preview.get_by_test_id("photo")).to_be_visible()
    phone.key(preview, "epagedo").click()
    expect(phone.messages.last).to_contain_text("уже действует")

    phone.hold(BEN)
    welcome = phone.start()
    expect(welcome).to_contain_text("Good to see you, Ben!")
    expect(welcome.get_by_test_id("photo")).to_be_visible()
    plans = phone.say("/plans")
    phone.key(plans, "plan:").click()
    expect(plans).to_contain_text("$5.49")

    phone.hold(OLGA)
    _turn_maintenance(phone, "true")
    phone.hold(BEN)
    expect(phone.say("/plans")).to_contain_text("nothing can be bought just now")
    expect(phone.say("/support")).to_contain_text("Write your question")
    phone.hold(OLGA)
    _turn_maintenance(phone, "false")
    phone.hold(BEN)
    expect(phone.say("/plans")).to_contain_text("Plans")


def _turn_maintenance(phone: Phone, on: str) -> None:
    home = phone.say("/admin")
    phone.key(home, "edit:").click()
    phone.key(home, "settings:0:maintenance").click()
    phone.key(home, "setting:0:maintenance").click()
    phone.key(home, f"setto:maintenance:{on}").click()
    phone.key(home, "setdo").click()
    expect(home).to_contain_text("уже действует")
