"""How to connect, on each kind of device."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import ConnectPage
from app.bot.context import BotContext
from app.bot.screens.connect import connect_screen, platform_screen


def create_router() -> Router:
    router = Router(name="connect")
    router.callback_query.register(open_connect, ConnectPage.filter())
    return router


async def open_connect(_: TelegramObject, context: BotContext, callback_data: ConnectPage) -> None:
    if callback_data.platform is None:
        await context.show(connect_screen(context.t))
    else:
        await context.show(platform_screen(context.t, callback_data.platform))
