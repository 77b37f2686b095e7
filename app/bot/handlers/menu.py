"""The main menu, and `/cancel`."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import MenuPage
from app.bot.context import BotContext
from app.bot.filters import command
from app.bot.screens.menu import dialogue_cancelled_screen, menu_screen


def create_router() -> Router:
    router = Router(name="menu")
    router.message.register(open_menu, command("menu"))
    router.message.register(cancel_dialogue, command("cancel"))
    router.callback_query.register(open_menu, MenuPage.filter())
    return router


async def open_menu(_: TelegramObject, context: BotContext) -> None:
    await context.show(menu_screen(context.t, context.offer))


async def cancel_dialogue(
    _: TelegramObject, context: BotContext, raw_state: str | None = None
) -> None:
    """The middleware has ended the dialogue already, as any command does."""
    was_busy = raw_state is not None
    await context.show(dialogue_cancelled_screen(context.t, context.offer, was_busy=was_busy))
