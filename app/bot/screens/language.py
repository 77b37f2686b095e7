"""The choice of a language, each named in itself."""

from typing import Final

from app.bot.callbacks import SetLanguage
from app.bot.screens.buttons import tap, to_menu
from app.bot.texts import Translator
from app.domain.messages import Screen

NAMES: Final = {"ru": "🇷🇺 Русский", "en": "🇬🇧 English"}


def language_screen(t: Translator) -> Screen:
    choices = [
        tap(f"{name} ✓" if code == t.language else name, SetLanguage(language=code))
        for code, name in NAMES.items()
    ]
    return Screen(t("language"), [choices, [to_menu(t)]])
