"""Groups on the phone, and cards that are edited under the reader's eyes."""

from functools import partial

import pytest
from playwright.async_api import Locator, Page, expect

from tests.sandbox.world.peers import Api, Json, Service
from tests.support.eventually import eventually

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("webhook")]

GROUP = -1002200000001
ANNA, BEN = 1001, 1002
TOP = "element => element.getBoundingClientRect().top"
SCROLLED = "() => document.getElementById('messages').scrollTop"
# What is gliding still is not where it will be.
NOTHING_MOVES = (
    "() => Promise.allSettled(document.getElementById('messages')"
    ".getAnimations({ subtree: true }).map((animation) => animation.finished))"
)
FROM_THE_END = (
    "() => { const chat = document.getElementById('messages');"
    " return chat.scrollHeight - chat.scrollTop - chat.clientHeight; }"
)


def card(confirmations: int, lines: int = 1) -> Json:
    button = {"text": "Stop", "callback_data": "stop:1"}
    text = "\n".join(f"{confirmations} of 12 confirmations" for _ in range(lines))
    return {"text": text, "reply_markup": {"inline_keyboard": [[button]]}}


async def open_group(page: Page) -> None:
    await page.get_by_test_id(f"chat-group-{GROUP}").click()
    await expect(page.get_by_test_id("bot-name")).to_have_text("Tollgate traders")


def newest(page: Page) -> Locator:
    return page.get_by_test_id("msg").last


def changes(service: Service) -> list[Json]:
    """The updates of the bot's own place in a chat."""
    kind = "my_chat_member"
    return [update[kind] for update in service.updates if kind in update]


def _has_changes(service: Service, count: int) -> bool:
    return len(changes(service)) == count


async def test_users_talk_in_a_group_under_their_names_and_the_bot_gets_commands(
    page: Page, control: Api, service: Service
) -> None:
    await open_group(page)
    await control(f"people/{BEN}/send", text="hello all", chat_id=GROUP)
    await expect(newest(page).locator(".writer")).to_have_text("Ben")
    for text in ("just talking", "/track 0xabc"):
        await page.get_by_test_id("input").fill(text)
        await page.get_by_test_id("send").click()
        await expect(newest(page)).to_contain_text(text)
    await service.until(lambda: bool(service.updates))
    assert [update["message"]["text"] for update in service.updates] == ["/track 0xabc"]
    assert service.updates[0]["message"]["chat"]["id"] == GROUP
    await expect(newest(page).locator(".writer")).to_have_count(0)
    await expect(newest(page).locator(".ticks.seen")).to_be_visible()
    await expect(page.locator(".unheard")).to_have_count(1)


async def test_what_comes_into_another_chat_waits_there(
    page: Page, telegram: Api, anna: int
) -> None:
    await telegram("sendMessage", chat_id=GROUP, text="For the group")
    room = page.get_by_test_id(f"chat-group-{GROUP}")
    await expect(room.locator(".badge")).to_have_text("1")
    await open_group(page)
    await expect(room.locator(".badge")).to_have_count(0)
    await expect(newest(page)).to_contain_text("For the group")
    await telegram("sendMessage", chat_id=anna, text="For Anna")
    await expect(page.get_by_test_id("chat-private").locator(".badge")).to_have_text("1")
    await expect(newest(page)).to_contain_text("For the group")
    await page.get_by_test_id("chat-private").click()
    await expect(newest(page)).to_contain_text("For Anna")


async def test_another_member_taps_and_the_answer_is_theirs(
    page: Page, telegram: Api, service: Service
) -> None:
    await telegram("sendMessage", chat_id=GROUP, **card(1))
    await page.get_by_test_id(f"person-{BEN}").click()
    await open_group(page)
    await page.get_by_test_id("key-stop:1").click()
    await service.until(lambda: bool(service.updates))
    query = service.updates[0]["callback_query"]
    assert (query["from"]["id"], query["message"]["chat"]["id"]) == (BEN, GROUP)
    await telegram("answerCallbackQuery", callback_query_id=query["id"], text="Stopped")
    await expect(page.get_by_test_id("toast")).to_have_text("Stopped")


async def test_a_command_chosen_in_a_group_says_which_bot_it_is_for(
    page: Page, telegram: Api, service: Service
) -> None:
    commands = [{"command": "fees", "description": "What a transfer costs"}]
    await telegram("setMyCommands", commands=commands, scope={"type": "all_group_chats"})
    await open_group(page)
    await page.get_by_test_id("menu").click()
    await page.get_by_test_id("command-fees").click()
    await service.until(lambda: bool(service.updates))
    assert service.updates[0]["message"]["text"] == "/fees@tollgate_sandbox_bot"


async def test_the_bot_is_thrown_out_and_taken_back_on_the_phone(
    page: Page, service: Service
) -> None:
    await open_group(page)
    for n, place in enumerate(("kicked", "member"), 1):
        await page.get_by_test_id("chat-menu").click()
        await page.get_by_test_id("group-bot").click()
        await service.until(partial(_has_changes, service, n))
        assert changes(service)[-1]["new_chat_member"]["status"] == place
    notices = page.get_by_test_id("notice")
    await expect(notices.first).to_have_text("Anna removed Tollgate")
    await expect(notices.last).to_have_text("Anna added Tollgate")


async def test_a_group_is_left_joined_and_made_on_the_phone(page: Page, control: Api) -> None:
    await open_group(page)
    await page.get_by_test_id("chat-menu").click()
    await page.get_by_test_id("group-leave").click()
    await expect(page.get_by_test_id(f"chat-group-{GROUP}")).to_have_count(0)
    await expect(page.get_by_test_id("bot-name")).to_have_text("Tollgate")
    await page.get_by_test_id("chat-add").click()
    await page.get_by_test_id(f"group-join-{GROUP}").click()
    await expect(page.get_by_test_id("bot-name")).to_have_text("Tollgate traders")
    await page.get_by_test_id("chat-add").click()
    await page.get_by_test_id("group-title").fill("Friends")
    await page.get_by_test_id("group-create").click()
    await expect(page.get_by_test_id("bot-name")).to_have_text("Friends")
    groups = (await control.get("state"))["groups"]
    assert [(one["title"], one["members"]) for one in groups] == [
        ("Tollgate traders", [1002, 1003, 1001]),
        ("Friends", [1001, 1002, 1003]),
    ]


async def test_a_card_that_is_edited_again_and_again_changes_only_its_words(
    page: Page, telegram: Api, anna: int
) -> None:
    sent = await telegram("sendMessage", chat_id=anna, **card(1))
    ids = {"chat_id": anna, "message_id": sent["result"]["message_id"]}
    key = page.get_by_test_id("key-stop:1")
    await key.evaluate("element => { element.isTheSame = true; }")
    await page.evaluate(
        "() => { window.flashes = 0; new MutationObserver(changes => {"
        " window.flashes += changes.filter(one => one.target.matches('.edited-now')).length; })"
        ".observe(document.querySelector('.message-list'),"
        " { subtree: true, attributeFilter: ['class'] }); }"
    )
    await page.evaluate(NOTHING_MOVES)
    top = await key.evaluate(TOP)
    for confirmations in range(2, 9):
        await telegram("editMessageText", **ids, **card(confirmations))
        await expect(newest(page)).to_contain_text(f"{confirmations} of 12")
    assert await key.evaluate("element => element.isTheSame") is True
    assert await page.evaluate("() => window.flashes") == 1
    assert await key.evaluate(TOP) == top


@pytest.mark.parametrize("lines", [4, 1])
async def test_an_edit_moves_neither_what_is_read_nor_the_end_of_the_chat(
    page: Page, telegram: Api, control: Api, anna: int, lines: int
) -> None:
    sent = await telegram("sendMessage", chat_id=anna, **card(1, 2))
    ids = {"chat_id": anna, "message_id": sent["result"]["message_id"]}
    for n in range(25):
        await control(f"people/{anna}/send", text=f"line {n}")
    await expect(newest(page)).to_contain_text("line 24")

    async def is_at_the_end() -> bool:
        return bool(await page.evaluate(FROM_THE_END) < 2)

    await eventually(is_at_the_end)
    await telegram("editMessageText", **ids, **card(2, lines))
    await expect(page.get_by_test_id("msg").nth(1)).to_contain_text("2 of 12")
    assert await is_at_the_end()
    read = page.get_by_test_id("msg").nth(12)
    await read.evaluate("element => element.scrollIntoView({ block: 'center' })")

    async def has_left_the_end() -> bool:
        return not await page.locator(".jump").is_hidden()

    await eventually(has_left_the_end)
    await page.evaluate(NOTHING_MOVES)
    top = await read.evaluate(TOP)
    await telegram("editMessageText", **ids, **card(3, 5 - lines))
    await expect(page.get_by_test_id("msg").nth(1)).to_contain_text("3 of 12")
    assert await page.evaluate(SCROLLED) > 0

    async def is_where_it_was() -> bool:
        return bool(await read.evaluate(TOP) == pytest.approx(top, abs=1))

    await eventually(is_where_it_was)  # the browser holds it in the frame that shows the edit


async def test_the_names_of_many_groups_stay_readable(page: Page, control: Api) -> None:
    """The row scrolls, and what makes another group is always in reach."""
    await page.set_viewport_size({"width": 390, "height": 844})
    for n in range(5):
        await control("groups", title=f"Traders {n}", members=[ANNA])
    names = page.locator(".room-name")
    await expect(names).to_have_count(7)
    assert await names.evaluate_all("all => all.every(one => one.scrollWidth <= one.clientWidth)")
    await expect(page.get_by_test_id("chat-add")).to_be_in_viewport(ratio=1)
