"""Gifts: their buyer's pages, and the link by which another user redeems one."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import (
    GiftPage,
    GiftReturnPage,
    GiftsPage,
    RedeemGift,
    ReturnGift,
    SendGiftCard,
)
from app.bot.context import BotContext, TapAnswer
from app.bot.filters import command
from app.bot.handlers.friends import get_bot_username
from app.bot.screens.gifts import (
    ask_gift_return_screen,
    gift_card_screen,
    gift_refused_screen,
    gift_screen,
    gifts_screen,
    opened_gift_screen,
    redeemed_gift_screen,
)
from app.core import clock
from app.domain.gifts import build_gift_link
from app.services.payments.refunds import return_gift
from app.services.promotions import gift_redemption
from app.services.purchases import gifts
from app.services.purchases.gifts import BoughtGift
from app.services.purchases.promo_codes import PromoRefusedError


def create_router() -> Router:
    router = Router(name="gifts")
    router.message.register(open_gifts, command("gifts"))
    router.callback_query.register(open_gifts_page, GiftsPage.filter())
    router.callback_query.register(open_gift_page, GiftPage.filter())
    router.callback_query.register(send_gift_card, SendGiftCard.filter())
    router.callback_query.register(ask_gift_return, GiftReturnPage.filter())
    router.callback_query.register(confirm_gift_return, ReturnGift.filter())
    router.callback_query.register(redeem, RedeemGift.filter())
    return router


async def open_gifts(_: TelegramObject, context: BotContext) -> None:
    await _show_gifts(context, 0)


async def open_gifts_page(_: TelegramObject, context: BotContext, callback_data: GiftsPage) -> None:
    await _show_gifts(context, callback_data.number)


async def open_gift_page(_: TelegramObject, context: BotContext, callback_data: GiftPage) -> None:
    bought = await gifts.get_gift(context.deps.db, context.user.id, callback_data.gift_id)
    await context.show(gift_screen(context.t, bought, await _get_link(context, bought)))


async def send_gift_card(
    event: TelegramObject, context: BotContext, callback_data: SendGiftCard
) -> None:
    """A new message, to be forwarded. Without a link, the page that says why."""
    bought = await gifts.get_gift(context.deps.db, context.user.id, callback_data.gift_id)
    link = await _get_link(context, bought)
    if link is None or not bought.gift.is_waiting:
        await open_gift_page(event, context, GiftPage(gift_id=callback_data.gift_id))
        return
    gift = bought.gift
    await context.send(gift_card_screen(context.t, gift.titles, gift.months, gift.days, link))


async def ask_gift_return(
    _: TelegramObject, context: BotContext, callback_data: GiftReturnPage
) -> None:
    bought = await gifts.get_gift(context.deps.db, context.user.id, callback_data.gift_id)
    await context.show(ask_gift_return_screen(context.t, bought))


async def confirm_gift_return(
    event: TelegramObject, context: BotContext, callback_data: ReturnGift, answer: TapAnswer
) -> None:
    bought = await gifts.get_gift(context.deps.db, context.user.id, callback_data.gift_id)
    await return_gift(context.deps.db, bought.purchase.id, context.user.id)
    answer.toast(context.t.plain("gift-returned-toast"))
    await open_gift_page(event, context, GiftPage(gift_id=callback_data.gift_id))


async def open_gift_link(context: BotContext, code: str) -> bool:
    """Of `?start=gift_CODE`."""
    try:
        opened = await gift_redemption.open_gift(context.deps.db, context.user.id, code)
    except PromoRefusedError:
        await context.show(gift_refused_screen(context.t))
        return True
    if opened.redemption is None:
        await context.show(opened_gift_screen(context.t, opened.gift))
    else:
        await context.show(redeemed_gift_screen(context.t, opened, clock.now(), context.offer))
    return True


async def redeem(_: TelegramObject, context: BotContext, callback_data: RedeemGift) -> None:
    try:
        opened = await gift_redemption.redeem_gift(
            context.deps.db, context.user.id, callback_data.code
        )
    except PromoRefusedError:
        await context.show(gift_refused_screen(context.t))
        return
    await context.show(redeemed_gift_screen(context.t, opened, clock.now(), context.offer))


async def _show_gifts(context: BotContext, number: int) -> None:
    page = await gifts.list_gifts(context.deps.db, context.user.id, number)
    await context.show(gifts_screen(context.t, page))


async def _get_link(context: BotContext, bought: BoughtGift) -> str | None:
    username = await get_bot_username(context)
    return None if username is None else build_gift_link(username, bought.gift.code)
