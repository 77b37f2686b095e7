"""The sandbox's world as Telegram, and the bot as production makes it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from aiogram import Bot

from app.clients.telegram.factory import create_bot
from app.clients.telegram.limiter import Limiter
from sandbox.world import WorldConfig, serve_world
from tests.support.plain_http import NO_CERTIFICATES

SECRET = "AAF-secret_secret_secret_secret"
TOKEN = f"42:{SECRET}"
ANNA, BEN = 1001, 1002


@dataclass
class Telegram:
    """The world from outside, by its control API."""

    url: str
    http: httpx.AsyncClient

    async def post(self, path: str, **content: object) -> dict[str, Any]:
        response = await self.http.post(path, json=content)
        response.raise_for_status()
        answer: dict[str, Any] = response.json()
        return answer

    async def turn(self, **knobs: object) -> None:
        response = await self.http.patch("/world/knobs", json=knobs)
        response.raise_for_status()

    async def state(self) -> dict[str, Any]:
        state: dict[str, Any] = (await self.http.get("/world/state")).json()
        return state

    async def shown(self, chat_id: int) -> list[dict[str, Any]]:
        """What the bot has written there, the oldest first."""
        messages = (await self.state())["chats"][str(chat_id)]["messages"]
        return [message for message in messages if message["from"]["is_bot"]]

    async def person(self, person_id: int | None = None) -> int:
        """A user who has started the bot; a new one without an id."""
        if person_id is None:
            person = await self.post(
                "/world/people", first_name="Eve", username="eve", language_code="en"
            )
            person_id = int(person["id"])
        await self.post(f"/world/people/{person_id}/send", text="/start")
        return person_id


@asynccontextmanager
async def bot_for(
    url: str, request_timeout: timedelta = timedelta(seconds=15)
) -> AsyncIterator[Bot]:
    bot = create_bot(TOKEN, url, Limiter(), request_timeout)
    try:
        yield bot
    finally:
        await bot.session.close()


@pytest.fixture
async def telegram() -> AsyncIterator[Telegram]:
    config = WorldConfig(bot_token=TOKEN, cryptobot_token="1:A", panel_key="key")
    async with (
        serve_world(config) as world,
        httpx.AsyncClient(base_url=world.url, trust_env=False, verify=NO_CERTIFICATES) as http,
    ):
        yield Telegram(world.url, http)


@pytest.fixture
async def bot(telegram: Telegram) -> AsyncIterator[Bot]:
    async with bot_for(telegram.url) as bot:
        yield bot
