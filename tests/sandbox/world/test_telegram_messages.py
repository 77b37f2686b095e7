"""The Bot API's methods around messages: what goes through and what Telegram says otherwise."""

import io
import json
from collections.abc import Awaitable
from typing import Any

import httpx
import pytest
import segno

from tests.sandbox.world.peers import Api, Json

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are "
    "exactly the same as a current content and reply markup of the message"
)

CANNOT_BEGIN = "Forbidden: bot can't initiate conversation with a user"
BAD_URL = "inline keyboard button URL '{}' is invalid: {}"
BAD_WEB_APP = "inline keyboard button Web App URL is invalid: Only HTTPS links are allowed"
NO_ACTION = "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"


def keyboard(**button: object) -> Json:
    return {"inline_keyboard": [[{"text": "A button", **button}]]}


async def described(call: Awaitable[Json]) -> tuple[int, str]:
    answer = await call
    assert answer["ok"] is False
    return answer["error_code"], answer["description"]


def png() -> bytes:
    picture = io.BytesIO()
    segno.make("vless://key").save(picture, kind="png", scale=4)
    return picture.getvalue()


async def test_a_sent_message_comes_back_as_telegram_shapes_it(telegram: Api, anna: int) -> None:
    answer = await telegram(
        "sendMessage",
        chat_id=anna,
        text="  <b>Привет</b> 👋 <i>Анна</i>\n",
        parse_mode="HTML",
        reply_markup=keyboard(callback_data="plans"),
    )
    message = answer["result"]
    assert message["text"] == "Привет 👋 Анна"
    assert message["entities"] == [
        {"type": "bold", "offset": 0, "length": 6},
        {"type": "italic", "offset": 10, "length": 4},
    ]
    assert message["chat"]["type"] == "private"
    assert message["from"]["is_bot"] is True
    assert message["reply_markup"]["inline_keyboard"][0][0]["callback_data"] == "plans"


@pytest.mark.parametrize("form", ["query", "form", "multipart", "json"])
async def test_every_way_to_send_parameters_is_understood(
    client: httpx.AsyncClient, anna: int, form: str
) -> None:
    values = {
        "chat_id": str(anna),
        "text": "Прив & ет",
        "reply_markup": json.dumps(keyboard(url="t.me")),
    }
    ways: dict[str, dict[str, Any]] = {
        "query": {"params": values},
        "form": {"data": values},
        "multipart": {"files": {name: (None, value) for name, value in values.items()}},
        "json": {"json": {**values, "chat_id": anna, "reply_markup": keyboard(url="t.me")}},
    }
    answer = await client.post("/bot4242:bot/sendMessage", **ways[form])
    assert answer.json()["result"]["text"] == "Прив & ет"
    assert answer.json()["result"]["reply_markup"]["inline_keyboard"][0][0]["url"] == "http://t.me"


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"chat_id": 5, "text": "x"}, (400, "Bad Request: chat not found")),
        ({"text": "x"}, (400, "Bad Request: chat_id is empty")),
        ({"text": ""}, (400, "Bad Request: message text is empty")),
        ({"text": " \n "}, (400, "Bad Request: message text is empty")),
        ({"text": "<b> </b>", "parse_mode": "HTML"}, (400, "Bad Request: message text is empty")),
        ({"text": "x" * 4097}, (400, "Bad Request: message is too long")),
        ({"text": "👋" * 4097}, (400, "Bad Request: message is too long")),
        ({"text": "x", "parse_mode": "Word"}, (400, "Bad Request: unsupported parse_mode")),
        ({"chat_id": 1002, "text": "x"}, (403, CANNOT_BEGIN)),
    ],
)  # fmt: skip
async def test_a_message_that_telegram_would_refuse_is_refused_in_its_words(
    telegram: Api, anna: int, values: Json, error: tuple[int, str]
) -> None:
    call = {"chat_id": anna, **values}
    if "chat_id" in values or error[1].endswith("chat_id is empty"):
        call = values
    assert await described(telegram("sendMessage", **call)) == error


async def test_a_blocked_bot_is_notified(telegram: Api, control: Api, anna: int) -> None:
    await control(f"people/{anna}", bot_blocked=True)
    error = await described(telegram("sendMessage", chat_id=anna, text="x"))
    assert error == (403, "Forbidden: bot was blocked by the user")


@pytest.mark.parametrize(
    ("button", "description"),
    [
        ({"callback_data": "x" * 65}, "BUTTON_DATA_INVALID"),
        ({"callback_data": "я" * 33}, "BUTTON_DATA_INVALID"),
        ({"copy_text": {"text": "x" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"url": "javascript://x"}, BAD_URL.format("javascript://x", "Unsupported URL protocol")),
        ({"url": "http://nowhere"}, BAD_URL.format("http://nowhere", "Wrong HTTP URL")),
        ({"web_app": {"url": "http://vpn.example"}}, BAD_WEB_APP),
        ({}, NO_ACTION),
        ({"text": " ", "url": "t.me"}, "keyboard button text must be non-empty"),
    ],
)  # fmt: skip
async def test_a_wrong_button_is_refused(
    telegram: Api, anna: int, button: Json, description: str
) -> None:
    call = telegram("sendMessage", chat_id=anna, text="x", reply_markup=keyboard(**button))
    assert await described(call) == (400, f"Bad Request: {description}")


@pytest.mark.parametrize(
    "button",
    [
        {"callback_data": "я" * 32},
        {"copy_text": {"text": "vless://…"}},
        {"url": "https://t.me/tollgate"},
        {"url": "http://127.0.0.1:8000/#invoice-IV1"},
        {"web_app": {"url": "https://vpn.example/"}},
    ],
)
async def test_a_right_button_comes_back_unchanged(telegram: Api, anna: int, button: Json) -> None:
    answer = await telegram("sendMessage", chat_id=anna, text="x", reply_markup=keyboard(**button))
    shown = answer["result"]["reply_markup"]["inline_keyboard"][0][0]
    assert shown == {"text": "A button", **button}


async def test_text_keyboard_and_media_are_edited_in_place(
    client: httpx.AsyncClient, telegram: Api, anna: int
) -> None:
    sent = await telegram("sendMessage", chat_id=anna, text="one")
    ids = {"chat_id": anna, "message_id": sent["result"]["message_id"]}
    edited = await telegram("editMessageText", **ids, text="two", reply_markup=keyboard(url="t.me"))
    assert (edited["result"]["text"], "edit_date" in edited["result"]) == ("two", True)
    edited = await telegram("editMessageReplyMarkup", **ids)
    assert "reply_markup" not in edited["result"]
    media = json.dumps({"type": "photo", "media": "attach://qr", "caption": "three"})
    answer = await client.post(
        "/bot4242:bot/editMessageMedia",
        data={"chat_id": str(anna), "message_id": str(ids["message_id"]), "media": media},
        files={"qr": ("qr.png", png())},
    )
    assert answer.json()["result"]["caption"] == "three"
    edited = await telegram("editMessageCaption", **ids, caption="four")
    assert edited["result"]["caption"] == "four"
    assert edited["result"]["photo"] == answer.json()["result"]["photo"]
    error = await described(telegram("editMessageText", **ids, text="five"))
    assert error == (400, "Bad Request: there is no text in the message to edit")


async def test_what_cannot_be_edited_says_why(telegram: Api, control: Api, anna: int) -> None:
    sent = await telegram(
        "sendMessage", chat_id=anna, text="one", reply_markup=keyboard(callback_data="a")
    )
    ids = {"chat_id": anna, "message_id": sent["result"]["message_id"]}
    same = telegram("editMessageText", **ids, text="one", reply_markup=keyboard(callback_data="a"))
    assert await described(same) == (400, NOT_MODIFIED)
    caption = await described(telegram("editMessageCaption", **ids, caption="x"))
    assert caption == (400, "Bad Request: there is no caption in the message to edit")
    missing = await described(telegram("editMessageText", chat_id=anna, message_id=99, text="x"))
    assert missing == (400, "Bad Request: message to edit not found")
    theirs = (await control(f"people/{anna}/send", text="mine"))["message_id"]
    foreign = await described(
        telegram("editMessageText", chat_id=anna, message_id=theirs, text="x")
    )
    assert foreign == (400, "Bad Request: message can't be edited")


async def test_a_message_is_deleted_once_and_not_after_two_days(
    telegram: Api, control: Api, anna: int
) -> None:
    first, second = [
        (await telegram("sendMessage", chat_id=anna, text=text))["result"]["message_id"]
        for text in ("one", "two")
    ]
    assert (await telegram("deleteMessage", chat_id=anna, message_id=first))["result"] is True
    again = await described(telegram("deleteMessage", chat_id=anna, message_id=first))
    assert again == (400, "Bad Request: message to delete not found")
    await control("skip", seconds=49 * 3600)
    late = await described(telegram("deleteMessage", chat_id=anna, message_id=second))
    assert late == (400, "Bad Request: message can't be deleted for everyone")


async def test_an_uploaded_document_is_kept_byte_for_byte(
    client: httpx.AsyncClient, anna: int
) -> None:
    content = bytes(range(256)) * 9 + b"\r\n--x\r\n"
    answer = await client.post(
        "/bot4242:bot/sendDocument",
        data={"chat_id": str(anna), "caption": "<code>k</code>", "parse_mode": "HTML"},
        files={"document": ("ключ.conf", content)},
    )
    document = answer.json()["result"]["document"]
    assert (document["file_name"], document["file_size"]) == ("ключ.conf", len(content))
    kept = await client.get(f"/world/files/{document['file_id']}")
    assert kept.content == content
    assert kept.headers["content-disposition"].startswith("attachment; filename*=utf-8''%D0%BA")


async def test_a_photo_is_measured_and_sent_again_by_its_id(
    client: httpx.AsyncClient, telegram: Api, anna: int
) -> None:
    answer = await client.post(
        "/bot4242:bot/sendPhoto",
        data={"chat_id": str(anna)},
        files={"photo": ("qr.png", png())},
    )
    photo = answer.json()["result"]["photo"][-1]
    assert (photo["width"], photo["height"]) == (84, 84)
    again = await telegram("sendPhoto", chat_id=anna, photo=photo["file_id"], caption="again")
    assert again["result"]["photo"][-1]["file_unique_id"] == photo["file_unique_id"]
    kept = await client.get(f"/world/files/{photo['file_id']}")
    assert kept.headers["content-type"] == "image/png"


@pytest.mark.parametrize(
    ("values", "content", "description"),
    [
        ({}, b"no picture", "IMAGE_PROCESS_FAILED"),
        ({}, b"", "file must be non-empty"),
        ({}, None, "there is no photo in the request"),
        ({"photo": "unknown-id"}, None, "wrong file identifier/HTTP URL specified"),
        ({"caption": "x" * 1025}, b"picture", "message caption is too long"),
    ],
)
async def test_a_wrong_photo_is_refused(
    client: httpx.AsyncClient, anna: int, values: Json, content: bytes | None, description: str
) -> None:
    answer = await client.post(
        "/bot4242:bot/sendPhoto",
        data={"chat_id": str(anna), **values},
        files={} if content is None else {"photo": ("qr.png", content)},
    )
    assert answer.json()["description"] == f"Bad Request: {description}"


async def test_a_reply_quotes_the_message(telegram: Api, control: Api, anna: int) -> None:
    asked = (await control(f"people/{anna}/send", text="help"))["message_id"]
    reply = {"message_id": asked}
    answer = await telegram("sendMessage", chat_id=anna, text="ok", reply_parameters=reply)
    assert answer["result"]["reply_to_message"]["text"] == "help"
    lost = telegram("sendMessage", chat_id=anna, text="ok", reply_parameters={"message_id": 99})
    assert await described(lost) == (400, "Bad Request: message to be replied not found")


async def test_a_stranger_and_an_unknown_method_are_turned_away(
    client: httpx.AsyncClient, telegram: Api
) -> None:
    stranger = await client.post("/bot4242:wrong/getMe")
    assert (stranger.status_code, stranger.json()) == (
        401,
        {"ok": False, "error_code": 401, "description": "Unauthorized"},
    )
    assert await described(telegram("sendDice", chat_id=1)) == (404, "Not Found: method not found")


async def test_the_telegram_knob_answers_429_or_a_page_of_html(
    telegram: Api, control: Api, client: httpx.AsyncClient, anna: int
) -> None:
    await control.turn(telegram="flood", telegram_retry_after=7)
    answer = await telegram("sendMessage", chat_id=anna, text="x")
    assert answer["description"] == "Too Many Requests: retry after 7"
    assert answer["parameters"] == {"retry_after": 7}
    assert (await telegram("getMe"))["ok"] is True
    await control.turn(telegram="down")
    down = await telegram.post("getMe")
    assert (down.status_code, down.headers["content-type"]) == (502, "text/html; charset=utf-8")
    assert (await client.get("/world/state")).json()["limit_429s"] == 0


async def test_more_than_one_message_a_second_to_a_chat_is_a_429_that_is_counted(
    telegram: Api, client: httpx.AsyncClient, anna: int
) -> None:
    answers = [await telegram("sendMessage", chat_id=anna, text=str(n)) for n in range(14)]
    refused = [answer for answer in answers if not answer["ok"]]
    assert refused
    assert refused[0]["parameters"]["retry_after"] >= 1
    assert (await client.get("/world/state")).json()["limit_429s"] == len(refused)
