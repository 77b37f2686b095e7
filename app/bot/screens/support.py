"""A letter to a living person, from its first line to its answer."""

import math
from datetime import timedelta

from app.bot.screens.buttons import to_menu, to_name
from app.bot.texts import Translator
from app.domain.messages import Screen


def ask_screen(t: Translator, contact: str | None = None) -> Screen:
    """`contact`: the @name of somebody who can be written to directly."""
    direct = [[to_name(t.plain("support-direct", name=contact), contact)]] if contact else []
    return Screen(t("support-ask"), [*direct, [to_menu(t)]])


def sent_screen(t: Translator) -> Screen:
    return Screen(t("support-sent"), [[to_menu(t)]])


def text_only_screen(t: Translator) -> Screen:
    return Screen(t("support-text-only"))


def too_long_screen(t: Translator, length: int, limit: int) -> Screen:
    return Screen(t("support-too-long", length=length, limit=limit))


def too_many_screen(t: Translator, wait: timedelta) -> Screen:
    """The dialogue stays open for the one that comes later."""
    minutes = math.ceil(wait / timedelta(minutes=1))
    return Screen(t("support-too-many", minutes=minutes), [[to_menu(t)]])


def answered_screen(t: Translator) -> Screen:
    """For the operator."""
    return Screen(t("operator-answered"))
