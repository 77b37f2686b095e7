"""The webhook becomes what we want, set by another or not, and keeps its pending updates (P7)."""

import asyncio
from datetime import UTC, datetime

import pytest
from aiogram import Bot

from app.clients.telegram.webhook import TelegramWebhookControl, set_commands
from app.domain.ports import RefusedError, RetryLaterError
from tests.clients.telegram.conftest import ANNA, Telegram, bot_for
from tests.clients.telegram.odd_server import flood, json, odd_server, ok

URL = "http://127.0.0.1:9/telegram/webhook"  # nobody listens there
UPDATES = ("message", "callback_query")
INFO = {
    "url": URL,
    "has_custom_certificate": False,
    "pending_update_count": 3,
    "max_connections": 20,
    "allowed_updates": ["callback_query", "message"],
    "last_error_date": 1_700_000_000,
    "last_error_message": "Connection refused",
}


def webhook_of(bot: Bot) -> TelegramWebhookControl:
    return TelegramWebhookControl(bot, "s3cret", UPDATES, max_connections=20)


async def test_the_webhook_is_set_as_wanted_and_says_so(bot: Bot) -> None:
    webhook = webhook_of(bot)
    assert (await webhook.get_state()).url == ""
    await webhook.set(URL)
    state = await webhook.get_state()
    assert state.url == URL
    assert state.allowed_updates == set(UPDATES)


async def test_setting_it_keeps_the_pending_updates(telegram: Telegram, bot: Bot) -> None:
    """P7."""
    await telegram.person(ANNA)
    webhook = webhook_of(bot)
    await webhook.set(URL)
    await webhook.set(URL)
    assert (await webhook.get_state()).pending_update_count == 1


async def test_two_instances_that_set_it_at_once_both_end_well(
    telegram: Telegram, bot: Bot
) -> None:
    """P7: a hand-over; Telegram takes one change a second."""
    async with bot_for(telegram.url) as other:
        await asyncio.gather(webhook_of(bot).set(URL), webhook_of(other).set(f"{URL}/new"))
    assert (await webhook_of(bot).get_state()).url in (URL, f"{URL}/new")


async def test_a_conflict_is_repeated() -> None:
    async with odd_server() as server, bot_for(server.url) as bot:
        server.answers = [json(409, description="Conflict: terminated by other setWebhook")]
        await webhook_of(bot).set(URL)
        assert server.asked == ["setWebhook", "setWebhook"]


async def test_it_is_done_when_another_instance_has_set_the_same() -> None:
    async with odd_server() as server, bot_for(server.url) as bot:
        server.answers = [flood(100), ok(INFO)]
        await webhook_of(bot).set(URL)
        assert server.asked == ["setWebhook", "getWebhookInfo"]


@pytest.mark.parametrize(
    "difference", [{"url": "https://example.org"}, {"max_connections": 40}, {"allowed_updates": []}]
)
async def test_it_is_not_done_when_another_instance_has_set_another(
    difference: dict[str, object],
) -> None:
    async with odd_server() as server, bot_for(server.url) as bot:
        server.answers = [flood(100), ok(INFO | difference)]
        with pytest.raises(RetryLaterError):
            await webhook_of(bot).set(URL)


async def test_an_address_that_telegram_does_not_take_is_refused(bot: Bot) -> None:
    with pytest.raises(RefusedError):
        await webhook_of(bot).set("http://example.org/telegram/webhook")


async def test_the_last_error_has_an_aware_instant() -> None:
    async with odd_server() as server, bot_for(server.url) as bot:
        server.answers = [ok(INFO)]
        state = await webhook_of(bot).get_state()
    assert state.last_error_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert state.last_error_message == "Connection refused"
    assert state.pending_update_count == 3


async def test_commands_are_set_by_language(telegram: Telegram, bot: Bot) -> None:
    everywhere = {None: {"start": "Begin"}, "ru": {"start": "Начать"}}
    await set_commands(bot, everywhere, {None: {"track": "Track"}})
    commands = (await telegram.state())["bot"]["commands"]
    assert commands == {
        "": [{"command": "start", "description": "Begin"}],
        "ru": [{"command": "start", "description": "Начать"}],
    }
