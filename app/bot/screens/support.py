"""A user's conversation with support, from the prompt to its end."""

import math
from datetime import timedelta
from html import escape
from typing import Final

from app.bot.callbacks import CloseConversation, SupportPage
from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import callback_button, to_menu, to_username
from app.bot.screens.notification_parts import (
    NotificationRenderer,
    NotificationValues,
    read_number,
)
from app.domain.messages import Button, CopiedMessage, Screen


def ask_question_screen(t: Translator, contact: str | None = None) -> Screen:
    """`contact`: the @name of an operator who can be written to directly."""
    direct = [[to_username(t.plain("support-direct", name=contact), contact)]] if contact else []
    return Screen(t("support-ask"), [*direct, [to_menu(t)]])


def question_sent_screen(t: Translator, unanswered: int) -> Screen:
    """Changes with each message that waits for an answer."""
    return Screen(t("support-sent", count=unanswered), [[_to_close(t)], [to_menu(t)]])


def question_kind_screen(t: Translator) -> Screen:
    """Telegram copies no message of this kind."""
    return Screen(t("support-kind"))


def question_text_only_screen(t: Translator) -> Screen:
    return Screen(t("support-text-only"))


def question_too_long_screen(t: Translator, length: int, limit: int) -> Screen:
    return Screen(t("support-too-long", length=length, limit=limit))


def too_many_questions_screen(t: Translator, wait: timedelta) -> Screen:
    """The dialogue stays open for the one that comes later."""
    minutes = math.ceil(wait / timedelta(minutes=1))
    return Screen(t("support-too-many", minutes=minutes), [[to_menu(t)]])


def conversation_closed_screen(t: Translator) -> Screen:
    return Screen(t("support-solved"), [[_to_begin(t)], [to_menu(t)]])


def _quote(key: str) -> NotificationRenderer:
    return lambda t, values: _quote_support(t, t(key), values)


def _quote_support(t: Translator, head: Html, values: NotificationValues) -> Screen:
    quoted = escape(str(values["text"]), quote=False)
    return Screen(
        f"{head}\n\n<blockquote>{quoted}</blockquote>\n\n{t('support-go-on')}",
        [[_to_close(t, fresh=True)]],
    )


def _answer_copy(t: Translator, values: NotificationValues) -> Screen:
    chat_id = read_number(values, "source_chat" if "source_chat" in values else "by")
    copied = CopiedMessage(chat_id, read_number(values, "source"))
    return Screen(t("support-answer-gone"), [[_to_close(t, fresh=True)]], copied=copied)


def _closed(t: Translator, _: NotificationValues) -> Screen:
    return Screen(t("support-closed"), [[_to_begin(t, fresh=True)]])


def _to_close(t: Translator, *, fresh: bool = False) -> Button:
    return callback_button(t.plain("support-close"), CloseConversation(fresh=fresh))


def _to_begin(t: Translator, *, fresh: bool = False) -> Button:
    return callback_button(t.plain("support-again"), SupportPage(fresh=fresh))


SUPPORT_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    "support-answer": _quote("support-answer"),
    "support-message": _quote("support-message"),
    "support-answer-copy": _answer_copy,
    "support-closed": _closed,
}
