"""What a user reads who waits for a place, and when there is one."""

from typing import Final

from app.bot.callbacks import MenuPage, PrivacyPage
from app.bot.i18n import Translator
from app.bot.screens.buttons import callback_button, to_menu, to_support
from app.bot.screens.notification_parts import NotificationRenderer, NotificationValues
from app.domain.messages import Screen


def admission_screen(t: Translator, place: int | None) -> Screen:
    """`place` is None where very many wait."""
    line = t("waiting-far") if place is None else t("waiting-place", place=place)
    again = callback_button(t.plain("waiting-again"), MenuPage())
    privacy = callback_button(t.plain("button-privacy"), PrivacyPage())
    return Screen(f"{t('waiting')}\n\n{line}", [[again], [to_support(t), privacy]])


def _admitted(t: Translator, _: NotificationValues) -> Screen:
    return Screen(t("admitted"), [[to_menu(t, fresh=True)]])


ADMISSION_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {"admitted": _admitted}
