"""The doctor's checks of the bot: its token, where Telegram posts to, and the secret."""

import asyncio
import socket
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

import httpx
from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNotFound,
    TelegramUnauthorizedError,
)
from aiogram.types import WebhookInfo
from aiohttp import ClientTimeout

from app.bot.dispatcher import ALLOWED_UPDATES
from app.cli.doctor.findings import DoctorFinding, make_failure, make_ok, make_warning
from app.clients.telegram.session import TelegramSession
from app.core import clock
from app.core.secret_strength import is_weak_secret
from app.core.settings import Settings

_MANY_PENDING: Final = 100
_RECENT: Final = timedelta(minutes=10)
_PROBE_SECONDS: Final = 4


def _open_bot(settings: Settings) -> Bot:
    proxy = settings.telegram_proxy
    session = TelegramSession(
        settings.telegram_api_url,
        proxy.get_secret_value() if proxy else None,
        timeout=ClientTimeout(total=_PROBE_SECONDS),
    )
    return Bot(settings.bot_token.get_secret_value(), session=session)


async def check_token(settings: Settings) -> list[DoctorFinding]:
    """The token, and what Telegram says about the webhook."""
    async with _open_bot(settings) as bot:
        try:
            me = await bot.get_me()
            webhook = await bot.get_webhook_info()
        except (TelegramUnauthorizedError, TelegramNotFound):
            fix = "copy BOT_TOKEN again from @BotFather, /mybots, API Token"
            return [make_failure("bot token", "Telegram refused it", fix)]
        except AiogramError as error:
            text = f"Telegram gave no answer ({type(error).__name__})"
            return [
                make_failure(
                    "bot token", text, "look at TELEGRAM_API_URL, TELEGRAM_PROXY and the network"
                )
            ]
    return [make_ok("bot token", f"@{me.username}"), _judge_webhook(webhook, settings.webhook_url)]


def _judge_webhook(webhook: WebhookInfo, wanted: str) -> DoctorFinding:
    check = "webhook"
    pending = f"{webhook.pending_update_count} updates waiting"
    if not webhook.url:
        return make_warning(check, f"none set, {pending}", "start the service: it sets the webhook")
    if webhook.url != wanted:
        fix = "restart the service; stop other services that use this token"
        return make_warning(check, f"Telegram posts to another address, {pending}", fix)
    unheard = webhook.allowed_updates and ALLOWED_UPDATES.difference(webhook.allowed_updates)
    if unheard:
        text = f"Telegram does not tell of {', '.join(sorted(unheard))}, {pending}"
        return make_warning(check, text, "restart the service: it sets the webhook again")
    failed_at = webhook.last_error_date
    if failed_at and clock.now() - failed_at < _RECENT:
        age = clock.now() - failed_at
        text = f"failed {age.total_seconds():.0f} s ago: {webhook.last_error_message}, {pending}"
        return make_warning(check, text, "look at the service's log and its address")
    if webhook.pending_update_count > _MANY_PENDING:
        return make_warning(check, pending, "see whether the service is up and keeps up")
    return make_ok(check, f"set, {pending}")


async def check_operators(settings: Settings) -> list[DoctorFinding]:
    """Telegram lets a bot write only to those who have written first. No row where it is away."""
    check, operators = "operators", settings.admin_ids
    try:
        async with _open_bot(settings) as bot:
            reached = await asyncio.gather(*(_is_reached(bot, operator) for operator in operators))
    except AiogramError:
        return []  # the row of the token says what is wrong
    deaf = [str(who) for who, is_reached in zip(operators, reached, strict=True) if not is_reached]
    if deaf:
        fix = "let them open the bot and press Start, or correct ADMIN_IDS"
        return [make_warning(check, f"the bot may not write to {', '.join(deaf)}", fix)]
    return [make_ok(check, "the bot may write to each")]


async def _is_reached(bot: Bot, operator: int) -> bool:
    try:
        await bot.send_chat_action(operator, "typing")  # leaves nothing in the chat
    except (TelegramForbiddenError, TelegramBadRequest):  # blocked, not started; unknown
        return False
    return True


async def check_address(settings: Settings) -> list[DoctorFinding]:
    check = "webhook address"
    parts = urlsplit(settings.webhook_url)
    host = parts.hostname or ""
    try:
        await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        fix = "correct WEBHOOK_URL, or wait until the domain's DNS record is known"
        return [make_failure(check, f"the name {host} does not resolve", fix)]
    place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    if await _is_live(f"{place}/health/live"):
        return [make_ok(check, f"{place} answers")]
    fix = "start the service and ask again; if it runs, lead the domain to its port"
    return [make_warning(check, f"{place}/health/live does not answer", fix)]


async def _is_live(url: str) -> bool:
    try:
        async with httpx.AsyncClient(timeout=_PROBE_SECONDS) as client:
            return (await client.get(url)).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


async def check_secret(settings: Settings) -> list[DoctorFinding]:
    """A weak current one has stopped the start; a weak one before it is accepted until unset."""
    check = "webhook secret"
    previous = settings.webhook_secret_previous
    if previous and is_weak_secret(previous.get_secret_value()):
        text = "the previous one is still accepted, and easily guessed"
        return [make_warning(check, text, "unset WEBHOOK_SECRET_PREVIOUS")]
    return [make_ok(check, "hard to guess")]
