"""The questions that everybody has, answered in half a minute."""

from app.bot.screens.buttons import to_connect, to_menu, to_name, to_plans, to_support
from app.bot.texts import Translator
from app.domain.messages import Screen


def help_screen(t: Translator, news_channel: str | None = None) -> Screen:
    news = [[to_name(t.plain("help-news"), news_channel)]] if news_channel else []
    return Screen(t("help"), [[to_plans(t)], [to_connect(t)], *news, [to_support(t), to_menu(t)]])
