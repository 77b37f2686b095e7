"""A question to the operators, from the prompt to its answer."""

import math
from datetime import timedelta

from app.bot.i18n import Translator
from app.bot.screens.buttons import to_menu, to_username
from app.domain.messages import Screen


def ask_question_screen(t: Translator, contact: str | None = None) -> Screen:
    """`contact`: the @name of an operator who can be written to directly."""
    direct = [[to_username(t.plain("support-direct", name=contact), contact)]] if contact else []
    return Screen(t("support-ask"), [*direct, [to_menu(t)]])


def question_sent_screen(t: Translator) -> Screen:
    return Screen(t("support-sent"), [[to_menu(t)]])


def question_text_only_screen(t: Translator) -> Screen:
    return Screen(t("support-text-only"))


def question_too_long_screen(t: Translator, length: int, limit: int) -> Screen:
    return Screen(t("support-too-long", length=length, limit=limit))


def too_many_questions_screen(t: Translator, wait: timedelta) -> Screen:
    """The dialogue stays open for the one that comes later."""
    minutes = math.ceil(wait / timedelta(minutes=1))
    return Screen(t("support-too-many", minutes=minutes), [[to_menu(t)]])


def question_answered_screen(t: Translator) -> Screen:
    """For the operator."""
    return Screen(t("operator-answered"))
