"""Lets a person choose the bot's language."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import LanguagePage, SetLanguage
from app.bot.filters import command
from app.bot.handlers.unknown import tell_outdated
from app.bot.screens.language import language_screen
from app.bot.screens.menu import menu_screen
from app.bot.texts import LANGUAGES, load_texts
from app.bot.visit import TapAnswer, Visit
from app.services import users


def create_router() -> Router:
    router = Router(name="language")
    router.message.register(open_language, command("language"))
    router.callback_query.register(open_language, LanguagePage.filter())
    router.callback_query.register(set_language, SetLanguage.filter())
    return router


async def open_language(_: TelegramObject, visit: Visit) -> None:
    await visit.show(language_screen(visit.t))


async def set_language(
    event: TelegramObject, visit: Visit, callback_data: SetLanguage, answer: TapAnswer
) -> None:
    language = callback_data.language
    if language not in LANGUAGES:
        await tell_outdated(event, visit, answer)
        return
    await users.set_language(visit.deps.db, visit.user.id, language)
    visit.deps.languages.remember(visit.user.id, language)
    t = load_texts().get(language).in_zone(visit.shop.time_zone)
    answer.toast(t.plain("language-set"))
    await visit.show(menu_screen(t, visit.offer))
