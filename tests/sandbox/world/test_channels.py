"""Channels that a bot asks about, and links that start it with a word of their own."""

import pytest

from tests.sandbox.world.peers import Api, Json, Service

NEWS = "@tollgate_news"


async def member(telegram: Api, user_id: int, chat_id: object = NEWS) -> Json:
    return await telegram("getChatMember", chat_id=chat_id, user_id=user_id)


async def test_users_come_and_go_and_are_thrown_out(telegram: Api, control: Api) -> None:
    seen = [(await member(telegram, 1001))["result"]["status"]]
    for status in ("member", "left", "kicked"):
        await control("people/1001/channels", channel=NEWS, status=status)
        seen.append((await member(telegram, 1001))["result"]["status"])
    kicked = (await member(telegram, 1001))["result"]
    assert seen == ["left", "member", "left", "kicked"]
    assert (kicked["user"]["first_name"], kicked["until_date"]) == ("Anna", 0)


async def test_a_channel_is_known_by_its_name_and_by_its_number(telegram: Api) -> None:
    channel = (await telegram("getChat", chat_id=NEWS))["result"]
    by_number = (await telegram("getChat", chat_id=channel["id"]))["result"]
    assert channel == by_number
    assert (channel["type"], channel["title"]) == ("channel", "Tollgate News")
    assert (await member(telegram, 1002, channel["id"]))["result"]["status"] == "left"


async def test_the_bot_sees_itself_as_an_administrator(telegram: Api) -> None:
    assert (await member(telegram, 4242))["result"]["status"] == "administrator"


async def test_a_bot_without_rights_may_not_look(telegram: Api, control: Api) -> None:
    await control.turn(channels="no_admin")
    answer = await member(telegram, 1001)
    assert (answer["error_code"], answer["description"]) == (
        400,
        "Bad Request: member list is inaccessible",
    )


@pytest.mark.parametrize(
    ("chat_id", "user_id", "description"),
    [
        ("@nowhere", 1001, "chat not found"),
        (-1009, 1001, "chat not found"),
        ("", 1001, "chat_id is empty"),
        (NEWS, 77, "PARTICIPANT_ID_INVALID"),
        (NEWS, "x", "invalid user_id specified"),
    ],
)
async def test_who_is_not_known_is_an_error_in_telegrams_words(
    telegram: Api, chat_id: object, user_id: object, description: str
) -> None:
    answer = await telegram("getChatMember", chat_id=chat_id, user_id=user_id)
    assert (answer["error_code"], answer["description"]) == (400, f"Bad Request: {description}")


async def test_another_channel_can_be_added(telegram: Api, control: Api) -> None:
    made = await control("channels", username="@partners", title="Partners")
    again = await control.post("channels", username="Partners", title="x")
    await control("people/1002/channels", channel="partners", status="member")
    assert (await member(telegram, 1002, made["id"]))["result"]["status"] == "member"
    assert again.status_code == 409


@pytest.mark.usefixtures("webhook")
@pytest.mark.parametrize(("payload", "text"), [("ref_a-9", "/start ref_a-9"), ("", "/start")])
async def test_a_link_starts_the_bot_with_its_word(
    control: Api, service: Service, payload: str, text: str
) -> None:
    await control("people/1002/start", payload=payload)
    await service.until(lambda: bool(service.updates))
    message = service.updates[0]["message"]
    assert message["text"] == text
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]


@pytest.mark.parametrize("payload", ["a b", "ref=1", "x" * 65, "я"])
async def test_a_link_with_a_word_that_telegram_does_not_know_is_refused(
    control: Api, payload: str
) -> None:
    assert (await control.post("people/1002/start", payload=payload)).status_code == 400
