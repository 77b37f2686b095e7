"""Screens arrive in the chat as they were described, and failures as port errors."""

import asyncio
import io
from datetime import timedelta
from tempfile import TemporaryFile
from typing import Any

import pytest
import segno
from aiogram import Bot

from app.clients.telegram.limiter import Limiter
from app.clients.telegram.sender import TelegramSender
from app.core.metrics import REGISTRY
from app.domain.messages import Button, CopiedMessage, Document, Lane, Screen
from app.domain.ports import (
    ChatMigratedError,
    ChatRestrictedError,
    RefusedError,
    RetryLaterError,
    TopicGoneError,
    UndecidedError,
    UnreachableError,
)
from tests.clients.telegram.conftest import ANNA, BEN, Telegram, bot_for
from tests.clients.telegram.odd_server import json, odd_server

UNKNOWN = 999_999
GROUP = -1002200000001
KEYBOARD = (
    (Button("Plans", data="plans"), Button("Pay", url="https://example.org/pay")),
    (Button("Copy", copy="the key"),),
)


def png(text: str) -> bytes:
    file = io.BytesIO()
    segno.make(text).save(file, kind="png", scale=4)
    return file.getvalue()


@pytest.fixture
def sender(bot: Bot) -> TelegramSender:
    return TelegramSender(bot, Limiter(), "https://shop.example")


@pytest.fixture(autouse=True)
async def anna(telegram: Telegram) -> int:
    return await telegram.person(ANNA)


def keyboard(message: dict[str, Any]) -> list[list[dict[str, Any]]]:
    rows: list[list[dict[str, Any]]] = message["reply_markup"]["inline_keyboard"]
    return rows


async def test_a_text_is_html_with_its_buttons(telegram: Telegram, sender: TelegramSender) -> None:
    screen = Screen("<b>Hello</b> &amp; welcome", KEYBOARD)
    message_id = await sender.send(ANNA, screen, lane=Lane.USER)
    (message,) = await telegram.shown(ANNA)
    assert message["message_id"] == message_id
    assert message["text"] == "Hello & welcome"
    assert message["entities"] == [{"type": "bold", "offset": 0, "length": 5}]
    assert keyboard(message) == [
        [
            {"text": "Plans", "callback_data": "plans"},
            {"text": "Pay", "url": "https://example.org/pay"},
        ],
        [{"text": "Copy", "copy_text": {"text": "the key"}}],
    ]


async def test_a_page_opens_as_an_app_where_it_has_tls(
    telegram: Telegram, bot: Bot, sender: TelegramSender
) -> None:
    screen = Screen("key", [[Button("Open", page="/s/token")]])
    await sender.send(ANNA, screen, lane=Lane.USER)
    local = TelegramSender(bot, Limiter(), "http://127.0.0.1:8080")
    await local.send(ANNA, screen, lane=Lane.USER)
    shown = [keyboard(message) for message in await telegram.shown(ANNA)]
    assert shown == [
        [[{"text": "Open", "web_app": {"url": "https://shop.example/s/token"}}]],
        [[{"text": "Open", "url": "http://127.0.0.1:8080/s/token"}]],
    ]


async def test_a_copy_is_the_other_message_with_our_buttons(
    telegram: Telegram, sender: TelegramSender
) -> None:
    await telegram.person(BEN)
    source = await sender.send(ANNA, Screen("<b>Mine</b>", photo=png("x")), lane=Lane.USER)
    screen = Screen("a photo", KEYBOARD, copied=CopiedMessage(ANNA, source))
    message_id = await sender.send(BEN, screen, lane=Lane.NOTIFICATION)
    (message,) = await telegram.shown(BEN)
    assert (message["message_id"], message["caption"]) == (message_id, "Mine")
    assert "photo" in message
    assert keyboard(message)[0][0]["text"] == "Plans"


async def test_of_a_message_that_is_gone_the_text_says_what_it_was(
    telegram: Telegram, sender: TelegramSender
) -> None:
    screen = Screen("a photo, deleted", KEYBOARD, copied=CopiedMessage(ANNA, 999_999))
    message_id = await sender.send(ANNA, screen, lane=Lane.NOTIFICATION)
    (message,) = await telegram.shown(ANNA)
    assert (message["message_id"], message["text"]) == (message_id, "a photo, deleted")
    assert keyboard(message)[0][0]["text"] == "Plans"


async def test_a_photo_comes_with_its_caption_and_buttons(
    telegram: Telegram, sender: TelegramSender
) -> None:
    await sender.send(ANNA, Screen("<i>scan</i>", KEYBOARD, png("key")), lane=Lane.BULK)
    (message,) = await telegram.shown(ANNA)
    assert message["photo"]
    assert message["caption"] == "scan"
    assert keyboard(message)[0][0]["callback_data"] == "plans"


async def test_an_edit_changes_the_message_and_takes_buttons_away(
    telegram: Telegram, sender: TelegramSender
) -> None:
    message_id = await sender.send(ANNA, Screen("one", KEYBOARD), lane=Lane.USER)
    assert await sender.edit(ANNA, message_id, Screen("two"), lane=Lane.USER) == message_id
    (message,) = await telegram.shown(ANNA)
    assert message["text"] == "two"
    assert "reply_markup" not in message


async def test_an_edit_to_the_same_is_a_success(telegram: Telegram, sender: TelegramSender) -> None:
    message_id = await sender.send(ANNA, Screen("one", KEYBOARD), lane=Lane.USER)
    for _ in range(2):
        edited = await sender.edit(ANNA, message_id, Screen("one", KEYBOARD), lane=Lane.USER)
        assert edited == message_id
    assert len(await telegram.shown(ANNA)) == 1


async def test_a_photo_is_edited_in_its_place(telegram: Telegram, sender: TelegramSender) -> None:
    message_id = await sender.send(ANNA, Screen("one", photo=png("1")), lane=Lane.USER)
    screen = Screen("<b>two</b>", photo=png("2"))
    assert await sender.edit(ANNA, message_id, screen, lane=Lane.USER) == message_id
    (message,) = await telegram.shown(ANNA)
    assert message["caption"] == "two"


async def test_a_text_replaces_a_photo_by_a_new_message(
    telegram: Telegram, sender: TelegramSender
) -> None:
    message_id = await sender.send(ANNA, Screen("one", photo=png("1")), lane=Lane.USER)
    edited = await sender.edit(ANNA, message_id, Screen("two", KEYBOARD), lane=Lane.USER)
    (message,) = await telegram.shown(ANNA)
    assert edited == message["message_id"] != message_id
    assert message["text"] == "two"


async def test_a_photo_replaces_a_text_and_nothing_else_is_left(
    telegram: Telegram, sender: TelegramSender
) -> None:
    message_id = await sender.send(ANNA, Screen("one"), lane=Lane.USER)
    edited = await sender.edit(ANNA, message_id, Screen("two", photo=png("2")), lane=Lane.USER)
    (message,) = await telegram.shown(ANNA)
    assert edited == message["message_id"]
    assert message["caption"] == "two"


async def test_a_screen_whose_message_is_gone_is_sent_anew(
    telegram: Telegram, sender: TelegramSender, bot: Bot
) -> None:
    message_id = await sender.send(ANNA, Screen("one"), lane=Lane.USER)
    await bot.delete_message(ANNA, message_id)
    edited = await sender.edit(ANNA, message_id, Screen("two"), lane=Lane.USER)
    (message,) = await telegram.shown(ANNA)
    assert edited == message["message_id"] != message_id


async def test_what_replaces_a_message_comes_as_a_new_one(
    telegram: Telegram, sender: TelegramSender
) -> None:
    """An edit would come without a sound; one whose old message is gone comes as well."""
    message_id = await sender.send(ANNA, Screen("one"), lane=Lane.NOTIFICATION)
    for text in ("two", "three"):
        newer = await sender.replace(ANNA, message_id, Screen(text), lane=Lane.NOTIFICATION)
    shown = await telegram.shown(ANNA)
    assert [message["text"] for message in shown] == ["two", "three"]
    assert shown[-1]["message_id"] == newer > message_id


async def test_an_update_changes_its_message_or_none(
    telegram: Telegram, sender: TelegramSender, bot: Bot
) -> None:
    message_id = await sender.send(ANNA, Screen("one"), lane=Lane.BULK)
    for _ in range(2):
        updated = await sender.update(ANNA, message_id, Screen("two"), lane=Lane.BULK)
        assert updated == message_id
    (message,) = await telegram.shown(ANNA)
    assert message["text"] == "two"
    await bot.delete_message(ANNA, message_id)
    assert await sender.update(ANNA, message_id, Screen("three"), lane=Lane.BULK) is None
    assert await telegram.shown(ANNA) == []


async def test_an_old_message_that_cannot_be_deleted_stays(
    telegram: Telegram, sender: TelegramSender
) -> None:
    """Deleting is best effort: after 48 hours Telegram refuses it."""
    message_id = await sender.send(ANNA, Screen("one", photo=png("1")), lane=Lane.USER)
    await telegram.post("/world/skip", seconds=3 * 24 * 3600)
    edited = await sender.edit(ANNA, message_id, Screen("two"), lane=Lane.USER)
    assert [message["message_id"] for message in await telegram.shown(ANNA)] == [message_id, edited]


@pytest.mark.parametrize("chat_id", [BEN, UNKNOWN])
async def test_who_never_started_the_bot_is_unreachable(
    sender: TelegramSender, chat_id: int
) -> None:
    with pytest.raises(UnreachableError):
        await sender.send(chat_id, Screen("hi"), lane=Lane.BULK)


async def test_who_blocked_the_bot_is_unreachable(
    telegram: Telegram, sender: TelegramSender
) -> None:
    message_id = await sender.send(ANNA, Screen("one"), lane=Lane.USER)
    await telegram.post(f"/world/people/{ANNA}", bot_blocked=True)
    with pytest.raises(UnreachableError):
        await sender.send(ANNA, Screen("two"), lane=Lane.BULK)
    with pytest.raises(UnreachableError):
        await sender.edit(ANNA, message_id, Screen("two"), lane=Lane.BULK)


@pytest.mark.parametrize(
    "screen",
    [
        Screen("x" * 4097),
        Screen("x" * 1025, photo=b"\x89PNG"),
        Screen("<b>not closed"),
        Screen("", KEYBOARD),
        Screen("hi", ((Button("nothing"),),)),
        Screen("hi", ((Button("long", data="x" * 65),),)),
    ],
)
async def test_a_screen_that_telegram_would_not_take_is_refused(
    telegram: Telegram, sender: TelegramSender, screen: Screen
) -> None:
    """A bug of ours: no repeating helps."""
    with pytest.raises(RefusedError):
        await sender.send(ANNA, screen, lane=Lane.USER)
    assert await telegram.shown(ANNA) == []


async def test_tags_and_entities_do_not_count_as_length(
    telegram: Telegram, sender: TelegramSender
) -> None:
    await sender.send(ANNA, Screen(f"<b>{'&amp;' * 4096}</b>"), lane=Lane.USER)
    (message,) = await telegram.shown(ANNA)
    assert message["text"] == "&" * 4096


async def test_a_message_during_an_outage_is_undecided_and_comes_once(
    telegram: Telegram, sender: TelegramSender
) -> None:
    """P4."""
    await telegram.turn(telegram="down")
    with pytest.raises(UndecidedError):
        await sender.send(ANNA, Screen("one"), lane=Lane.BULK)
    await telegram.turn(telegram="ok")
    await sender.send(ANNA, Screen("two"), lane=Lane.BULK)
    assert [message["text"] for message in await telegram.shown(ANNA)] == ["two"]


async def test_a_flood_longer_than_the_patience_of_its_lane_is_reported(
    telegram: Telegram, sender: TelegramSender
) -> None:
    """P10."""
    await telegram.turn(telegram="flood", telegram_retry_after=15)
    with pytest.raises(RetryLaterError):
        await sender.send(ANNA, Screen("one"), lane=Lane.BULK)
    assert await telegram.shown(ANNA) == []


async def test_full_speed_causes_no_flood(telegram: Telegram, sender: TelegramSender) -> None:
    """P10: Telegram, which counts for itself, has nothing to refuse.

    A machine that stands still for a moment bunches messages that had left in time, as no limiter
    can help; so one of three blasts has to arrive as it was sent.
    """
    floods = []
    for blast in range(1, 4):
        before = REGISTRY.get_sample_value("tollgate_telegram_429_total") or 0
        people = await asyncio.gather(*(telegram.person() for _ in range(30)))
        chats = [*people, *people, *people, *[ANNA] * 6]
        await asyncio.gather(
            *(sender.send(chat_id, Screen("hi"), lane=Lane.USER) for chat_id in chats)
        )
        assert len(await telegram.shown(ANNA)) == 6 * blast
        floods.append((REGISTRY.get_sample_value("tollgate_telegram_429_total") or 0) - before)
        if floods[-1] == 0:
            return
    raise AssertionError(f"refused in every blast: {floods}")


async def test_a_document_comes_with_its_name_caption_and_buttons(
    telegram: Telegram, sender: TelegramSender
) -> None:
    document = Document("my-data.json", b'{"a": 1}')
    screen = Screen("<b>all</b>", KEYBOARD, document=document)
    await sender.send(ANNA, screen, lane=Lane.USER)
    (message,) = await telegram.shown(ANNA)
    assert message["document"]["file_name"] == "my-data.json"
    assert message["document"]["file_size"] == 8
    assert message["caption"] == "all"
    assert keyboard(message)[0][0]["callback_data"] == "plans"


async def test_a_document_in_a_file_comes_whole_each_time_it_is_sent(
    telegram: Telegram, sender: TelegramSender
) -> None:
    """In chunks, from its beginning."""
    with TemporaryFile() as file:
        file.write(b"0123456789" * 100_000)
        file.flush()
        screen = Screen("all", document=Document("all.csv", file))
        for _ in range(2):
            await sender.send(ANNA, screen, lane=Lane.USER)
    for message in await telegram.shown(ANNA):
        assert message["document"]["file_name"] == "all.csv"
        assert message["document"]["file_size"] == 1_000_000


@pytest.mark.parametrize("change", [{"closed": True}, {"deleted": True}])
async def test_a_topic_that_is_closed_or_gone_leaves_general(
    telegram: Telegram, sender: TelegramSender, change: dict[str, bool]
) -> None:
    """And it is tried again each time: it may be open again."""
    topics = f"/world/groups/{GROUP}/topics"
    thread_id = (await telegram.post(topics, name="Payments", person_id=ANNA))["thread_id"]

    async def send_into_it() -> int | None:
        await sender.send(GROUP, Screen("here"), lane=Lane.USER, thread_id=thread_id)
        place: int | None = (await telegram.shown(GROUP))[-1].get("message_thread_id")
        return place

    assert await send_into_it() == thread_id
    await telegram.post(f"{topics}/{thread_id}", **change)
    assert await send_into_it() is None
    with pytest.raises(TopicGoneError):
        await sender.send(
            GROUP, Screen("there"), lane=Lane.USER, thread_id=thread_id, only_there=True
        )
    assert (await telegram.shown(GROUP))[-1]["text"] == "here"


async def test_where_general_is_closed_too_the_group_is_restricted(
    telegram: Telegram, sender: TelegramSender
) -> None:
    topics = f"/world/groups/{GROUP}/topics"
    thread_id = (await telegram.post(topics, name="Payments", person_id=ANNA))["thread_id"]
    card = await sender.send(GROUP, Screen("card"), lane=Lane.USER, thread_id=thread_id)
    for closed in (thread_id, 1):
        await telegram.post(f"{topics}/{closed}", closed=True)
    for place in (thread_id, None):
        with pytest.raises(ChatRestrictedError):
            await sender.send(GROUP, Screen("here"), lane=Lane.USER, thread_id=place)
    assert await sender.update(GROUP, card, Screen("still edited"), lane=Lane.BULK) == card


async def test_rights_and_a_migration_are_a_groups_states(
    telegram: Telegram, sender: TelegramSender
) -> None:
    await telegram.post(f"/world/groups/{GROUP}/bot", status="restricted")
    with pytest.raises(ChatRestrictedError):
        await sender.send(GROUP, Screen("one"), lane=Lane.BULK)
    old = (await telegram.post("/world/groups", title="Us", members=[ANNA], kind="group"))["id"]
    new = (await telegram.post(f"/world/groups/{old}/migrate", told=False))["id"]
    with pytest.raises(ChatMigratedError) as migrated:
        await sender.send(old, Screen("two"), lane=Lane.BULK)
    assert migrated.value.new_chat_id == new


async def test_what_stands_in_a_closed_topic_is_sent_anew_and_its_card_waits() -> None:
    closed = json(400, description="Bad Request: TOPIC_CLOSED")
    async with odd_server() as server, bot_for(server.url) as bot:
        sender = TelegramSender(bot, Limiter(), "https://shop.example")
        server.answers = [closed]
        edited = await sender.edit(GROUP, 5, Screen("one"), lane=Lane.USER, thread_id=4)
        assert (edited, server.asked) == (77, ["editMessageText", "sendMessage", "deleteMessage"])
        server.answers = [closed]
        with pytest.raises(RetryLaterError) as waits:
            await sender.update(GROUP, 5, Screen("two"), lane=Lane.BULK)
        assert waits.value.retry_after == timedelta(minutes=10)


async def test_an_update_of_what_stands_and_cannot_be_edited_sends_it_anew() -> None:
    frozen = json(400, description="Bad Request: message can't be edited")
    gone = json(400, description="Bad Request: MESSAGE_ID_INVALID")
    async with odd_server() as server, bot_for(server.url) as bot:
        sender = TelegramSender(bot, Limiter(), "https://shop.example")
        server.answers = [frozen]
        assert await sender.update(GROUP, 5, Screen("one"), lane=Lane.BULK, thread_id=4) == 77
        assert server.asked == ["editMessageText", "sendMessage", "deleteMessage"]
        server.answers = [gone]
        assert await sender.update(GROUP, 5, Screen("two"), lane=Lane.BULK) is None
