"""Users as Telegram has them: without names, with large ids, gone."""

import base64

import pytest

from app.bot.qr import draw_qr
from tests.sandbox.world.peers import Api, Json, Service

GROUP = -1002200000001


@pytest.mark.usefixtures("webhook")
async def test_a_user_without_username_and_language_has_no_such_fields(
    control: Api, service: Service
) -> None:
    large = 7_300_000_001
    names = {"first_name": "Jo", "last_name": "Doe", "username": None, "language_code": None}
    await control("people", id=large, **names)
    await control(f"people/{large}/send", text="/start")
    await service.until(lambda: bool(service.updates))
    message = service.updates[0]["message"]
    user = {"id": large, "is_bot": False, "first_name": "Jo", "last_name": "Doe"}
    assert message["from"] == user
    assert message["chat"] == {
        "id": large,
        "first_name": "Jo",
        "last_name": "Doe",
        "type": "private",
    }


async def test_two_users_never_have_one_id(control: Api) -> None:
    answer = await control.post("people", id=1001, first_name="Another")
    assert answer.status_code == 409


async def test_a_deleted_account_takes_no_message_and_has_no_name(
    control: Api, telegram: Api, anna: int
) -> None:
    """B:8136."""
    await control(f"people/{anna}", deleted=True)
    answer = await telegram("sendMessage", chat_id=anna, text="x")
    assert (answer["error_code"], answer["description"]) == (403, "Forbidden: user is deactivated")
    chat = (await telegram("getChat", chat_id=anna))["result"]
    assert (chat["first_name"], "username" in chat) == ("", False)


async def test_each_supergroup_counts_its_own_messages(telegram: Api, anna: int) -> None:
    async def send(chat_id: int) -> int:
        sent: Json = await telegram("sendMessage", chat_id=chat_id, text="x")
        message_id: int = sent["result"]["message_id"]
        return message_id

    assert [await send(chat) for chat in (anna, GROUP, anna, GROUP)] == [2, 1, 3, 2]
    await telegram("deleteMessage", chat_id=GROUP, message_id=2)
    assert await send(GROUP) == 3


@pytest.mark.usefixtures("webhook")
async def test_a_tap_on_a_message_that_is_too_old_sends_its_place_only(
    control: Api, telegram: Api, anna: int, service: Service
) -> None:
    sent = await telegram("sendMessage", chat_id=anna, text="x")
    message_id = sent["result"]["message_id"]
    await control(f"people/{anna}/tap", message_id=message_id, data="d", inaccessible=True)
    await service.until(lambda: any("callback_query" in one for one in service.updates))
    message = service.updates[-1]["callback_query"]["message"]
    assert (message["message_id"], message["date"]) == (message_id, 0)
    assert message.keys() == {"message_id", "chat", "date"}


@pytest.mark.usefixtures("webhook")
async def test_a_picture_comes_with_its_caption_and_can_be_sent_back(
    control: Api, telegram: Api, anna: int, service: Service
) -> None:
    await control("people", id=7001, first_name="Jo")
    early = await control.post("people/7001/send", text="", picture="aGk=")
    assert early.status_code == 409
    await control(f"people/{anna}/send", text="/start")
    no_picture = await control.post(f"people/{anna}/send", text="", picture="aGk=")
    assert no_picture.status_code == 400
    picture = base64.b64encode(draw_qr("hello")).decode()
    await control(f"people/{anna}/send", text="Look", picture=picture)
    await service.until(lambda: "caption" in service.updates[-1].get("message", {}))
    message = service.updates[-1]["message"]
    assert (message["caption"], "text" in message) == ("Look", False)
    file_id = message["photo"][-1]["file_id"]
    sent = await telegram("sendPhoto", chat_id=anna, photo=file_id)
    assert sent["result"]["photo"][-1]["file_unique_id"] == message["photo"][-1]["file_unique_id"]
