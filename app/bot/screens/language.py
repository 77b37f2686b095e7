"""The choice of a language, each named in itself."""

from typing import Final

from app.bot.callbacks import SetLanguage
from app.bot.i18n import Translator
from app.bot.screens.buttons import callback_button, to_menu
from app.domain.messages import Screen

_LANGUAGE_NAMES: Final = {"ru": "🇷🇺 Русский", "en": "🇬🇧 English"}


def language_screen(t: Translator) -> Screen:
    choices = [
        callback_button(f"{name} ✓" if code == t.language else name, SetLanguage(language=code))
        for code, name in _LANGUAGE_NAMES.items()
    ]
    return Screen(t("language"), [choices, [to_menu(t)]])
