"""TELEGRAM_PROXY: every call goes through it, and through nothing else."""

from datetime import timedelta

from app.clients.telegram.factory import create_bot
from app.clients.telegram.limiter import Limiter
from tests.clients.telegram.conftest import TOKEN, Telegram


async def test_calls_go_through_the_proxy(telegram: Telegram) -> None:
    """The world's port is the proxy: the name of the server leads nowhere."""
    bot = create_bot(
        TOKEN, "http://telegram.invalid", Limiter(), timedelta(seconds=5), telegram.url
    )

    try:
        for _ in range(2):
            assert (await bot.get_me()).username == "tollgate_sandbox_bot"
    finally:
        await bot.session.close()
