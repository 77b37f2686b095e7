"""The phone in a browser, with the world behind it and the test in the place of the bot."""

from functools import partial

import pytest
from playwright.async_api import Page, expect

from sandbox.world import WorldConfig, WorldServer
from tests.sandbox.world.peers import Api, Json, Service

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("webhook")]

PLAN: Json = {
    "title": "VPN, 30 days",
    "description": "One key for all devices",
    "payload": "order:7",
    "currency": "XTR",
    "prices": [{"label": "30 days", "amount": 300}],
}
SHARE = (
    "https://t.me/share/url?text=Good%20VPN"
    "&url=https%3A%2F%2Ft.me%2Ftollgate_sandbox_bot%3Fstart%3Dref_1001"
)


def key(start: str) -> str:
    """The newest button that does, or leads to, what begins so."""
    return f'.msg >> nth=-1 >> [data-testid*="{start}"]'


async def show(telegram: Api, chat_id: int, url: str) -> None:
    buttons = {"inline_keyboard": [[{"text": "Tap", "url": url}]]}
    await telegram("sendMessage", chat_id=chat_id, text="Here", reply_markup=buttons)


async def question(service: Service) -> str:
    """The id of the newest question before a payment."""
    asked = [one["pre_checkout_query"] for one in service.updates if "pre_checkout_query" in one]
    query_id: str = asked[-1]["id"]
    return query_id


def _has_updates(service: Service, count: int) -> bool:
    return len(service.updates) == count


async def test_stars_are_refused_then_paid_and_the_chat_says_so(
    page: Page, telegram: Api, service: Service, anna: int
) -> None:
    await show(telegram, anna, (await telegram("createInvoiceLink", **PLAN))["result"])
    await page.click(key("#stars-"))
    answers: list[Json] = [{"ok": False, "error_message": "It is gone."}, {"ok": True}]
    for n, answer in enumerate(answers, 2):
        await page.get_by_test_id("stars-pay").click()
        await expect(page.get_by_test_id("stars-progress")).to_contain_text("Waiting")
        await service.until(partial(_has_updates, service, n))
        query_id = await question(service)
        await telegram("answerPreCheckoutQuery", pre_checkout_query_id=query_id, **answer)
        shown = "stars-paid" if answer["ok"] else "stars-error"
        await expect(page.get_by_test_id(shown)).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("stars-sheet")).to_have_count(0)
    await expect(page.get_by_test_id("notice")).to_have_text("You paid ⭐300 for VPN, 30 days")
    await expect(page.get_by_test_id("person-stars")).to_have_text("9,700")


async def test_a_silent_bot_is_reported_in_the_sheet_of_a_sent_invoice(
    page: Page, telegram: Api, config: WorldConfig, anna: int
) -> None:
    config.pre_checkout_seconds = 0.05
    await telegram("sendInvoice", chat_id=anna, **PLAN)
    await page.click(key("key-pay"))
    await page.get_by_test_id("stars-pay").click()
    await expect(page.get_by_test_id("stars-error")).to_contain_text("did not respond")


async def test_a_channel_is_joined_from_its_button_and_left_from_the_card(
    page: Page, telegram: Api, anna: int
) -> None:
    async def status() -> str:
        answer = await telegram("getChatMember", chat_id="@tollgate_news", user_id=anna)
        status: str = answer["result"]["status"]
        return status

    await show(telegram, anna, "https://t.me/tollgate_news")
    await page.click(key("tollgate_news"))
    await page.get_by_test_id("channel-join").click()
    await expect(page.get_by_test_id("channel-leave")).to_be_visible()
    joined = await status()
    await page.get_by_test_id("channel-close").click()
    await page.get_by_test_id("member-tollgate_news").click()
    await expect(page.get_by_test_id("member-tollgate_news")).to_contain_text("Join")
    assert (joined, await status()) == ("member", "left")


@pytest.mark.parametrize("friend", ["1002", "new"])
async def test_a_shared_link_starts_the_bot_on_a_friends_phone(
    page: Page, telegram: Api, service: Service, anna: int, friend: str
) -> None:
    await show(telegram, anna, SHARE)
    await page.click(key("t.me/share"))
    await page.get_by_test_id(f"share-{friend}").click()
    await expect(page.get_by_test_id("received-sheet")).to_contain_text("Good VPN")
    await page.get_by_test_id("received-open").click()
    await service.until(lambda: len(service.updates) == 2)
    message = service.updates[-1]["message"]
    assert message["text"] == f"/start ref_{anna}"
    assert message["chat"]["id"] == (1004 if friend == "new" else 1002)


async def test_a_start_typed_into_the_address_reaches_the_bot(
    page: Page, service: Service, server: WorldServer
) -> None:
    await page.goto(f"{server.url}/#start-by_hand")
    await service.until(lambda: bool(service.updates))
    assert service.updates[0]["message"]["text"] == "/start by_hand"
