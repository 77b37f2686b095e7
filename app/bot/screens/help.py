"""The questions that everybody has, answered in half a minute."""

from collections.abc import Iterator

from app.bot.callbacks import PrivacyPage
from app.bot.commands import pick_operator_names
from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import (
    callback_button,
    to_connect,
    to_menu,
    to_plans,
    to_support,
    to_username,
)
from app.bot.screens.pages import to_own_pages
from app.domain.messages import Screen
from app.domain.offer import Offer
from app.domain.operator_roles import OperatorRole
from app.domain.pages import PageText


def help_screen(
    t: Translator,
    offer: Offer,
    news_channel: str | None = None,
    *,
    role: OperatorRole | None = None,
) -> Screen:
    news = [[to_username(t.plain("help-news"), news_channel)]] if news_channel else []
    privacy = callback_button(t.plain("button-privacy"), PrivacyPage())
    own = t.own(PageText.HELP)
    parts = _standard_parts(t, offer) if own is None else [own]
    parts += [_operators_commands(t, role, offer)] if role else []
    last = [[privacy], [to_support(t), to_menu(t)]]
    return Screen(
        "\n\n".join(parts), [[to_plans(t)], [to_connect(t)], *to_own_pages(t, offer), *news, *last]
    )


def _standard_parts(t: Translator, offer: Offer) -> list[Html]:
    tracking = [t("help-tracking")] if offer.tracking else []
    return [t("help"), *buying_parts(t, offer), *tracking]


def buying_parts(t: Translator, offer: Offer) -> Iterator[Html]:
    methods = [t.plain("help-method", name=name) for name in offer.methods]
    yield t("help-buying", methods=", ".join(methods)) if methods else t("help-not-buying")
    yield t("help-renewing", renewal="on" if offer.renewal else "off")
    yield t("help-connecting")


def _operators_commands(t: Translator, role: OperatorRole, offer: Offer) -> Html:
    lines = [f"/{name} — {t(f'command-{name}')}" for name in pick_operator_names(role, offer)]
    return Html("\n".join([t("help-operator", role=role), *lines]))
