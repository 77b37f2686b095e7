"""The page of fees, in private chats and groups; whoever asks again edits it."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.filters import command
from app.bot.screens.tracking.fees import fees_screen
from app.bot.screens.tracking.marks import mark_of
from app.bot.visit import TapAnswer, Visit
from app.bot.wallet_callbacks import FeesPage


def create_router() -> Router:
    router = Router(name="fees")
    router.message.register(open_fees, command("fees"))
    router.callback_query.register(refresh, FeesPage.filter())
    return router


async def open_fees(_: TelegramObject, visit: Visit) -> None:
    page = await visit.deps.fees.get_page(visit.shop.currency)
    await visit.show(fees_screen(visit.t, page, visit.shop))


async def refresh(
    _: TelegramObject, visit: Visit, callback_data: FeesPage, answer: TapAnswer
) -> None:
    page = await visit.deps.fees.get_page(visit.shop.currency)
    screen = fees_screen(visit.t, page, visit.shop)
    if mark_of(screen.text) == callback_data.mark:
        answer.toast(visit.t.plain("fees-same-toast"))
    else:
        await visit.show(screen)
