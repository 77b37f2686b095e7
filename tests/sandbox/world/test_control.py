"""The page's side: users, knobs, the clock, the event stream and the page itself."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from sandbox.processes import SandboxError
from sandbox.world import WorldConfig, WorldServer
from tests.sandbox.world.peers import Api, Json


@asynccontextmanager
async def watching(client: httpx.AsyncClient) -> AsyncIterator[AsyncIterator[Json]]:
    async with client.stream("GET", "/world/events", timeout=30) as answer:
        lines = answer.aiter_lines()
        await anext(lines)

        async def events() -> AsyncIterator[Json]:
            async for line in lines:
                if line.startswith("data: "):
                    yield json.loads(line.removeprefix("data: "))

        yield events()


async def test_three_users_are_there_and_one_is_the_admin(control: Api) -> None:
    state = await control.get("state")
    people = [(one["id"], one["first_name"], one["is_admin"]) for one in state["people"]]
    assert people == [(1001, "Anna", False), (1002, "Ben", False), (1003, "Olga", True)]
    assert set(state["chats"]) == {"1001", "1002", "1003", "-1002200000001"}
    assert state["service"] is None


async def test_a_new_user_comes_and_changes_the_language(control: Api) -> None:
    new = await control("people", first_name="Zoë", username="zoe", language_code="en")
    changed = await control(f"people/{new['id']}", language_code="ru")
    assert (new["id"], new["started"], changed["language_code"]) == (1004, False, "ru")


async def test_start_takes_back_a_block(control: Api, anna: int) -> None:
    await control(f"people/{anna}", bot_blocked=True)
    refused = await control.post(f"people/{anna}/send", text="hello?")
    assert (refused.status_code, refused.json()) == (
        409,
        {"error": "Anna has blocked the bot; /start takes it back."},
    )
    await control(f"people/{anna}/send", text="/start")
    assert (await control.get("state"))["people"][0]["bot_blocked"] is False


@pytest.mark.parametrize(
    ("path", "values", "status"),
    [
        ("people/9/send", {"text": "x"}, 404),
        ("people/1001/send", {"text": "  "}, 400),
        ("people/1001/send", {}, 400),
        ("people/1001/send", {"text": "x" * 4097}, 400),
        ("people/1001/tap", {"message_id": 77, "data": "x"}, 404),
        ("people", {"first_name": "", "username": "x", "language_code": "en"}, 400),
        ("people", {"first_name": "A", "username": "<b>", "language_code": "en"}, 400),
        ("invoices/5/pay", {}, 404),
        ("skip", {"seconds": -1}, 400),
    ],
)
async def test_what_cannot_be_done_is_one_sentence(
    control: Api, path: str, values: Json, status: int
) -> None:
    answer = await control.post(path, **values)
    assert (answer.status_code, list(answer.json())) == (status, ["error"])


async def test_knobs_are_turned_one_by_one(control: Api) -> None:
    await control.turn(panel="slow")
    knobs = (await control.turn(telegram_retry_after=5)).json()
    assert (knobs["panel"], knobs["telegram_retry_after"], knobs["telegram"]) == ("slow", 5, "ok")
    for wrong in ({"panel": "purple"}, {"colour": "red"}, {"telegram_retry_after": 0}):
        assert (await control.turn(**wrong)).status_code == 400


async def test_a_skip_moves_the_clock_and_notifies_the_runner(
    control: Api, config: WorldConfig
) -> None:
    offsets: list[int] = []

    async def on_skip(offset_seconds: int) -> None:
        await asyncio.sleep(0)
        offsets.append(offset_seconds)

    config.on_skip = on_skip
    before = (await control.get("state"))["now"]
    await control("skip", seconds=3600)
    skipped = await control("skip", seconds=60)
    assert (skipped["offset_seconds"], offsets) == (3660, [3600, 3660])
    assert skipped["now"] > before


async def test_the_shop_is_filled_by_the_runner_at_the_world_s_time(
    control: Api, config: WorldConfig
) -> None:
    assert (await control.post("fill")).status_code == 404
    offsets: list[int] = []

    async def on_fill(offset_seconds: int) -> bool:
        await asyncio.sleep(0)
        offsets.append(offset_seconds)
        return len(offsets) == 1

    config.on_fill = on_fill
    await control("skip", seconds=60)
    assert [await control("fill"), await control("fill")] == [{"filled": True}, {"filled": False}]
    assert offsets == [60, 60]


async def test_a_service_that_does_not_come_back_is_reported_to_the_page(
    control: Api, config: WorldConfig
) -> None:
    async def on_skip(_offset_seconds: int) -> None:
        await asyncio.sleep(0)
        raise SandboxError("The service does not start.")

    config.on_skip = on_skip
    answer = await control.post("skip", seconds=60)
    assert (answer.status_code, answer.json()) == (502, {"error": "The service does not start."})


async def test_the_page_sees_everything_as_it_happens(
    client: httpx.AsyncClient, telegram: Api, control: Api, crypto: Api, panel: Api
) -> None:
    async with watching(client) as events:
        await control("people/1001/send", text="/start")
        sent = await telegram("sendMessage", chat_id=1001, text="<b>a</b>", parse_mode="HTML")
        ids = {"chat_id": 1001, "message_id": sent["result"]["message_id"]}
        await telegram("sendChatAction", chat_id=1001, action="typing")
        await telegram("editMessageText", **ids, text="b")
        tap = await control("people/1001/tap", message_id=ids["message_id"], data="x")
        query_id = tap["callback_query_id"]
        await telegram("answerCallbackQuery", callback_query_id=query_id, text="!", show_alert=True)
        await telegram("deleteMessage", **ids)
        await crypto("createInvoice", asset="TON", amount="1")
        key = "6f1d2c3b-0000-4000-8000-000000000001"
        expires = "2031-01-02T03:04:05Z"
        await panel("add-user", uuid=key, name="u", expires_at=expires)
        await panel(f"remove-user/{key}")
        await control.turn(panel="down")
        await control("skip", seconds=5)
        seen = [await anext(events) for _ in range(12)]
    assert [event["type"] for event in seen] == [
        "person",
        "message",
        "message",
        "typing",
        "edit",
        "callback_answer",
        "delete",
        "invoice",
        "panel_user",
        "panel_user",
        "knobs",
        "clock",
    ]
    assert (seen[2]["message"]["html"], seen[4]["message"]["html"]) == ("<b>a</b>", "b")
    assert (seen[5]["text"], seen[5]["show_alert"]) == ("!", True)
    assert seen[9]["removed"] == key


async def test_a_reader_who_is_too_slow_is_sent_away_instead_of_filling_the_memory(
    server: WorldServer, client: httpx.AsyncClient
) -> None:
    async with watching(client):
        for n in range(20_000):
            server.world.hub.publish("clock", now="", offset_seconds=n)
        assert server.world.hub.listeners == 0


async def test_the_page_and_its_parts_are_served(client: httpx.AsyncClient) -> None:
    page = await client.get("/")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert (await client.get("/static/index.html")).status_code == 200
    assert (await client.get("/static/../world/app.py")).status_code == 404
    assert (await client.get("/world/files/none")).status_code == 404
