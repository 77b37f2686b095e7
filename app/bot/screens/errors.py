"""What went wrong, in a sentence, and what to do next."""

from app.bot.i18n import Translator
from app.bot.screens.buttons import to_menu
from app.domain.messages import Screen


def error_screen(t: Translator, key: str, *, in_group: bool = False) -> Screen:
    """The menu is no page for a group."""
    return Screen(t(key), [] if in_group else [[to_menu(t)]])


def waiting_screen(t: Translator) -> Screen:
    """Until the answer takes its place."""
    return Screen(t("one-moment"))


def late_notice_screen(t: Translator) -> Screen:
    return Screen(t("still-working"))
