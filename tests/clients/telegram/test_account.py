"""The bot's own name: asked for once, and never waited for long."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.methods import GetMe, TelegramMethod
from aiogram.types import User

from app.clients.telegram.account import TelegramAccount
from app.domain.ports import UnavailableError


class _Telegram(BaseSession):
    """Answers getMe; `is_silent`: never."""

    def __init__(self, username: str | None = "tollgate_bot") -> None:
        super().__init__()
        self.username = username
        self.calls = 0
        self.is_silent = False

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[Any],
        timeout: int | None = None,  # noqa: ARG002, ASYNC109
    ) -> Any:  # noqa: ANN401 - aiogram's signature
        assert isinstance(method, GetMe)
        self.calls += 1
        if self.is_silent:
            await asyncio.Event().wait()
        return User(id=bot.id, is_bot=True, first_name="Tollgate", username=self.username)

    async def stream_content(self, *_: object, **__: object) -> AsyncGenerator[bytes, None]:
        yield b""

    async def close(self) -> None:
        pass


async def test_the_name_is_asked_for_once() -> None:
    telegram = _Telegram()
    account = TelegramAccount(Bot("123456:AAbotTokenAAA", telegram))
    assert [await account.get_username() for _ in range(3)] == ["tollgate_bot"] * 3
    assert telegram.calls == 1


async def test_who_waits_for_a_page_does_not_wait_for_the_name() -> None:
    """P8: a silent Telegram is an absent one, and the next tap asks again."""
    telegram = _Telegram()
    telegram.is_silent = True
    account = TelegramAccount(Bot("123456:AAbotTokenAAA", telegram), timedelta(milliseconds=50))
    with pytest.raises(UnavailableError):
        await account.get_username()
    telegram.is_silent = False
    assert await account.get_username() == "tollgate_bot"


async def test_a_bot_without_a_name_has_no_link() -> None:
    account = TelegramAccount(Bot("123456:AAbotTokenAAA", _Telegram(None)))
    with pytest.raises(UnavailableError):
        await account.get_username()
