"""Answers the questions that everybody has."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import HelpPage
from app.bot.filters import command
from app.bot.screens.help import help_screen
from app.bot.visit import Visit


def create_router() -> Router:
    router = Router(name="help")
    router.message.register(open_help, command("help"))
    router.callback_query.register(open_help, HelpPage.filter())
    return router


async def open_help(_: TelegramObject, visit: Visit) -> None:
    screen = help_screen(
        visit.t, visit.offer, visit.shop.news_channel, is_operator=visit.is_operator
    )
    await visit.show(screen)
