"""Groups in which the bot may not write, or not any more, in the words of Telegram's server."""

import pytest

from tests.sandbox.world.peers import Api, Service

GROUP, ANNA, BEN = -1002200000001, 1001, 1002


async def refusal(telegram: Api, chat_id: int) -> tuple[int, str]:
    answer = await telegram("sendMessage", chat_id=chat_id, text="A card")
    return answer["error_code"], answer["description"]


@pytest.mark.usefixtures("webhook")
async def test_a_bot_that_may_not_write_gets_everything_and_is_refused(
    control: Api, telegram: Api, service: Service
) -> None:
    await control(f"groups/{GROUP}/bot", status="restricted")
    said = "Bad Request: not enough rights to send text messages to the chat"
    assert await refusal(telegram, GROUP) == (400, said)
    sent = await control(f"people/{BEN}/send", text="/track", chat_id=GROUP)
    assert sent["update_id"] is not None
    await control(f"groups/{GROUP}/bot", status="member")
    await service.until(lambda: len(service.updates) == 3)
    member, _, free = service.updates
    assert member["my_chat_member"]["new_chat_member"]["can_send_messages"] is False
    assert free["my_chat_member"]["new_chat_member"]["status"] == "member"
    assert (await telegram("sendMessage", chat_id=GROUP, text="A card"))["ok"] is True


@pytest.mark.usefixtures("webhook")
async def test_a_group_that_is_upgraded_goes_on_under_another_id(
    control: Api, telegram: Api, service: Service
) -> None:
    group = await control("groups", title="Friends", members=[BEN], kind="group")
    assert (await telegram("sendMessage", chat_id=group["id"], text="x"))["ok"] is True
    new = await control(f"groups/{group['id']}/migrate")
    await service.until(lambda: len(service.updates) == 4)
    notes = [update["message"] for update in service.updates if "message" in update]
    (up,) = (note for note in notes if "migrate_to_chat_id" in note)
    (down,) = (note for note in notes if "migrate_from_chat_id" in note)
    assert (up["chat"]["id"], up["migrate_to_chat_id"]) == (group["id"], new["id"])
    assert (down["chat"]["id"], down["migrate_from_chat_id"]) == (new["id"], group["id"])
    refused = await telegram("sendMessage", chat_id=group["id"], text="x")
    assert refused == {
        "ok": False,
        "error_code": 400,
        "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": {"migrate_to_chat_id": new["id"]},
    }
    assert (await telegram("sendMessage", chat_id=new["id"], text="x"))["ok"] is True
    path = f"people/{BEN}/send"
    assert (await control.post(path, text="x", chat_id=group["id"])).status_code == 409
    assert (await control.post(f"groups/{new['id']}/migrate")).status_code == 409


async def test_a_group_that_is_deleted_says_so(control: Api, telegram: Api) -> None:
    group = await control("groups", title="Friends", members=[ANNA], kind="group")
    await control(f"groups/{group['id']}/delete")
    assert await refusal(telegram, group["id"]) == (403, "Forbidden: the group chat was deleted")


async def test_a_bot_that_left_or_was_removed_reads_which_kind_of_chat_it_was(
    control: Api, telegram: Api
) -> None:
    group = await control("groups", title="Friends", members=[ANNA], kind="group")
    await control(f"groups/{group['id']}/bot", status="kicked")
    kicked = await refusal(telegram, group["id"])
    assert kicked == (403, "Forbidden: bot was kicked from the group chat")
    await telegram("leaveChat", chat_id=GROUP)
    left = await refusal(telegram, GROUP)
    assert left == (403, "Forbidden: bot is not a member of the supergroup chat")
