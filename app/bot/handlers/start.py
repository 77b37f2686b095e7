"""`/start`: plain, or by a link that carries something."""

from collections.abc import Awaitable, Callable
from typing import Final

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import TelegramObject

from app.bot import filters
from app.bot.context import BotContext
from app.bot.handlers import campaigns, friends, gifts, promo_codes
from app.bot.handlers.tracking import track
from app.bot.handlers.users.card import open_user_link
from app.bot.screens.maintenance import maintenance_screen
from app.bot.screens.menu import welcome_screen
from app.domain.campaigns import CAMPAIGN_LINK_PREFIX
from app.domain.gifts import GIFT_LINK_PREFIX
from app.domain.pages import PicturePage
from app.domain.referrals import REFERRAL_LINK_PREFIX
from app.services.promotions import referrals
from app.services.shop_settings import wake_commands_worker

# What follows `?start=` of a link: a prefix, "_" and what it is about. Each says whether it has
# shown something itself; otherwise the welcome follows.
_DEEP_LINKS: Final[dict[str, Callable[[BotContext, str], Awaitable[bool]]]] = {
    CAMPAIGN_LINK_PREFIX: campaigns.open_campaign_link,
    REFERRAL_LINK_PREFIX: friends.open_referral_link,
    GIFT_LINK_PREFIX: gifts.open_gift_link,
    "u": open_user_link,
    "promo": promo_codes.open_promo_code_link,
    track.TRACK_LINK_PREFIX: track.open_track_link,
}


_ALWAYS_OPEN: Final = frozenset({CAMPAIGN_LINK_PREFIX, "u", track.TRACK_LINK_PREFIX})


def create_router() -> Router:
    router = Router(name="start")
    router.message.register(open_welcome, filters.command("start"))
    return router


async def open_welcome(__: TelegramObject, context: BotContext, command: CommandObject) -> None:
    if context.role is not None:
        await wake_commands_worker(context.deps.db)
    prefix, _, about = (command.args or "").partition("_")
    is_open = not context.is_under_maintenance or prefix in _ALWAYS_OPEN
    open_link = _DEEP_LINKS.get(prefix) if is_open else None
    if open_link is not None and await open_link(context, about):
        return
    if context.is_under_maintenance:
        if prefix == REFERRAL_LINK_PREFIX:
            await referrals.bind_referrer(context.deps.db, context.user.id, about)
        await context.show(maintenance_screen(context.t, context.offer))
        return
    picture = context.get_picture(PicturePage.WELCOME)
    screen = welcome_screen(context.t, context.user.first_name, context.offer, picture)
    await context.show(screen)
