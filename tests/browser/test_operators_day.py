"""An operator's whole day by clicks: from an outage to what makes up for it."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.phone import Phone
from tests.browser.sandbox import Sandbox
from tests.browser.test_user_card import newest_id
from tests.support.shop import OLGA

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


def buy(phone: Phone, name: str, sandbox: Sandbox) -> int:
    """As a user nobody knows yet; the user's id."""
    phone.add(name)
    phone.start()
    phone.pay(phone.order())
    return newest_id(sandbox)


def test_a_day(phone: Phone, sandbox: Sandbox, tmp_path: Path) -> None:
    """P3: what operators must know comes to them, and what they do comes to the users."""
    phone.hold(OLGA)
    phone.start()
    cara = buy(phone, "Cara", sandbox)
    expect(phone.messages.last).to_contain_text("Your key is ready!")
    phone.turn("panel", "down")
    dora = buy(phone, "Dora", sandbox)

    answer_question(phone, cara)
    outage = phone.messages.filter(has_text="VPN-панель").first
    expect(outage).to_be_visible()
    phone.turn("panel", "ok")
    expect(outage).to_contain_text("снова работает")
    phone.hold(dora)
    expect(phone.messages.filter(has_text="Your key is ready!")).to_be_visible()

    phone.hold(OLGA)
    give_days_to_one(phone, dora)
    make_up_for(phone, outage)
    phone.hold(cara)
    expect(phone.messages.filter(has_text="Our servers were down")).to_be_visible()

    settle(phone, sandbox)
    download_table(phone, tmp_path / "bulk.csv")


def answer_question(phone: Phone, user: int) -> None:
    phone.hold(user)
    phone.say("/support")
    phone.say("Does it work?")
    phone.hold(OLGA)
    home = phone.say("/admin")
    phone.key(home, "questions").click()
    phone.key(home, "question:").click()
    phone.key(home, "answer").click()
    expect(home).to_contain_text("Ответ для")
    expect(phone.say("We are on it")).to_contain_text("Ответ передан")


def give_days_to_one(phone: Phone, user: int) -> None:
    home = phone.say("/admin")
    phone.key(home, "finduser").click()
    card = phone.say(str(user))
    phone.key(card, "userdays").click()
    preview = phone.say("+3 за ожидание")
    phone.key(preview, "changedays").click()
    expect(preview).to_contain_text("Готово")


def make_up_for(phone: Phone, outage: Locator) -> None:
    """The button under the outage's end; the number that was shown begins it."""
    question = phone.next_message()
    phone.key(outage, "outage").click()
    expect(question).to_contain_text("Сколько дней")
    phone.key(question, "outagedays").click()
    expect(question).to_contain_text("Cara")
    count = question.locator("code").last.inner_text()
    refused = phone.say("все")
    expect(refused).to_contain_text("ничего не изменилось")
    report = phone.say(count)
    expect(report).to_contain_text("готово")
    expect(report).to_contain_text(f"Сделано: {count} из {count}")


def settle(phone: Phone, sandbox: Sandbox) -> None:
    """A key that the panel refuses becomes an item, and is tried again."""
    phone.turn("panel", "refusing")
    buy(phone, "Edna", sandbox)
    phone.hold(OLGA)
    expect(phone.messages.filter(has_text="Ключ не выдаётся").first).to_be_visible()
    phone.turn("panel", "ok")
    home = phone.say("/attention")
    phone.key(home, "item").click()
    phone.key(home, "retryitem").click()
    expect(home).to_contain_text("Закрыто")


def download_table(phone: Phone, copy: Path) -> None:
    page = phone.say("/export")
    phone.key(page, "table:bulk").click()
    phone.key(page, "maketable:bulk").click()
    expect(page).to_contain_text("✅")
    file = phone.see("document").last
    with phone.page.expect_download() as download:
        file.click()
    download.value.save_as(copy)
    rows = copy.read_text().splitlines()
    assert rows[0].endswith("last_error")
    assert [row.split(",")[4] for row in rows[1:]] == ["done"] * (len(rows) - 1)
    assert len(rows) > 2
