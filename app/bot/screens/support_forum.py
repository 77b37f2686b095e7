"""Support in a forum, as operators see it: its setting, and what stands in a user's topic."""

from collections.abc import Sequence
from html import escape
from typing import Final

from app.bot.group_callbacks import (
    CloseTopic,
    LeaveSupportForum,
    SendTopicAnswer,
    TopicAnswers,
)
from app.bot.i18n import Html, Translator
from app.bot.operator_callbacks import QuestionsPage
from app.bot.screens.buttons import callback_button
from app.bot.screens.notification_parts import (
    NotificationRenderer,
    NotificationValues,
    read_number,
    user_link,
)
from app.bot.screens.questions import describe_message
from app.db.models import QuickAnswer
from app.domain.messages import Button, CopiedMessage, Screen


def forum_screen(t: Translator) -> Screen:
    return Screen(t("forum"), [[callback_button(t.plain("forum-leave"), LeaveSupportForum())]])


def forum_unfit_screen(t: Translator) -> Screen:
    return Screen(t("forum-unfit"))


def forum_left_screen(t: Translator) -> Screen:
    return Screen(t("forum-left"))


def topic_answers_screen(t: Translator, user_id: int, answers: Sequence[QuickAnswer]) -> Screen:
    rows = [
        [callback_button(one.name, SendTopicAnswer(user_id=user_id, answer_id=one.id))]
        for one in answers
    ]
    return Screen(t("topic-answers" if rows else "topic-answers-none"), rows)


def topic_sent_screen(t: Translator, text: str) -> Screen:
    return Screen(f"{t('topic-sent')}\n\n<blockquote>{escape(text, quote=False)}</blockquote>")


def _card(t: Translator, values: NotificationValues) -> Screen:
    """The first message of the topic; the link works for operators alone."""
    user_id = read_number(values, "person")
    text = t("topic-card", name=str(values["name"]), person=user_link(t, user_id))
    return Screen(text, [_to_card(t, values, user_id), _actions(t, user_id)])


def _to_card(t: Translator, values: NotificationValues, user_id: int) -> list[Button]:
    bot = values.get("bot")
    link = f"https://t.me/{bot}?start=u_{user_id}"
    return [Button(t.plain("topic-to-card"), url=link)] if bot else []


def _actions(t: Translator, user_id: int) -> list[Button]:
    return [
        callback_button(t.plain("topic-quick"), TopicAnswers(user_id=user_id)),
        callback_button(t.plain("question-close"), CloseTopic(user_id=user_id)),
    ]


def _question(t: Translator, values: NotificationValues) -> Screen:
    quoted = escape(str(values["text"]), quote=False)
    return Screen(Html(f"👤 {quoted}"), [_actions(t, read_number(values, "person"))])


def _question_copy(t: Translator, values: NotificationValues) -> Screen:
    user_id = read_number(values, "person")
    return Screen(
        Html(f"{t('question-kind', kind=str(values['kind']))}\n\n{t('question-gone')}"),
        [_actions(t, user_id)],
        copied=CopiedMessage(user_id, read_number(values, "source")),
    )


def _answered(t: Translator, values: NotificationValues) -> Screen:
    """By an operator in their own chat."""
    head = t("topic-answered", name=str(values.get("by_name") or values["by"]))
    written = describe_message(t, str(values["kind"]), str(values["text"]))
    return Screen(f"{head}\n\n<blockquote>{written}</blockquote>")


def _closed(t: Translator, values: NotificationValues) -> Screen:
    return Screen(t("topic-closed", by="operator" if values.get("by_operator") else "user"))


def _erased(t: Translator, _: NotificationValues) -> Screen:
    """The topic is deleted in its place."""
    return Screen(t("topic-erased"))


def _lost(t: Translator, _: NotificationValues) -> Screen:
    return Screen(
        t("forum-lost"),
        [[callback_button(t.plain("home-to-questions"), QuestionsPage(fresh=True))]],
    )


FORUM_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    "topic-card": _card,
    "topic-question": _question,
    "topic-question-copy": _question_copy,
    "topic-answered": _answered,
    "topic-closed": _closed,
    "topic-erased": _erased,
    "operator-forum-lost": _lost,
}
