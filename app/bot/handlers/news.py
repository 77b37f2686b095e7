"""`/news`: whether a user wants the shop's broadcasts; the button below each turns them off."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import SetNews
from app.bot.context import BotContext, TapAnswer
from app.bot.filters import command
from app.bot.screens.news import news_screen
from app.services import users


def create_router() -> Router:
    router = Router(name="news")
    router.message.register(open_news, command("news"))
    router.callback_query.register(set_news, SetNews.filter())
    return router


async def open_news(_: TelegramObject, context: BotContext) -> None:
    on = await users.wants_broadcasts(context.deps.db, context.user.id)
    await context.show(news_screen(context.t, on=on))


async def set_news(
    _: TelegramObject, context: BotContext, callback_data: SetNews, answer: TapAnswer
) -> None:
    """A broadcast stays as it is: only the answer says that it was the last one."""
    await users.set_broadcasts_wanted(context.deps.db, context.user.id, wanted=callback_data.on)
    answer.alert(context.t.plain("news-on-toast" if callback_data.on else "news-off-toast"))
    if callback_data.from_page:
        await context.show(news_screen(context.t, on=callback_data.on))
