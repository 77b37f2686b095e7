"""Whether a user gets the shop's news."""

from app.bot.callbacks import SetNews
from app.bot.i18n import Translator
from app.bot.screens.buttons import callback_button, to_menu
from app.domain.messages import Screen


def news_screen(t: Translator, *, on: bool) -> Screen:
    label = t.plain("news-turn-off") if on else t.plain("news-turn-on")
    change = callback_button(label, SetNews(on=not on, from_page=True))
    return Screen(t("news-on") if on else t("news-off"), [[change], [to_menu(t)]])
