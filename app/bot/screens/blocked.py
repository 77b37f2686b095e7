"""What a blocked user reads."""

from app.bot.callbacks import PrivacyPage
from app.bot.i18n import Translator
from app.bot.screens.buttons import callback_button, to_support
from app.domain.messages import Screen


def blocked_screen(t: Translator) -> Screen:
    privacy = callback_button(t.plain("button-privacy"), PrivacyPage())
    return Screen(t("blocked"), [[to_support(t)], [privacy]])
