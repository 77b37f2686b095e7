"""The main menu: every page of the shop, always one tap away."""

from dataclasses import replace

from app.bot.callbacks import BalancePage, FriendsPage, HelpPage, LanguagePage, TrialPage
from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import callback_button, to_plans, to_subscription, to_support
from app.bot.screens.maintenance import maintenance_screen
from app.bot.screens.pages import to_own_pages
from app.bot.screens.promo_codes import to_promo_code
from app.bot.tracking_callbacks import TrackPage
from app.domain.messages import Screen, StoredPicture
from app.domain.offer import Offer
from app.domain.pages import PageText
from app.domain.payment_methods import BALANCE_METHOD


def welcome_screen(
    t: Translator, name: str, offer: Offer, picture: StoredPicture | None = None
) -> Screen:
    own = t.own(PageText.WELCOME, name=name or t.plain("menu-nameless"))
    text = _standard_welcome(t, name, offer) if own is None else own
    return replace(_menu(t, text, offer), photo=picture)


def _standard_welcome(t: Translator, name: str, offer: Offer) -> str:
    hello = t("menu-hello", name=name) if name else t("menu-hello-nameless")
    parts = [hello, _sales(t, offer)]
    parts += [t("menu-tracking")] if offer.tracking else []
    return "\n\n".join([*parts, t("menu-start")])


def _sales(t: Translator, offer: Offer) -> Html:
    outside = [name for name in offer.methods if name != BALANCE_METHOD]
    if not offer.methods:
        return t("menu-sales-soon")
    return t("menu-sales", methods="both" if len(outside) > 1 else (outside or [BALANCE_METHOD])[0])


def menu_screen(t: Translator, offer: Offer) -> Screen:
    if offer.maintenance:
        return maintenance_screen(t, offer)
    return _menu(t, t("menu"), offer)


def dialogue_cancelled_screen(t: Translator, offer: Offer, *, was_busy: bool) -> Screen:
    if offer.maintenance:
        return maintenance_screen(t, offer, t("menu-cancelled-short") if was_busy else "")
    text = t("menu-cancelled") if was_busy else t("menu-nothing-to-cancel")
    return _menu(t, text, offer)


def unknown_message_screen(t: Translator, offer: Offer, *, is_command: bool) -> Screen:
    """For what the bot does not understand."""
    if offer.maintenance:
        return maintenance_screen(t, offer, t("menu-unknown-short"))
    text = t("menu-unknown-command") if is_command else t("menu-unknown")
    return _menu(t, text, offer)


def _menu(t: Translator, text: str, offer: Offer) -> Screen:
    free = [[callback_button(t.plain("button-trial"), TrialPage())]] if offer.trial else []
    track = [[callback_button(t.plain("button-track"), TrackPage())]] if offer.tracking else []
    return Screen(
        text,
        [
            *free,
            [to_plans(t)],
            [to_subscription(t)],
            *track,
            [
                callback_button(t.plain("button-balance"), BalancePage()),
                callback_button(t.plain("button-friends"), FriendsPage()),
            ],
            [callback_button(t.plain("button-help"), HelpPage()), to_support(t)],
            *to_own_pages(t, offer),
            [to_promo_code(t), callback_button(t.plain("button-language"), LanguagePage())],
        ],
    )
