"""The main menu: five doors, always one tap away."""

from app.bot.callbacks import HelpPage, LanguagePage
from app.bot.screens.buttons import tap, to_plans, to_subscription, to_support
from app.bot.texts import Html, Translator
from app.domain.messages import Screen


def welcome_screen(t: Translator, name: str) -> Screen:
    return _menu(t, t("menu-welcome", name=name))


def menu_screen(t: Translator) -> Screen:
    return _menu(t, t("menu"))


def cancelled_screen(t: Translator, *, was_busy: bool) -> Screen:
    return _menu(t, t("menu-cancelled") if was_busy else t("menu-nothing-to-cancel"))


def hint_screen(t: Translator, *, is_command: bool) -> Screen:
    """For what the bot does not understand."""
    return _menu(t, t("menu-unknown-command") if is_command else t("menu-unknown"))


def _menu(t: Translator, text: Html) -> Screen:
    return Screen(
        text,
        [
            [to_plans(t)],
            [to_subscription(t)],
            [tap(t.plain("button-help"), HelpPage()), to_support(t)],
            [tap(t.plain("button-language"), LanguagePage())],
        ],
    )
