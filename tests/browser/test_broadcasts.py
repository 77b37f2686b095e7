"""An operator's broadcast by clicks: written, sent to all, changed, deleted, and turned off."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.phone import Phone
from tests.support.shop import ANNA, BEN, OLGA

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def say_and_see(phone: Phone, text: str) -> tuple[Locator, Locator]:
    """What comes back is a copy, and a page below it."""
    copy, page = phone.next_message(after=1), phone.next_message(after=2)
    phone.see("input").fill(text)
    phone.click("send")
    expect(page).to_be_visible()
    return copy, page


def write(phone: Phone, text: str) -> Locator:
    """The draft's page."""
    page = phone.say("/broadcast")
    phone.key(page, "newcast").click()
    expect(phone.key(page, "broadcasts")).to_be_visible()
    copy, draft = say_and_see(phone, text)
    expect(copy).to_contain_text(text)
    expect(phone.key(copy, "news:0")).to_be_visible()
    return draft


@pytest.mark.parametrize(
    ("language", "sent", "changed", "deleted"),
    [
        pytest.param("ru", "отправлена", "текст изменён", "удалено", id="ru"),
        pytest.param("en", "is sent", "texts are changed", "messages are deleted", id="en"),
    ],
)
def test_a_broadcast_from_the_draft_to_its_deletion(
    phone: Phone, language: str, sent: str, changed: str, deleted: str
) -> None:
    """P3: to each user in their language, with the operator's message showing how far it is."""
    text = f"Big news in {language}"
    for user in (ANNA, BEN, OLGA):
        phone.hold(user)
        phone.start()
    page = phone.say("/language")
    phone.key(page, f"speak:{language}").click()

    draft = write(phone, text)
    phone.key(draft, "castbuttons:").click()
    expect(phone.key(draft, "cast:")).to_be_visible()
    copy, draft = say_and_see(phone, "Site — example.org")
    expect(phone.key(copy, "https://example.org")).to_be_visible()
    phone.key(draft, "castnow:").click()
    phone.key(draft, "caststart:").click()
    expect(draft).to_contain_text(sent)

    phone.hold(BEN)
    got = phone.messages.filter(has_text=text)
    expect(got).to_have_count(1)
    expect(phone.key(got, "https://example.org")).to_be_visible()
    phone.hold(ANNA)
    phone.key(phone.messages.filter(has_text=text), "news:0").click()
    expect(phone.see("alert")).to_contain_text("/news")
    phone.click("alert-ok")
    page = phone.say("/news")
    phone.key(page, "news:1").click()
    phone.click("alert-ok")
    expect(page).to_contain_text("🔔")

    phone.hold(OLGA)
    phone.key(draft, "castedit:").click()
    expect(draft).to_contain_text("✏️")
    preview, confirm = say_and_see(phone, f"Better {text}")
    expect(preview).to_contain_text(f"Better {text}")
    phone.key(confirm, "castchange:").click()
    expect(confirm).to_contain_text(changed)
    phone.hold(BEN)
    expect(phone.messages.filter(has_text=f"Better {text}")).to_have_count(1)

    phone.hold(OLGA)
    expect(confirm).to_contain_text(changed)
    phone.key(confirm, "cast:").click()
    phone.key(confirm, "castdelete:").click()
    phone.key(confirm, "castchange:").click()
    expect(phone.messages.last).to_contain_text(deleted)  # the operator's own copy went, too
    phone.hold(BEN)
    expect(phone.messages.filter(has_text=text)).to_have_count(0)


def test_a_broadcast_that_nobody_is_for_ends_at_once(phone: Phone) -> None:
    phone.hold(OLGA)
    phone.start()
    draft = write(phone, "For trials")
    phone.key(draft, "segments:").click()
    draft.locator('[data-testid^="key-setseg:"][data-testid*=":trial:"]').click()
    phone.key(draft, "castnow:").click()
    phone.key(draft, "caststart:").click()
    expect(draft).to_contain_text("✅")
