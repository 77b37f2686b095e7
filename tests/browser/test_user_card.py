"""The operators' day by clicks: the home, a helper, a user's card, and what the user reads."""

import pytest
from playwright.sync_api import expect

from tests.browser.phone import Phone
from tests.browser.sandbox import Sandbox
from tests.support.shop import OLGA

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def newest_id(sandbox: Sandbox) -> int:
    return max(int(one["id"]) for one in sandbox.state()["people"])


def test_the_home_shows_the_day_and_leads_to_a_user(phone: Phone, sandbox: Sandbox) -> None:
    phone.add("Customer")
    customer = newest_id(sandbox)
    phone.start()
    phone.pay(phone.order())
    phone.hold(OLGA)
    phone.start()
    home = phone.say("/admin")
    expect(home).to_contain_text("Магазин сегодня")
    expect(home).to_contain_text("Продаж: ")
    phone.key(home, "home:").click()
    expect(home).to_contain_text("Отвечают: ")
    phone.key(home, "finduser").click()
    expect(home).to_contain_text("Кого показать?")
    card = phone.say(str(customer))
    expect(card).to_contain_text("Customer")
    for tab, shown in (("p", "Стандарт"), ("l", "Проводки"), ("r", "Друзья")):
        phone.key(card, f"usercard:0:{customer}:{tab}").click()
        expect(card).to_contain_text(shown)
        phone.key(card, f"usercard:0:{customer}:m").click()
        expect(phone.key(card, "userdays")).to_be_visible()

    phone.key(card, "userdays").click()
    expect(card).to_contain_text("Пришлите дни со знаком")
    preview = phone.say("+7 за простой")
    expect(preview).to_contain_text("Добавить 7 дней")
    phone.key(preview, "changedays").click()
    expect(preview).to_contain_text("Готово")
    phone.hold(customer)
    expect(phone.messages.filter(has_text="7 days more for you")).to_be_visible()


def test_an_owner_appoints_a_helper_who_sees_no_money(phone: Phone, sandbox: Sandbox) -> None:
    phone.add("Helper")
    helper = newest_id(sandbox)
    phone.start()
    phone.hold(OLGA)
    phone.start()
    staff = phone.say("/staff")
    phone.key(staff, "appointment").click()
    expect(staff).to_contain_text("Кого назначаем?")
    member = phone.say(str(helper))
    phone.key(member, f"role:{helper}:support").click()
    phone.key(member, "appoint:").click()
    expect(member).to_contain_text("Helper")
    phone.hold(helper)
    expect(phone.messages.filter(has_text="You are support of this shop now.")).to_be_visible()
    home = phone.say("/admin")
    expect(home).to_contain_text("The shop today")
    expect(home).not_to_contain_text("Sales")
    expect(phone.key(home, "exports")).to_have_count(0)
    phone.hold(OLGA)
    staff = phone.say("/staff")
    phone.key(staff, f"member:{helper}").click()
    phone.key(staff, "dismissal").click()
    phone.key(staff, "dismiss:").click()
    expect(staff).not_to_contain_text("Helper")


def test_a_blocked_user_reads_why_not_and_is_let_in_again(phone: Phone, sandbox: Sandbox) -> None:
    phone.add("Blocked")
    blocked = newest_id(sandbox)
    menu = phone.start()
    phone.hold(OLGA)
    phone.start()
    card = phone.say(f"/person {blocked}")
    phone.key(card, "blockuser").click()
    expect(card).to_contain_text("Пришлите причину")
    done = phone.say("спам")
    expect(done).to_contain_text("Заблокировано")
    phone.hold(blocked)
    phone.key(menu, "plans").click()
    expect(phone.page.get_by_text("no longer serves you").first).to_be_visible()
    phone.page.keyboard.press("Escape")
    expect(phone.say("/menu")).to_contain_text("no longer serves you")
    phone.hold(OLGA)
    phone.key(phone.messages.last, "unblock").click()
    phone.hold(blocked)
    expect(phone.say("/menu")).not_to_contain_text("no longer serves you")
