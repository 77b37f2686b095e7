"""Three groups flooded by 36 accounts: a stranger and a buyer beside them notice nothing."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.eventually import eventually
from tests.support.instance import Instance, ended_after
from tests.support.service_under_test import ServiceUnderTest, open_service_under_test
from tests.support.shop import (
    WEBHOOK_SECRET,
    ChatUser,
    Message,
    has,
    order_with_stars,
    pay_stars,
    text_of,
    urls,
)
from tests.support.stopwatch import Stopwatch
from tests.support.zygote import Zygote

ACCOUNTS = 36
GROUPS = 3
HEADERS = {"X-Telegram-Bot-Api-Secret-Token": WEBHOOK_SECRET}
UPDATE_IDS = itertools.count(900_000_000)


async def new_group(sut: ServiceUnderTest, member: ChatUser) -> int:
    body = {"title": "Crowd", "members": [member.id]}
    answer = await sut.world.http.post("/world/groups", json=body)
    return int(answer.raise_for_status().json()["id"])


def said_in(sut: ServiceUnderTest, group: int) -> list[str]:
    chat = sut.world.server.world.state.chats.get(group, {})
    return [message.body.text for message in chat.values() if message.from_bot]


def a_command(user_id: int, group: int) -> dict[str, Any]:
    update_id = next(UPDATE_IDS)
    message = {
        "message_id": update_id,
        "date": 0,
        "chat": {"id": group, "type": "supergroup", "title": "Crowd"},
        "from": {"id": user_id, "is_bot": False, "first_name": "M", "language_code": "en"},
        "text": "/menu",
    }
    return {"update_id": update_id, "message": message}


async def shout(http: httpx.AsyncClient, url: str, user_id: int, groups: list[int]) -> None:
    """As an account does that never stops, and with it Telegram, which repeats what is refused."""
    for group in itertools.cycle(groups):
        update = a_command(user_id, group)
        status = 0
        while status != 200:
            answer = await http.post(f"{url}/telegram/webhook", json=update, headers=HEADERS)
            status = answer.status_code
            await asyncio.sleep(1)


@asynccontextmanager
async def crowd(url: str, groups: list[int]) -> AsyncIterator[None]:
    limits = httpx.Limits(max_connections=ACCOUNTS)
    async with httpx.AsyncClient(timeout=60, limits=limits, trust_env=False) as http:
        shouting = [
            asyncio.create_task(shout(http, url, 700_000 + number, groups))
            for number in range(ACCOUNTS)
        ]
        try:
            yield
        finally:
            for task in shouting:
                task.cancel()
            await asyncio.wait(shouting)
            assert all(task.cancelled() for task in shouting)


@pytest.fixture
async def sut(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[ServiceUnderTest]:
    async with open_service_under_test(database_url, redis_url, tmp_path) as sut:
        yield sut


@pytest.fixture
async def instance(sut: ServiceUnderTest, zygote: Zygote) -> AsyncIterator[Instance]:
    instance = sut.instance("service", zygote.fork)
    sut.router.target = instance.url
    async with ended_after(instance):
        instance.start()
        await instance.wait_role("active")
        yield instance


def _is_newer_menu(newest: int, message: Message) -> bool:
    return bool(message["message_id"] > newest) and has(message, "plans")


async def test_flooded_groups_hold_up_neither_a_stranger_nor_a_payment(
    sut: ServiceUnderTest, instance: Instance
) -> None:
    """P8, P10, P1."""
    stranger, buyer = await sut.new_user(), await sut.new_user()
    checkout = await order_with_stars(buyer)
    groups = [await new_group(sut, stranger) for _ in range(GROUPS)]

    async def are_full() -> bool:
        return all(len(said_in(sut, group)) >= 5 for group in groups)

    async with crowd(instance.url, groups):
        await eventually(are_full)
        for _ in range(3):
            watch = Stopwatch()
            newest = max(
                (message["message_id"] for message in await stranger.messages()), default=0
            )
            await stranger.send("/menu")
            await stranger.wait_for(partial(_is_newer_menu, newest))
            assert watch.seconds < 2
        watch = Stopwatch()
        assert (await pay_stars(buyer, urls(checkout)[0]))["status"] == "paid"
        assert watch.seconds < 3
        await buyer.wait_for(lambda message: "Payment received" in text_of(message))

        async def are_told() -> bool:
            return all(
                any("Lots of messages" in text for text in said_in(sut, group)) for group in groups
            )

        await eventually(are_told)
    for group in groups:
        assert sum("Lots of messages" in text for text in said_in(sut, group)) <= 2
