"""The one bot of the process, with its session and chain put together."""

from datetime import timedelta
from typing import Final

import aiohttp
from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.enums import ParseMode

from app.clients.telegram.limiter import Limiter
from app.clients.telegram.middlewares import install_middlewares
from app.clients.telegram.session import TelegramSession
from app.core.breaker import Breaker

_CONNECTIONS: Final = 100
_CONNECT_SECONDS: Final = 5

# Short, because every tap is lost meanwhile; the probe is a getMe and costs nothing.
_BREAKER_RESET_AFTER: Final = timedelta(seconds=10)


def create_bot(
    token: str,
    api_url: str,
    limiter: Limiter,
    timeout: timedelta = timedelta(seconds=15),
    proxy_url: str | None = None,
) -> Bot:
    """Give a bot whose calls raise PortErrors; close it with `await bot.session.close()`.

    `timeout` is that of one request; a message without an answer by then is UndecidedError.
    """
    session = TelegramSession(
        api_url,
        proxy_url,
        limit=_CONNECTIONS,
        # A time-out of its own for connecting distinguishes a request that never left from one
        # whose answer is missing.
        timeout=aiohttp.ClientTimeout(total=timeout.total_seconds(), sock_connect=_CONNECT_SECONDS),
    )
    install_middlewares(session, limiter, Breaker("telegram", reset_after=_BREAKER_RESET_AFTER))
    return Bot(
        token,
        session,
        DefaultBotProperties(parse_mode=ParseMode.HTML, link_preview_is_disabled=True),
    )
