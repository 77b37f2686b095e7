"""Answers the questions that everybody has."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import HelpPage
from app.bot.context import BotContext
from app.bot.filters import command
from app.bot.screens.help import help_screen


def create_router() -> Router:
    router = Router(name="help")
    router.message.register(open_help, command("help"))
    router.callback_query.register(open_help, HelpPage.filter())
    return router


async def open_help(_: TelegramObject, context: BotContext) -> None:
    screen = help_screen(context.t, context.offer, context.shop.news_channel, role=context.role)
    await context.show(screen)
