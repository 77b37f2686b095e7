"""Calls that are broken before any method is reached, and what the profile methods refuse."""

import struct

import httpx
import pytest

from tests.sandbox.world.peers import Api, Json

SEND = "/bot4242:bot/sendMessage"
PLANS = {"command": "plans", "description": "What there is"}
NO_DESCRIPTION = "BOT_COMMAND_DESCRIPTION_INVALID"
TOO_LONG = "bot short description is too long"
WRONG_ACTION = "wrong parameter action in request"
MULTIPART = {"content-type": "multipart/form-data; boundary=x"}


@pytest.mark.parametrize(
    ("content", "headers", "description"),
    [
        (b"{", {"content-type": "application/json"}, "can't parse JSON object"),
        (b"[]", {"content-type": "application/json"}, "object expected"),
        (b"", {"content-type": "application/json"}, "message text is empty"),
        (
            b"x",
            {"content-type": "multipart/form-data"},
            "boundary parameter not found in multipart/form-data",
        ),
        (b"--x\r\n\r\n1", MULTIPART, "multipart/form-data is not terminated"),
        (b"--x\r\nContent-Type: a\r\n\r\n1\r\n--x--", MULTIPART, "message text is empty"),
    ],
)
async def test_a_broken_body_is_a_bad_request(
    client: httpx.AsyncClient, content: bytes, headers: dict[str, str], description: str
) -> None:
    answer = await client.post(SEND, content=content, headers=headers)
    assert (answer.status_code, answer.json()["description"]) == (
        400,
        f"Bad Request: {description}",
    )


async def test_a_body_beyond_every_limit_is_not_read(client: httpx.AsyncClient) -> None:
    answer = await client.post(SEND, content=b"x" * (51 * 1024 * 1024))
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("markup", "description"),
    [
        ("{", "can't parse reply keyboard markup JSON object"),
        ("[]", "object expected as reply markup"),
        ({"rows": []}, "object expected as reply markup"),
        ({"inline_keyboard": 1}, 'field "inline_keyboard" must be of type Array'),
        (
            {"inline_keyboard": [1]},
            "can't parse inline keyboard button: inline keyboard must be array of arrays",
        ),
        (
            {"inline_keyboard": [[1]]},
            "can't parse inline keyboard button: InlineKeyboardButton must be an Object",
        ),
        (
            {"inline_keyboard": [[{"url": "t.me"}]]},
            "can't parse inline keyboard button: Can't find field \"text\"",
        ),
        ({"inline_keyboard": [[{"text": "a", "url": "t.me"}] * 101]}, "reply markup is too long"),
    ],
)
async def test_a_keyboard_of_the_wrong_shape_is_refused(
    telegram: Api, anna: int, markup: object, description: str
) -> None:
    answer = await telegram("sendMessage", chat_id=anna, text="x", reply_markup=markup)
    assert answer["description"] == f"Bad Request: {description}"


@pytest.mark.parametrize("markup", [{"remove_keyboard": True}, {"inline_keyboard": [[]]}, "", {}])
async def test_what_shows_no_buttons_is_taken(telegram: Api, anna: int, markup: object) -> None:
    answer = await telegram("sendMessage", chat_id=anna, text="x", reply_markup=markup)
    assert "reply_markup" not in answer["result"]


def jpeg(width: int, height: int) -> bytes:
    app0 = struct.pack(">BBH", 0xFF, 0xE0, 16) + bytes(14)
    frame = struct.pack(">BBHBHH", 0xFF, 0xC2, 17, 8, height, width) + bytes(10)
    return b"\xff\xd8" + app0 + frame


@pytest.mark.parametrize(
    ("size", "description"),
    [
        ((640, 480), None),
        ((9000, 1001), "PHOTO_INVALID_DIMENSIONS"),
        ((2100, 100), "PHOTO_INVALID_DIMENSIONS"),
    ],
)
async def test_a_jpegs_size_is_read_and_bounded(
    client: httpx.AsyncClient, anna: int, size: tuple[int, int], description: str | None
) -> None:
    answer = await client.post(
        "/bot4242:bot/sendPhoto",
        data={"chat_id": str(anna)},
        files={"photo": ("a.jpg", jpeg(*size))},
    )
    if description:
        assert answer.json()["description"] == f"Bad Request: {description}"
    else:
        photo = answer.json()["result"]["photo"][-1]
        assert (photo["width"], photo["height"]) == size


@pytest.mark.parametrize(
    ("method", "values", "description"),
    [
        ("setMyCommands", {"commands": [PLANS | {"command": "Plans"}]}, "BOT_COMMAND_INVALID"),
        ("setMyCommands", {"commands": [PLANS | {"description": ""}]}, NO_DESCRIPTION),
        ("setMyCommands", {"commands": [PLANS] * 101}, "BOT_COMMANDS_TOO_MUCH"),
        ("setMyCommands", {"commands": "?"}, "can't parse commands list JSON object"),
        ("setMyCommands", {"commands": [], "language_code": "russian"}, "LANG_CODE_INVALID"),
        ("setMyDescription", {"description": "x" * 513}, "bot description is too long"),
        ("setMyShortDescription", {"short_description": "x" * 121}, TOO_LONG),
        ("sendChatAction", {"chat_id": 1001, "action": "dance"}, WRONG_ACTION),
        ("editMessageText", {"chat_id": 1001, "text": "x"}, "message identifier is not specified"),
        ("editMessageMedia", {"chat_id": 1001}, "there is no media in the request"),
    ],
)
@pytest.mark.usefixtures("anna")
async def test_a_wrong_call_is_refused_in_telegrams_words(
    telegram: Api, method: str, values: Json, description: str
) -> None:
    assert (await telegram(method, **values))["description"] == f"Bad Request: {description}"


async def test_methods_are_found_whatever_their_case_and_by_get(client: httpx.AsyncClient) -> None:
    answer = await client.get("/bot4242:bot/GETME")
    assert answer.json()["result"]["is_bot"] is True
