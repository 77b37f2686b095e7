"""What the bot does not understand is answered too; registered last (P8)."""

from aiogram import Router
from aiogram.types import Message, TelegramObject

from app.bot.context import BotContext, TapAnswer
from app.bot.message_kinds import PASSED_ON_KINDS, REFUSED_KINDS
from app.bot.screens.menu import menu_screen, unknown_message_screen


def create_router() -> Router:
    router = Router(name="unknown")
    router.message.register(show_hint)
    router.callback_query.register(answer_outdated_button)
    return router


async def show_hint(message: Message, context: BotContext) -> None:
    if context.is_private and message.content_type in PASSED_ON_KINDS | REFUSED_KINDS:
        is_command = (message.text or "").startswith("/")
        await context.show(unknown_message_screen(context.t, context.offer, is_command=is_command))


async def answer_outdated_button(_: TelegramObject, context: BotContext, answer: TapAnswer) -> None:
    """The menu comes as a new message: the old one may be a notification worth keeping."""
    if not context.is_private:
        answer.alert(context.t.plain("group-outdated-toast"))
        return
    answer.alert(context.t.plain("button-outdated"))
    await context.send(menu_screen(context.t, context.offer))
