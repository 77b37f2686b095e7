"""What Telegram refuses and how it says so, each with the place in its sources.

B is telegram-bot-api/Client.cpp of tdlib/telegram-bot-api at 01a3679c; T stands for td/telegram of
tdlib/td at 022d6020. The Bot API begins what tdlib says in lower case.
"""

import pytest

from tests.sandbox.world.peers import Api, Json

GROUP = -1002200000001
INVOICE: Json = {
    "title": "Month",
    "description": "One month",
    "payload": "p",
    "currency": "XTR",
    "prices": [{"label": "a", "amount": 1}],
}
PHOTO: Json = {"type": "photo", "media": "x"}


def bold(offset: int, length: int) -> Json:
    return {
        "text": "abc",
        "entities": [{"type": "bold", "offset": offset, "length": length}],
    }


def button(**what: object) -> Json:
    return {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "Tap"} | what]]}}


def replying(to: object, *, text: bool = True) -> Json:
    return {"reply_parameters": to} | ({"text": "x"} if text else {})


BAD_URL = "invalid file HTTP URL specified"
NO_OBJECT = "Bad Request: object expected as reply parameters"
NO_JSON = "can't parse reply parameters JSON object"
NO_MESSAGE_ID = 'Bad Request: can\'t find field "message_id"'
NOT_REPLIED = "Bad Request: message to be replied not found"
BEGINS_AFTER = "entity begins after the end of the text at UTF-16 offset 3"
ENDS_AFTER = "entity beginning at UTF-16 offset 1 ends after the end of the text at UTF-16 offset 4"


STATUSES = {"Bad Request": 400, "Forbidden": 403, "Not Found": 404, "Conflict": 409}
MANY_BUTTONS = {"reply_markup": {"inline_keyboard": [[{"text": "a", "url": "t.me"}] * 101]}}
COPIED = {"from_chat_id": GROUP, "message_id": 9}
APP_IN_GROUP = button(web_app={"url": "https://a.example"}) | {"chat_id": GROUP}


@pytest.mark.parametrize(
    ("method", "values", "description", "source"),
    [
        ("copyMessage", COPIED, "Bad Request: message to copy not found", "B:13252"),
        ("forwardMessage", COPIED, "Bad Request: message to forward not found", "B:13319"),
        ("deleteMessages", {}, "Bad Request: message identifiers are not specified", "B:13816"),
        (
            "deleteMessages",
            {"message_ids": list(range(101))},
            "Bad Request: too many message identifiers specified",
            "B:12413",
        ),
        (
            "sendMediaGroup",
            {"media": []},
            "Bad Request: there are no messages to send",
            "T/MessageContent.cpp:5332",
        ),
        (
            "sendMediaGroup",
            {"media": [PHOTO] * 11},
            "Bad Request: too many messages to send as an album",
            "T/MessageContent.cpp:5329",
        ),
        (
            "getChatAdministrators",
            {},
            "Bad Request: there are no administrators in the private chat",
            "B:15121",
        ),
        (
            "pinChatMessage",
            {"chat_id": GROUP, "message_id": 1},
            "Bad Request: not enough rights to manage pinned messages in the chat",
            "T/DialogManager.cpp:2910",
        ),
        (
            "setChatMenuButton",
            {"menu_button": {"type": "game"}},
            "Bad Request: can't parse menu button: MenuButton has unsupported type",
            "B:10702",
        ),
        ("sendMessage", replying([9]), NO_OBJECT, "B:9413"),
        ("sendMessage", replying("{"), f"Bad Request: {NO_JSON}", "B:9405"),
        ("sendMessage", replying({"chat_id": GROUP}), NO_MESSAGE_ID, "B:9420"),
        ("sendMessage", replying({"message_id": 99}), NOT_REPLIED, "B:8516"),
        ("sendMessage", replying({"message_id": 99, "chat_id": GROUP}), NOT_REPLIED, "B:8516"),
        (
            "sendPhoto",
            {"photo": "https://a.example/a.png"} | replying({"message_id": 99}, text=False),
            NOT_REPLIED,
            "B:8516",
        ),
        (
            "copyMessage",
            {"from_chat_id": 1001, "message_id": 1} | replying({"message_id": 99}, text=False),
            NOT_REPLIED,
            "B:8516",
        ),
        (
            "sendMessage",
            replying({"message_id": 1, "chat_id": "@nowhere"}),
            "Bad Request: chat not found",
            "B:8527",
        ),
        *(
            ("sendPhoto", {"photo": photo}, f"Bad Request: {description}", source)
            for photo, description, source in (
                ("a.png", "wrong file identifier/HTTP URL specified", "the server itself"),
                ("https:/a.example/a.png", "wrong file identifier/HTTP URL specified", "the same"),
                ("ftp://a.example/a.png", f"{BAD_URL}: Unsupported URL protocol", "T/FileManager"),
                ("https://", f"{BAD_URL}: URL host is empty", "T/FileManager"),
                ("https://[a", f"{BAD_URL}: URL host is empty", "T/FileManager"),
            )
        ),
        (
            "sendDocument",
            {"document": "https://a.example/a.txt"},
            "Bad Request: wrong type of the web page content",
            "B:117",
        ),
        ("sendDice", {}, "Not Found: method not found", "B:12664"),
        ("sendMessage", bold(3, 1), f"Bad Request: {BEGINS_AFTER}", "T/MessageEntity.cpp:4251"),
        ("sendMessage", bold(1, 3), f"Bad Request: {ENDS_AFTER}", "T/MessageEntity.cpp:4257"),
        (
            "sendMessage",
            {"text": "👋" * 4097},
            "Bad Request: message is too long",
            "T/MessageContent.cpp:4759",
        ),
        ("sendMessage", button(pay=True), "Bad Request: BUTTON_TYPE_INVALID", "the server itself"),
        ("sendMessage", APP_IN_GROUP, "Bad Request: BUTTON_TYPE_INVALID", "the server itself"),
        (
            "sendMessage",
            {"text": "x"} | MANY_BUTTONS,
            "Bad Request: reply markup is too long",
            "B:121",
        ),
    ],
)
async def test_what_telegram_refuses_is_refused_in_its_words(
    telegram: Api, anna: int, method: str, values: Json, description: str, source: str
) -> None:
    answer = await telegram.post(method, **{"chat_id": anna} | values)
    assert answer.json()["description"] == description, source
    assert answer.status_code == STATUSES[description.partition(":")[0]]


@pytest.mark.parametrize(
    ("values", "description"),
    [({}, "file_id not specified"), ({"file_id": "x"}, "invalid file_id")],
)
async def test_only_a_known_file_is_found(telegram: Api, values: Json, description: str) -> None:
    """B:8366, B:6857."""
    answer = await telegram("getFile", **values)
    assert answer["description"] == f"Bad Request: {description}"


async def test_while_a_webhook_is_set_nobody_polls(telegram: Api, webhook: str) -> None:
    """B:15703."""
    answer = await telegram.post("getUpdates")
    assert answer.status_code == STATUSES["Conflict"]
    assert answer.json()["description"] == (
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to"
        " delete the webhook first"
    ), webhook


async def test_what_is_long_in_utf_16_only_is_sent(telegram: Api, anna: int) -> None:
    assert (await telegram("sendMessage", chat_id=anna, text="👋" * 4096))["ok"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"url": "http://a.example", "callback_data": "x"}, {"url": "http://a.example"}),
        ({"switch_inline_query": ""}, {"switch_inline_query": ""}),
        ({"login_url": {"url": "https://a.example"}}, {"url": "https://a.example"}),
    ],
)
async def test_of_what_a_button_could_do_the_first_counts(
    telegram: Api, anna: int, given: Json, kept: Json
) -> None:
    """B:9588."""
    answer = await telegram("sendMessage", chat_id=anna, **button(**given))
    assert answer["result"]["reply_markup"]["inline_keyboard"] == [[{"text": "Tap"} | kept]]


async def test_a_misspelt_parameter_does_not_pass(telegram: Api, anna: int) -> None:
    """Telegram would ignore it; nobody would notice before a user did."""
    answer = await telegram("sendMessage", chat_id=anna, text="x", replay_markup={})
    assert not answer["ok"]
    assert "replay_markup" in answer["description"]


async def test_an_invoice_does_not_become_a_picture(telegram: Api, anna: int) -> None:
    """T/MessagesManager.cpp:23624."""
    sent = await telegram("sendInvoice", chat_id=anna, **INVOICE)
    place = {"chat_id": anna, "message_id": sent["result"]["message_id"]}
    answer = await telegram("editMessageMedia", **place, media=PHOTO)
    assert answer["description"] == "Bad Request: message media can't be edited"


async def test_edits_use_up_the_limit_of_their_chat(telegram: Api) -> None:
    """tdlib/td#2592, #3034: twenty a minute to a group, whatever they are."""
    sent = await telegram("sendMessage", chat_id=GROUP, text="0")
    place = {"chat_id": GROUP, "message_id": sent["result"]["message_id"]}
    edits = [await telegram("editMessageText", **place, text=str(n)) for n in range(1, 12)]
    assert [edit["ok"] for edit in edits] == [True] * 9 + [False] * 2
    assert edits[-1]["parameters"]["retry_after"] > 0


@pytest.mark.parametrize(
    ("scope", "description"),
    [
        ({"type": "chat", "chat_id": 1002}, "chat not found"),  # has not pressed Start
        ({"type": "chat", "chat_id": 77}, "chat not found"),
        ({"type": "chat_member", "chat_id": "@nowhere", "user_id": 1}, "chat not found"),
        ({"type": "user"}, "can't parse BotCommandScope: Unsupported type specified"),
        (["chat"], "can't parse BotCommandScope: BotCommandScope must be an Object"),
    ],
)
async def test_commands_are_for_a_chat_that_the_bot_knows(
    telegram: Api, scope: Json, description: str
) -> None:
    """B:10576, B:8340."""
    for answer in (
        await telegram("setMyCommands", commands=[], scope=scope),
        await telegram("getMyCommands", scope=scope),
    ):
        assert answer["description"] == f"Bad Request: {description}"


@pytest.mark.parametrize("name", ["@nowhere", "@anna", "@", "@tollgate", "tollgate_news", "t.me/x"])
async def test_a_chat_is_found_by_its_number_or_a_channels_name(
    telegram: Api, anna: int, name: str
) -> None:
    """B:8204: a user's name finds nobody."""
    for method, values in (
        ("sendMessage", {"text": "x"}),
        ("sendChatAction", {"action": "typing"}),
        ("editMessageText", {"message_id": 1, "text": "x"}),
        ("deleteMessage", {"message_id": 1}),
        ("copyMessage", {"from_chat_id": anna, "message_id": 1}),
        ("forwardMessage", {"from_chat_id": anna, "message_id": 1}),
    ):
        answer = await telegram(method, chat_id=name, **values)
        assert answer["description"] == "Bad Request: chat not found", method


async def test_a_channel_that_the_bot_does_not_run_is_not_written_to(
    telegram: Api, control: Api
) -> None:
    """B:8186."""
    await control.turn(channels="no_admin")
    answer = await telegram("sendMessage", chat_id="@tollgate_news", text="x")
    assert answer["description"] == "Forbidden: bot is not a member of the channel chat"


@pytest.mark.parametrize(
    "quote",
    [
        {"quote": "Hello"},
        {"quote": "hello world"},  # its formatting is missing
        {"quote": "<i>hello</i>", "quote_parse_mode": "HTML"},
        {"quote": "hello " * 200},
    ],
)
async def test_what_is_quoted_must_be_there(telegram: Api, anna: int, quote: Json) -> None:
    """Tdlib leaves it to the server, which knows no other words for it."""
    text = "oh, hello <b>world</b>" + " hello" * 200
    sent = await telegram("sendMessage", chat_id=anna, text=text, parse_mode="HTML")
    reply = {"message_id": sent["result"]["message_id"]} | quote
    answer = await telegram("sendMessage", chat_id=anna, text="x", reply_parameters=reply)
    assert answer["description"] == "Bad Request: QUOTE_TEXT_INVALID"


async def test_a_group_that_threw_the_bot_out_is_replied_to_no_more(
    telegram: Api, control: Api, anna: int
) -> None:
    """B:8176."""
    sent = await telegram("sendMessage", chat_id=GROUP, text="x")
    reply = {"chat_id": GROUP, "message_id": sent["result"]["message_id"]}
    await control(f"groups/{GROUP}/bot", status="kicked")
    answer = await telegram("sendMessage", chat_id=anna, text="x", reply_parameters=reply)
    assert answer["description"] == "Forbidden: bot was kicked from the supergroup chat"
