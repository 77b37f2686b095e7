"""The way home, and the way out of a dialogue."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import MenuPage
from app.bot.filters import command
from app.bot.screens.menu import cancelled_screen, menu_screen
from app.bot.visit import Visit


def create_router() -> Router:
    router = Router(name="menu")
    router.message.register(open_menu, command("menu"))
    router.message.register(cancel, command("cancel"))
    router.callback_query.register(open_menu, MenuPage.filter())
    return router


async def open_menu(_: TelegramObject, visit: Visit) -> None:
    await visit.show(menu_screen(visit.t, visit.offer))


async def cancel(_: TelegramObject, visit: Visit, raw_state: str | None = None) -> None:
    """The middleware has ended the dialogue already, as any command does."""
    was_busy = raw_state is not None
    await visit.show(cancelled_screen(visit.t, visit.offer, was_busy=was_busy))
