"""Lets a user choose the bot's language."""

from dataclasses import replace

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import LanguagePage, SetLanguage
from app.bot.context import BotContext, TapAnswer
from app.bot.filters import command
from app.bot.handlers.unknown import answer_outdated_button
from app.bot.i18n import LANGUAGES
from app.bot.screens.language import language_screen
from app.bot.screens.menu import menu_screen
from app.services import users


def create_router() -> Router:
    router = Router(name="language")
    router.message.register(open_language, command("language"))
    router.callback_query.register(open_language, LanguagePage.filter())
    router.callback_query.register(choose_language, SetLanguage.filter())
    return router


async def open_language(_: TelegramObject, context: BotContext) -> None:
    await context.show(language_screen(context.t))


async def choose_language(
    event: TelegramObject, context: BotContext, callback_data: SetLanguage, answer: TapAnswer
) -> None:
    language = callback_data.language
    if language not in LANGUAGES:
        await answer_outdated_button(event, context, answer)
        return
    await users.set_user_language(context.deps.db, context.user.id, language)
    context.deps.languages.remember(context.user.id, language)
    t = context.deps.translate(language)
    answer.toast(t.plain("language-set"))
    await context.show(menu_screen(t, replace(context, t=t).offer))
