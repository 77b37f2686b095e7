"""The page of fees, in private chats and groups; asked again, it is edited."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.context import BotContext, TapAnswer
from app.bot.filters import command
from app.bot.screens.tracking.fees import fees_screen
from app.bot.wallet_callbacks import FeesPage, digest_text


def create_router() -> Router:
    router = Router(name="fees")
    router.message.register(open_fees, command("fees"))
    router.callback_query.register(refresh_fees, FeesPage.filter())
    return router


async def open_fees(_: TelegramObject, context: BotContext) -> None:
    page = await context.deps.fees.get_page(context.shop.currency)
    await context.show(fees_screen(context.t, page, context.shop))


async def refresh_fees(
    _: TelegramObject, context: BotContext, callback_data: FeesPage, answer: TapAnswer
) -> None:
    page = await context.deps.fees.get_page(context.shop.currency)
    screen = fees_screen(context.t, page, context.shop)
    if digest_text(screen.text) == callback_data.digest:
        answer.toast(context.t.plain("fees-same-toast"))
    else:
        await context.show(screen)
