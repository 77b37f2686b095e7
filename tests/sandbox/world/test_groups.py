"""Groups as the bot meets them: what it gets, what it may write, and who takes it in and out."""

from typing import Any

import pytest

from sandbox.world import WorldServer
from tests.sandbox.world.peers import Api, Json, Service

GROUP = -1002200000001
NAME = "tollgate_sandbox_bot"
ANNA, BEN, NOBODY_OF_THE_GROUP = 1001, 1002, 1004


async def say(control: Api, text: str, person_id: int = BEN, **more: object) -> Json:
    return await control(f"people/{person_id}/send", text=text, chat_id=GROUP, **more)


async def post(telegram: Api, text: str = "A card", **more: object) -> Json:
    return await telegram("sendMessage", chat_id=GROUP, text=text, **more)


def button(data: str) -> Json:
    return {"inline_keyboard": [[{"text": "Stop", "callback_data": data}]]}


async def test_a_group_with_everybody_is_there_from_the_start(control: Api) -> None:
    state = await control.get("state")
    assert state["groups"] == [
        {
            "id": GROUP,
            "title": "Tollgate traders",
            "kind": "supergroup",
            "members": [1001, 1002, 1003],
            "bot": "member",
            "is_forum": False,
            "topics": {},
            "general_closed": False,
            "migrated_to": None,
            "deleted": False,
        }
    ]
    assert state["chats"][str(GROUP)] == {"messages": []}


@pytest.mark.usefixtures("webhook")
async def test_a_command_in_a_group_says_who_wrote_it_and_where(
    control: Api, service: Service
) -> None:
    sent = await say(control, "/track 0xabc")
    await service.until(lambda: bool(service.updates))
    message = service.updates[0]["message"]
    assert service.updates[0]["update_id"] == sent["update_id"]
    assert message["chat"] == {"id": GROUP, "title": "Tollgate traders", "type": "supergroup"}
    assert (message["from"]["id"], message["from"]["first_name"]) == (BEN, "Ben")
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("/track 0xabc", True),
        (f"/track@{NAME} 0xabc", True),
        (f"what says @{NAME} to this?", True),
        (f"look: /track@{NAME}", True),
        ("/track@another_bot 0xabc", False),
        ("just talking", False),
        (f"mail@{NAME}", False),
        ("see /track", False),
    ],
)
async def test_privacy_mode_lets_through_what_is_meant_for_the_bot(
    control: Api, text: str, *, heard: bool
) -> None:
    sent = await say(control, text)
    assert (sent["update_id"] is not None) == heard
    shown = (await control.get("state"))["chats"][str(GROUP)]["messages"][0]
    assert (shown["text"], shown.get("unheard", False)) == (text, not heard)


async def test_an_answer_to_the_bot_reaches_it_and_one_to_a_user_does_not(
    control: Api, telegram: Api
) -> None:
    card = (await post(telegram))["result"]["message_id"]
    talk = (await say(control, "just talking"))["message_id"]
    to_bot = await say(control, "thanks", reply_to_message_id=card)
    to_ben = await say(control, "yes", ANNA, reply_to_message_id=talk)
    assert (to_bot["update_id"] is not None, to_ben["update_id"]) == (True, None)


async def test_without_privacy_mode_the_bot_gets_everything(control: Api, telegram: Api) -> None:
    assert (await telegram("getMe"))["result"]["can_read_all_group_messages"] is False
    await control.turn(privacy="off")
    assert (await say(control, "just talking"))["update_id"] is not None
    assert (await telegram("getMe"))["result"]["can_read_all_group_messages"] is True


async def test_the_bot_writes_edits_and_deletes_in_a_group(telegram: Api, control: Api) -> None:
    sent = (await post(telegram))["result"]
    assert sent["chat"]["type"] == "supergroup"
    ids = {"chat_id": GROUP, "message_id": sent["message_id"]}
    edited = (await telegram("editMessageText", **ids, text="Another"))["result"]
    deleted = await telegram("deleteMessage", **ids)
    bens = (await say(control, "/track"))["message_id"]
    foreign = await telegram("deleteMessage", chat_id=GROUP, message_id=bens)
    assert (edited["text"], edited["chat"]["id"], deleted["ok"]) == ("Another", GROUP, True)
    assert foreign["description"] == "Bad Request: message can't be deleted"


@pytest.mark.usefixtures("webhook")
async def test_any_member_may_tap_below_a_card(
    control: Api, telegram: Api, service: Service
) -> None:
    card = (await post(telegram, reply_markup=button("stop:1")))["result"]["message_id"]
    taps = [
        await control(f"people/{person}/tap", chat_id=GROUP, message_id=card, data="stop:1")
        for person in (ANNA, BEN)
    ]
    await service.until(lambda: len(service.updates) == 2)
    queries = [update["callback_query"] for update in service.updates]
    assert {query["from"]["id"] for query in queries} == {ANNA, BEN}
    assert {query["message"]["chat"]["id"] for query in queries} == {GROUP}
    answer = await telegram("answerCallbackQuery", callback_query_id=taps[0]["callback_query_id"])
    assert answer["ok"] is True


async def test_who_is_not_in_the_group_can_do_nothing_there(control: Api, telegram: Api) -> None:
    await control("people", first_name="Zoë", username="zoe")
    card = (await post(telegram))["result"]["message_id"]
    path = f"people/{NOBODY_OF_THE_GROUP}"
    written = await control.post(f"{path}/send", text="/track", chat_id=GROUP)
    tapped = await control.post(f"{path}/tap", chat_id=GROUP, message_id=card, data="x")
    nowhere = await control.post(f"{path}/send", text="/track", chat_id=-5)
    assert [one.status_code for one in (written, tapped, nowhere)] == [409, 409, 404]
    await control(f"groups/{GROUP}/members", person_id=NOBODY_OF_THE_GROUP, status="member")
    assert (await say(control, "/track", NOBODY_OF_THE_GROUP))["update_id"] is not None


@pytest.mark.usefixtures("webhook")
async def test_a_bot_that_was_removed_is_notified_and_refused(
    control: Api, telegram: Api, service: Service
) -> None:
    card = (await post(telegram))["result"]["message_id"]
    group = await control(f"groups/{GROUP}/bot", status="kicked")
    await service.until(lambda: bool(service.updates))
    change = service.updates[0]["my_chat_member"]
    assert group["bot"] == "kicked"
    assert (change["chat"]["id"], change["from"]["id"]) == (GROUP, ANNA)
    assert change["old_chat_member"]["status"] == "member"
    assert change["new_chat_member"]["status"] == "kicked"
    assert change["new_chat_member"]["user"]["username"] == NAME
    ids = {"chat_id": GROUP, "message_id": card}
    calls: list[tuple[str, dict[str, Any]]] = [
        ("sendMessage", {"chat_id": GROUP, "text": "x"}),
        ("editMessageText", {**ids, "text": "x"}),
        ("deleteMessage", ids),
        ("getChat", {"chat_id": GROUP}),
    ]
    for method, values in calls:
        answer = await telegram(method, **values)
        assert (answer["error_code"], answer["description"]) == (
            403,
            "Forbidden: bot was kicked from the supergroup chat",
        )
    assert (await say(control, "/track"))["update_id"] is None


@pytest.mark.usefixtures("webhook")
async def test_a_bot_that_is_taken_in_is_notified_of_it_and_may_write(
    control: Api, telegram: Api, service: Service
) -> None:
    group = await control("groups", title="Friends", members=[BEN, ANNA])
    await service.until(lambda: len(service.updates) == 2)
    change, notice = service.updates[0]["my_chat_member"], service.updates[1]["message"]
    assert (group["members"], group["bot"], group["id"] < GROUP) == ([BEN, ANNA], "member", True)
    assert (change["chat"]["title"], change["from"]["id"]) == ("Friends", BEN)
    assert (change["old_chat_member"]["status"], change["new_chat_member"]["status"]) == (
        "left",
        "member",
    )
    assert notice["new_chat_members"][0]["username"] == NAME
    assert (await telegram("sendMessage", chat_id=group["id"], text="Hello"))["ok"] is True
    again = await control(f"groups/{group['id']}/bot", status="member")
    assert (again, len(service.updates)) == (group, 2)


async def test_a_bot_may_leave_by_itself(telegram: Api, control: Api) -> None:
    assert (await telegram("leaveChat", chat_id=GROUP))["result"] is True
    assert (await control.get("state"))["groups"][0]["bot"] == "left"
    refused = await post(telegram)
    assert refused["description"] == "Forbidden: bot is not a member of the supergroup chat"


async def test_the_bot_can_ask_who_a_user_is_in_the_group(telegram: Api, control: Api) -> None:
    await control(f"groups/{GROUP}/members", person_id=BEN, status="left")
    seen = [
        (await telegram("getChatMember", chat_id=GROUP, user_id=user))["result"]["status"]
        for user in (1001, 1002, 1003, 4242)
    ]
    assert seen == ["creator", "left", "member", "member"]
    assert (await telegram("getChat", chat_id=GROUP))["result"]["type"] == "supergroup"


async def test_the_commands_of_groups_are_shown_there(telegram: Api, control: Api) -> None:
    track, start = ({"command": name, "description": "x"} for name in ("track", "start"))
    await telegram("setMyCommands", commands=[start])
    await telegram("setMyCommands", commands=[track], scope={"type": "all_group_chats"})
    bot = (await control.get("state"))["bot"]
    assert (bot["commands"][""], bot["group_commands"][""]) == ([start], [track])


@pytest.mark.parametrize(
    ("path", "values", "status"),
    [
        ("groups", {"title": "", "members": [1001]}, 400),
        ("groups", {"title": "x", "members": [7]}, 404),
        ("groups", {"title": "x", "members": []}, 400),
        ("groups/-5/bot", {"status": "kicked"}, 404),
        ("groups/x/bot", {"status": "kicked"}, 404),
        (f"groups/{GROUP}/bot", {"status": "king"}, 400),
        (f"groups/{GROUP}/members", {"person_id": 7, "status": "left"}, 404),
    ],
)
async def test_what_cannot_be_done_to_a_group_is_one_sentence(
    control: Api, path: str, values: Json, status: int
) -> None:
    answer = await control.post(path, **values)
    assert (answer.status_code, list(answer.json())) == (status, ["error"])


async def test_a_group_and_what_was_said_in_it_survive_a_restart(
    server: WorldServer, control: Api, telegram: Api
) -> None:
    await say(control, "just talking")
    await post(telegram)
    before = await control.get("state")
    server.world.restore(server.world.snapshot())
    after = await control.get("state")
    assert (after["groups"], after["chats"]) == (before["groups"], before["chats"])
