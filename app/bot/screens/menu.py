"""The main menu: every door of the shop, always one tap away."""

from app.bot.callbacks import BalancePage, FriendsPage, HelpPage, LanguagePage, TrialPage
from app.bot.screens.buttons import tap, to_plans, to_subscription, to_support
from app.bot.screens.promo_codes import to_promo
from app.bot.texts import Html, Translator
from app.bot.tracking_callbacks import TrackPage
from app.domain.messages import Screen


def welcome_screen(t: Translator, name: str, *, trial: bool = False) -> Screen:
    hello = t("menu-hello", name=name) if name else t("menu-hello-nameless")
    return _menu(t, t("menu-welcome", hello=hello), trial=trial)


def menu_screen(t: Translator, *, trial: bool = False) -> Screen:
    """`trial`: whether this person may still try for free."""
    return _menu(t, t("menu"), trial=trial)


def cancelled_screen(t: Translator, *, was_busy: bool, trial: bool = False) -> Screen:
    text = t("menu-cancelled") if was_busy else t("menu-nothing-to-cancel")
    return _menu(t, text, trial=trial)


def hint_screen(t: Translator, *, is_command: bool, trial: bool = False) -> Screen:
    """For what the bot does not understand."""
    text = t("menu-unknown-command") if is_command else t("menu-unknown")
    return _menu(t, text, trial=trial)


def _menu(t: Translator, text: Html, *, trial: bool) -> Screen:
    free = [[tap(t.plain("button-trial"), TrialPage())]] if trial else []
    return Screen(
        text,
        [
            *free,
            [to_plans(t)],
            [to_subscription(t)],
            [tap(t.plain("button-track"), TrackPage())],
            [
                tap(t.plain("button-balance"), BalancePage()),
                tap(t.plain("button-friends"), FriendsPage()),
            ],
            [tap(t.plain("button-help"), HelpPage()), to_support(t)],
            [to_promo(t), tap(t.plain("button-language"), LanguagePage())],
        ],
    )
