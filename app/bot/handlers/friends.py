"""The page of who invites friends, and the way in by their link."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import FriendsPage, FriendsQrPage
from app.bot.filters import command
from app.bot.screens.friends import brought_screen, friends_screen, qr_screen
from app.bot.visit import Visit
from app.domain.ports import PortError
from app.domain.referrals import link_to
from app.services.promotions import referrals


def create_router() -> Router:
    router = Router(name="friends")
    router.message.register(open_friends, command("friends"))
    router.callback_query.register(open_friends, FriendsPage.filter())
    router.callback_query.register(open_qr, FriendsQrPage.filter())
    return router


async def open_friends(_: TelegramObject, visit: Visit) -> None:
    friends = await referrals.get_friends(visit.deps.db, visit.user.id)
    await visit.show(friends_screen(visit.t, visit.shop, friends, await _get_link(visit)))


async def open_qr(event: TelegramObject, visit: Visit) -> None:
    """A new message: a text cannot become a picture. Without a link, the page that says why."""
    link = await _get_link(visit)
    if link is None:
        await open_friends(event, visit)
    else:
        await visit.send(qr_screen(visit.t, link))


async def open_link(visit: Visit, code: str) -> bool:
    """Who comes by somebody's link for the first time is welcomed from them."""
    if not await referrals.bind(visit.deps.db, visit.user.id, code):
        return False
    name = await referrals.get_referrer_name(visit.deps.db, visit.user.id)
    await visit.show(brought_screen(visit.t, visit.user.first_name, name or "", visit.offer))
    return True


async def _get_link(visit: Visit) -> str | None:
    """None while Telegram does not tell the bot's name."""
    if visit.deps.account is None:
        return None
    try:
        username = await visit.deps.account.get_username()
    except PortError:
        return None
    return link_to(username, visit.user.referral_code)
