"""The rules, and questions with answers, as operators have written them."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import FaqEntryPage, FaqPage, RulesPage
from app.bot.context import BotContext, TapAnswer
from app.bot.handlers.unknown import answer_outdated_button
from app.bot.screens.pages import faq_entry_screen, faq_screen, rules_screen
from app.domain.pages import PicturePage


def create_router() -> Router:
    router = Router(name="pages")
    router.callback_query.register(open_rules, RulesPage.filter())
    router.callback_query.register(open_faq, FaqPage.filter())
    router.callback_query.register(open_faq_entry, FaqEntryPage.filter())
    return router


async def open_rules(event: TelegramObject, context: BotContext, answer: TapAnswer) -> None:
    screen = rules_screen(context.t, context.get_picture(PicturePage.RULES))
    if screen is None:
        await answer_outdated_button(event, context, answer)
    else:
        await context.show(screen)


async def open_faq(event: TelegramObject, context: BotContext, answer: TapAnswer) -> None:
    entries = context.deps.shop.pages.get_faq(context.t.language)
    if not entries:
        await answer_outdated_button(event, context, answer)
        return
    picture = context.get_picture(PicturePage.FAQ)
    await context.show(faq_screen(context.t, entries, picture))


async def open_faq_entry(
    event: TelegramObject, context: BotContext, callback_data: FaqEntryPage, answer: TapAnswer
) -> None:
    """A question of before the language was changed is found, too."""
    pages = context.deps.shop.pages
    every = [entry for entries in pages.faq.values() for entry in entries]
    entry = next((one for one in every if one.id == callback_data.entry_id), None)
    if entry is None:
        await answer_outdated_button(event, context, answer)
    else:
        await context.show(faq_entry_screen(context.t, entry))
