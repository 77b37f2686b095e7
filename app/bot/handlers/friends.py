"""The page for inviting friends, and the start by an invitation link."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import FriendsCardPage, FriendsPage
from app.bot.context import BotContext, TapAnswer
from app.bot.filters import command
from app.bot.screens.friends import (
    friends_card_screen,
    friends_screen,
    referred_welcome_screen,
)
from app.domain.pages import PicturePage
from app.domain.ports import PortError
from app.domain.referrals import build_referral_link
from app.services.promotions import referrals


def create_router() -> Router:
    router = Router(name="friends")
    router.message.register(open_friends, command("friends"))
    router.callback_query.register(open_friends, FriendsPage.filter())
    router.callback_query.register(send_friends_card, FriendsCardPage.filter())
    return router


async def open_friends(_: TelegramObject, context: BotContext) -> None:
    friends = await referrals.get_referral_stats(context.deps.db, context.user.id)
    await context.show(friends_screen(context.t, context.shop, friends, await _get_link(context)))


async def send_friends_card(event: TelegramObject, context: BotContext, answer: TapAnswer) -> None:
    """A message of its own, ready to forward. Without a link, the page that says why."""
    link = await _get_link(context)
    if link is None:
        await open_friends(event, context)
    else:
        await context.send(friends_card_screen(context.t, link))
        answer.toast(context.t.plain("friends-card-toast"))


async def open_referral_link(context: BotContext, code: str) -> bool:
    """A new user who came by a link is welcomed in the name of its owner."""
    if not await referrals.bind_referrer(context.deps.db, context.user.id, code):
        return False
    name = await referrals.get_referrer_name(context.deps.db, context.user.id)
    await context.show(
        referred_welcome_screen(
            context.t,
            context.user.first_name,
            name or "",
            context.offer,
            context.get_picture(PicturePage.WELCOME),
        )
    )
    return True


async def get_bot_username(context: BotContext) -> str | None:
    """None while it is not known from Telegram."""
    if context.deps.account is None:
        return None
    try:
        return await context.deps.account.get_username()
    except PortError:
        return None


async def _get_link(context: BotContext) -> str | None:
    username = await get_bot_username(context)
    return None if username is None else build_referral_link(username, context.user.referral_code)
