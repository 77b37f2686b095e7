"""How the page fits: on a phone, a tablet and a laptop, in both its languages."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.sandbox.world.peers import Api

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("webhook")]

PHONE, TABLET, LAPTOP = (390, 844), (820, 1180), (1440, 900)
# Elements and words wider than their card, without those that scroll or are cut short on purpose.
LEAVES_ITS_CARD = """() => {
  const box = (node) => {
    if (node.nodeType === Node.ELEMENT_NODE) return node.getBoundingClientRect();
    const range = document.createRange();
    range.selectNodeContents(node);
    return range.getBoundingClientRect();
  };
  const isKept = (node, card) => {
    for (let one = node.parentElement; one !== card; one = one.parentElement)
      if (getComputedStyle(one).overflowX !== "visible") return true;
    return false;
  };
  const found = [];
  for (const card of document.querySelectorAll(".card, .bubble, .side, .chat-pane")) {
    const edges = card.getBoundingClientRect();
    if (!card.checkVisibility({ visibilityProperty: true }) || edges.width === 0) continue;
    const walker = document.createTreeWalker(card, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      const { left, right, width } = box(node);
      if (width === 0 || isKept(node, card) || node.parentElement.closest("svg, option")) continue;
      if (right > edges.right + 1 || left < edges.left - 1)
        found.push(`${card.className}: ${node.className ?? node.data}`);
    }
  }
  const page = document.documentElement;
  if (page.scrollWidth > page.clientWidth) found.push("the page");
  return found;
}"""
# A checkbox is pressed by its label; words within a text are excepted (WCAG 2.5.8).
TOO_SMALL = """() => [...document.querySelectorAll(
    "button, select, textarea, input:not([type=checkbox]), label:has(input), a[href]," +
    "[tabindex='0']"
  )].filter((one) => {
    const { width, height } = one.getBoundingClientRect();
    const isShown = one.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    return isShown && !one.closest(".text, .skip-link") && (width < 44 || height < 44);
  }).map((one) => one.outerHTML.slice(0, 120))"""


async def fill_the_page(page: Page, telegram: Api, crypto: Api, control: Api, anna: int) -> None:
    """All that makes cards wide: long sums, turned knobs, transactions, a keyboard."""
    buttons = [[{"text": f"Plan {n}", "callback_data": f"plan:{n}"} for n in range(3)]]
    await telegram(
        "sendMessage",
        chat_id=anna,
        text="https://example.com/" + "a" * 60 + " and 30 days",
        reply_markup={"inline_keyboard": buttons},
    )
    await crypto("createInvoice", asset="USDT", amount="1234567.89", description="d" * 60)
    await control(f"people/{anna}/send", text="/plans")
    await control.turn(panel="slow", telegram="flood", payment_webhook="twice")
    for key in ("eth", "cf"):
        await control(f"chains/{key}/send", person_id=anna, value="0.05")
    await expect(page.locator(".turned")).to_have_count(3)


async def fonts(page: Page, selector: str) -> set[str]:
    """The fonts in which the browser draws the text of the first such element."""
    devtools = await page.context.new_cdp_session(page)
    for domain in ("DOM", "CSS"):
        await devtools.send(f"{domain}.enable")
    root = await devtools.send("DOM.getDocument")
    place = {"nodeId": root["root"]["nodeId"], "selector": selector}
    node = await devtools.send("DOM.querySelector", place)
    drawn: dict[str, Any] = await devtools.send("CSS.getPlatformFontsForNode", node)
    await devtools.detach()
    return {font["familyName"] for font in drawn["fonts"]}


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_nothing_leaves_its_card_and_fingers_meet_what_they_press(
    page: Page, telegram: Api, crypto: Api, control: Api, anna: int, language: str
) -> None:
    await page.get_by_test_id(f"language-{language}").click()
    await expect(page.locator("html")).to_have_attribute("lang", language)
    await expect(page.get_by_test_id("person-1001")).to_be_visible()
    await fill_the_page(page, telegram, crypto, control, anna)
    for width, height in (LAPTOP, TABLET):
        await page.set_viewport_size({"width": width, "height": height})
        for column in ("service", "chains"):
            await page.get_by_test_id(f"{column}-tab").click()
            assert await page.evaluate(LEAVES_ITS_CARD) == [], (width, column)
    assert await page.evaluate(TOO_SMALL) == []
    await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    for drawer in ("people", "world", "chains", "service"):
        await page.get_by_test_id(f"tab-{drawer}").click()
        assert await page.evaluate(LEAVES_ITS_CARD) == [], drawer
        assert await page.evaluate(TOO_SMALL) == [], drawer


async def test_digits_are_drawn_as_text_and_flags_as_emoji(page: Page) -> None:
    numbers = [await fonts(page, one) for one in (".clock-time", ".person-words small")]
    assert not any("Emoji" in font for drawn in numbers for font in drawn)
    assert all("Emoji" in font for font in await fonts(page, ".flag"))


async def test_the_language_is_remembered(page: Page) -> None:
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await page.get_by_test_id("language-ru").click()
    await expect(page.locator("html")).to_have_attribute("lang", "ru")
    await page.reload()
    await expect(page.get_by_test_id("start")).to_have_text("Старт")
    await expect(page.locator("#messages")).to_have_attribute("aria-label", "Чат с ботом")
    await expect(page).to_have_title("Песочница Tollgate")


async def test_the_keyboard_skips_to_the_chat(page: Page) -> None:
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip-link")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#messages")).to_be_focused()
