"""How updates reach the bot: in order, until they are taken, and never to strangers."""

import httpx
import pytest
from starlette.responses import Response

from sandbox.world import WorldServer
from tests.sandbox.world.peers import Api, Json, Service
from tests.support.eventually import eventually


def texts(updates: list[Json]) -> list[str]:
    return [update["message"]["text"] for update in updates if "message" in update]


async def has_failed(telegram: Api) -> bool:
    return "last_error_date" in (await telegram("getWebhookInfo"))["result"]


@pytest.mark.usefixtures("webhook")
async def test_a_message_reaches_the_bot_with_the_secret(control: Api, service: Service) -> None:
    sent = await control("people/1002/send", text="/start ref_7")
    await service.until(lambda: bool(service.updates))
    update = service.updates[0]
    assert service.headers[0]["x-telegram-bot-api-secret-token"] == "made-up_secret-1"
    assert update["update_id"] == sent["update_id"]
    assert update["message"]["message_id"] == sent["message_id"]
    assert update["message"]["from"]["language_code"] == "en"
    assert update["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]


@pytest.mark.usefixtures("webhook")
async def test_a_chat_keeps_its_order_while_other_chats_go_on(
    control: Api, service: Service
) -> None:
    service.gate.clear()
    for n in range(3):
        await control("people/1001/send", text=f"anna {n}")
    await control("people/1002/send", text="ben")
    await service.until(lambda: service.waiting == 2)
    service.gate.set()
    await service.until(lambda: len(service.updates) == 4)
    assert [text for text in texts(service.updates) if text != "ben"] == [
        "anna 0",
        "anna 1",
        "anna 2",
    ]


@pytest.mark.usefixtures("webhook")
async def test_a_tap_does_not_wait_for_a_message_of_the_same_user(
    telegram: Api, control: Api, service: Service, anna: int
) -> None:
    buttons = {"inline_keyboard": [[{"text": "Plans", "callback_data": "plans"}]]}
    sent = await telegram("sendMessage", chat_id=anna, text="Menu", reply_markup=buttons)
    await service.until(lambda: len(service.updates) == 1)
    service.gate.clear()
    await control(f"people/{anna}/send", text="slow")
    message_id = sent["result"]["message_id"]
    tapped = await control(f"people/{anna}/tap", message_id=message_id, data="plans")
    await service.until(lambda: service.waiting == 2)
    service.gate.set()
    await service.until(lambda: len(service.updates) == 3)
    query = next(one["callback_query"] for one in service.updates if "callback_query" in one)
    assert query["id"] == tapped["callback_query_id"]
    assert query["data"] == "plans"
    assert query["message"]["reply_markup"] == buttons


@pytest.mark.usefixtures("webhook")
async def test_an_update_comes_again_until_it_is_taken_and_holds_back_the_next(
    control: Api, service: Service, client: httpx.AsyncClient
) -> None:
    failures = iter([500, 503, 403, 302])
    service.answer_update = lambda _update: Response(status_code=next(failures, 200))
    await control("people/1001/send", text="one")
    await control("people/1001/send", text="two")
    await service.until(lambda: len(service.updates) == 6)
    state = (await client.get("/world/state")).json()
    deliveries = [(one["attempt"], one["status"]) for one in state["deliveries"]]
    assert texts(service.updates) == ["one"] * 5 + ["two"]
    assert deliveries[:5] == [(1, 500), (2, 503), (3, 403), (4, 302), (5, 200)]


async def test_get_webhook_info_reports_what_waits_and_what_failed(
    control: Api, telegram: Api, service: Service, webhook: str
) -> None:
    service.answer_update = lambda _update: Response(status_code=503, headers={"Retry-After": "1"})
    await control("people/1001/send", text="one")
    await eventually(lambda: has_failed(telegram))
    info = (await telegram("getWebhookInfo"))["result"]
    assert (info["url"], info["max_connections"]) == (webhook, 40)
    assert info["pending_update_count"] == 1
    assert info["last_error_message"] == (
        "Wrong response from the webhook: 503 Service Unavailable"
    )
    service.answer_update = lambda _update: Response()

    async def nothing_waits() -> bool:
        return bool((await telegram("getWebhookInfo"))["result"]["pending_update_count"] == 0)

    await eventually(nothing_waits)
    assert await has_failed(telegram)


async def test_updates_wait_for_a_webhook_and_a_new_one_gets_them_at_once(
    control: Api, telegram: Api, service: Service, server: WorldServer
) -> None:
    server.world.config.retry_scale = 1000
    await control("people/1001/send", text="one")
    await telegram("setWebhook", url="http://127.0.0.1:9/nobody")
    await eventually(lambda: has_failed(telegram))
    server.world.next_set_webhook_at = 0
    await telegram("setWebhook", url=f"{service.url}/telegram/webhook")
    await service.until(lambda: len(service.updates) == 1)
    assert texts(service.updates) == ["one"]


@pytest.mark.usefixtures("webhook")
async def test_a_lost_webhook_keeps_the_updates_until_the_knob_is_turned_back(
    control: Api, telegram: Api, service: Service
) -> None:
    await control.turn(telegram_webhook="lost")
    await control("people/1001/send", text="one")
    await eventually(lambda: has_failed(telegram))
    info = (await telegram("getWebhookInfo"))["result"]
    assert (service.updates, info["pending_update_count"]) == ([], 1)
    await control.turn(telegram_webhook="ok")
    await service.until(lambda: len(service.updates) == 1)
    assert texts(service.updates) == ["one"]


async def test_a_message_expires_after_a_day_and_a_tap_after_150_seconds(
    telegram: Api, control: Api, anna: int
) -> None:
    sent = await telegram("sendMessage", chat_id=anna, text="x")
    await control(f"people/{anna}/tap", message_id=sent["result"]["message_id"], data="x")
    counts = []
    # The world's clock goes on between the calls: half a minute of it changes nothing.
    for seconds in (120, 30, 24 * 3600 - 180, 30):
        await control("skip", seconds=seconds)
        counts.append((await telegram("getWebhookInfo"))["result"]["pending_update_count"])
    assert counts == [2, 1, 1, 0]


async def test_only_wanted_kinds_of_updates_are_kept(
    telegram: Api, control: Api, service: Service
) -> None:
    url = f"{service.url}/telegram/webhook"
    await telegram("setWebhook", url=url, allowed_updates=["my_chat_member"])
    await control("people/1001/send", text="one")
    await control("people/1001", bot_blocked=True)
    await service.until(lambda: len(service.updates) == 1)
    member = service.updates[0]["my_chat_member"]
    assert member["new_chat_member"]["status"] == "kicked"
    assert member["old_chat_member"]["status"] == "member"
    info = (await telegram("getWebhookInfo"))["result"]
    assert info["allowed_updates"] == ["my_chat_member"]


async def test_no_more_updates_are_under_way_than_max_connections(
    telegram: Api, control: Api, service: Service
) -> None:
    url = f"{service.url}/telegram/webhook"
    await telegram("setWebhook", url=url, max_connections=1)
    service.gate.clear()
    for person in (1001, 1002, 1003):
        await control(f"people/{person}/send", text="x")
    await service.until(lambda: service.waiting == 1)
    await control.get("state")
    waiting = service.waiting
    service.gate.set()
    await service.until(lambda: len(service.updates) == 3)
    assert waiting == 1


@pytest.mark.parametrize(
    ("values", "description"),
    [
        ({"url": "http://bot.example/x"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "https://"}, "bad webhook: invalid webhook URL specified"),
        (
            {"url": "https://bot.example:5000/"},
            "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
        ),
        (
            {"url": "https://bot.example", "secret_token": "a b"},
            "secret token contains unallowed characters",
        ),
        (
            {"url": "https://bot.example", "secret_token": "a" * 257},
            "secret token is too long",
        ),
    ],
)
async def test_a_wrong_webhook_is_refused(telegram: Api, values: Json, description: str) -> None:
    answer = await telegram("setWebhook", **values)
    assert answer["description"] == f"Bad Request: {description}"


async def test_the_same_webhook_again_is_nothing_and_another_within_a_second_too_much(
    telegram: Api, webhook: str
) -> None:
    again = await telegram("setWebhook", url=webhook, secret_token="made-up_secret-1")
    other = await telegram("setWebhook", url=webhook, secret_token="another")
    assert again["result"] is True
    assert (other["error_code"], other["parameters"]) == (429, {"retry_after": 1})


@pytest.mark.usefixtures("webhook")
async def test_a_deleted_webhook_gets_nothing_more_and_pending_updates_can_be_dropped(
    telegram: Api, control: Api, service: Service
) -> None:
    assert (await telegram("deleteWebhook"))["result"] is True
    await control("people/1001/send", text="one")
    info = (await telegram("getWebhookInfo"))["result"]
    assert (info["url"], info["pending_update_count"]) == ("", 1)
    await telegram("deleteWebhook", drop_pending_updates=True)
    info = (await telegram("getWebhookInfo"))["result"]
    assert (info["pending_update_count"], service.updates) == (0, [])
