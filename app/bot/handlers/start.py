"""The way in: a plain start, or one by a link that carries something."""

from collections.abc import Awaitable, Callable
from typing import Final

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import TelegramObject

from app.bot import filters
from app.bot.handlers import friends, promo_codes
from app.bot.handlers.tracking import track
from app.bot.screens.menu import welcome_screen
from app.bot.visit import Visit
from app.domain.referrals import PREFIX
from app.services.shop_settings import wake_commands

# What follows `?start=` of a link: a prefix, "_" and what it is about. Each says whether it has
# shown something itself; otherwise the welcome follows.
LINKS: Final[dict[str, Callable[[Visit, str], Awaitable[bool]]]] = {
    PREFIX: friends.open_link,
    "promo": promo_codes.open_link,
    track.PREFIX: track.open_link,
}


def create_router() -> Router:
    router = Router(name="start")
    router.message.register(start, filters.command("start"))
    return router


async def start(__: TelegramObject, visit: Visit, command: CommandObject) -> None:
    if visit.is_operator:
        await wake_commands(visit.deps.db)
    prefix, _, about = (command.args or "").partition("_")
    open_link = LINKS.get(prefix)
    if open_link is not None and await open_link(visit, about):
        return
    await visit.show(welcome_screen(visit.t, visit.user.first_name, visit.offer))
