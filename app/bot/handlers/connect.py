"""How to connect, on each kind of device."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import ConnectPage
from app.bot.screens.connect import connect_screen, platform_screen
from app.bot.visit import Visit


def create_router() -> Router:
    router = Router(name="connect")
    router.callback_query.register(open_connect, ConnectPage.filter())
    return router


async def open_connect(_: TelegramObject, visit: Visit, callback_data: ConnectPage) -> None:
    if callback_data.platform is None:
        await visit.show(connect_screen(visit.t))
    else:
        await visit.show(platform_screen(visit.t, callback_data.platform))
