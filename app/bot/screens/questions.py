"""Users' questions as operators have them: in messages, as a list, and one by one."""

from collections.abc import Iterator
from html import escape
from typing import Final

from app.bot.i18n import Html, Translator
from app.bot.operator_callbacks import AnswerPage, CloseQuestion, QuestionPage, QuestionsPage
from app.bot.screens.buttons import callback_button, pagination_rows, to_home
from app.bot.screens.notification_parts import (
    NotificationRenderer,
    NotificationValues,
    read_number,
    user_link,
)
from app.bot.screens.quick_answers import to_quick_answers
from app.bot.screens.users.card import to_user_card
from app.db.models import ConversationMessage
from app.domain.conversations import TEXT_KIND, ConversationState
from app.domain.messages import Button, CopiedMessage, Screen
from app.domain.names import cut_text, format_full_name
from app.services.operations.questions import QUESTIONS_PAGE_SIZE, QuestionList, UserQuestion

_LABEL_LENGTH: Final = 40


def questions_screen(t: Translator, listed: QuestionList) -> Screen:
    if not listed.count:
        return Screen(t("questions-empty"), [[to_home(t)]])
    rows = [[_to_question(t, one)] for one in listed.questions]
    more = (listed.page + 1) * QUESTIONS_PAGE_SIZE < listed.count
    pages = pagination_rows(t, listed.page, lambda page: QuestionsPage(page=page), more=more)
    return Screen(t("questions", count=listed.count), [*rows, *pages, [to_home(t)]])


def question_screen(
    t: Translator, question: UserQuestion, messages: list[ConversationMessage]
) -> Screen:
    """`messages`: the newest ones, the oldest of these first."""
    name = format_full_name(question.user_id, question.first_name, question.username)
    head = t("question", name=name, person=user_link(t, question.user_id))
    lines = "\n\n".join(_list_messages(t, messages))
    state = t("question-state", state=question.state)
    closes = question.state is not ConversationState.CLOSED
    return Screen(
        f"{head}\n\n{lines}\n\n{state}",
        [
            *question_rows(t, question.user_id, closes=closes),
            [callback_button(t.plain("questions-back"), QuestionsPage())],
        ],
    )


def ask_for_answer_screen(t: Translator, user_id: int) -> Screen:
    back = callback_button(t.plain("question-back"), QuestionPage(user_id=user_id))
    return Screen(t("question-ask-answer", person=user_link(t, user_id)), [[back]])


def question_answered_screen(t: Translator) -> Screen:
    return Screen(t("operator-answered"))


def question_rows(
    t: Translator, user_id: int, *, fresh: bool = False, closes: bool = True
) -> list[list[Button]]:
    """What can be done about it."""
    answer = callback_button(t.plain("question-answer"), AnswerPage(user_id=user_id, fresh=fresh))
    close = callback_button(t.plain("question-close"), CloseQuestion(user_id=user_id, fresh=fresh))
    quick = to_quick_answers(t, user_id, fresh=fresh)
    card = to_user_card(t, user_id, fresh=fresh)
    return [[answer, quick], [*([close] if closes else []), card]]


def _list_messages(t: Translator, messages: list[ConversationMessage]) -> Iterator[Html]:
    for message in messages:
        who = (
            t("question-by-user")
            if message.operator_id is None
            else t("question-by-operator", person=user_link(t, message.operator_id))
        )
        at = t.instant(message.created_at)
        yield Html(f"{who} · {at}\n{describe_message(t, message.kind, message.text)}")


def describe_message(t: Translator, kind: str, text: str) -> Html:
    """What was written, or the kind of the file with its caption."""
    quoted = escape(text, quote=False)
    if kind == TEXT_KIND:
        return Html(quoted)
    named = t("question-kind", kind=kind)
    return Html(f"{named} {quoted}" if quoted else named)


def _to_question(t: Translator, question: UserQuestion) -> Button:
    name = format_full_name(question.user_id, question.first_name, question.username)
    label = t.plain(
        "questions-line",
        name=cut_text(name, _LABEL_LENGTH),
        count=question.unanswered,
        date=t.instant(question.waiting_since) if question.waiting_since else "",
    )
    return callback_button(label, QuestionPage(user_id=question.user_id))


def _question(t: Translator, values: NotificationValues) -> Screen:
    head = t(
        "operator-question", name=str(values["name"]), person=user_link(t, values.get("person"))
    )
    quoted = escape(str(values["text"]), quote=False)
    text = f"{head}\n\n<blockquote>{quoted}</blockquote>\n\n{t('operator-question-reply')}"
    return Screen(text, question_rows(t, read_number(values, "person"), fresh=True))


def _question_copy(t: Translator, values: NotificationValues) -> Screen:
    """As it was sent; whose it is stands on the first button."""
    user_id, name = read_number(values, "person"), str(values["name"])
    whose = callback_button(
        t.plain("question-whose", name=cut_text(name, _LABEL_LENGTH)),
        QuestionPage(user_id=user_id, fresh=True),
    )
    head = t("operator-question", name=name, person=user_link(t, user_id))
    return Screen(
        Html(f"{head}\n{t('question-kind', kind=str(values['kind']))}\n\n{t('question-gone')}"),
        [[whose], *question_rows(t, user_id, fresh=True)],
        copied=CopiedMessage(user_id, read_number(values, "source")),
    )


def _answered(t: Translator, values: NotificationValues) -> Screen:
    """For the others: who did, and what they wrote."""
    user_id = read_number(values, "person")
    head = t(
        "operator-answered-by",
        name=str(values.get("by_name") or values["by"]),
        person=user_link(t, user_id),
    )
    written = describe_message(t, str(values["kind"]), str(values["text"]))
    rows = question_rows(t, user_id, fresh=True)
    return Screen(f"{head}\n\n<blockquote>{written}</blockquote>", rows)


def _unheard(t: Translator, values: NotificationValues) -> Screen:
    user_id = read_number(values, "person")
    card = [[to_user_card(t, user_id, fresh=True)]]
    return Screen(t("operator-answer-unheard", person=user_link(t, user_id)), card)


QUESTION_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    "operator-question": _question,
    "operator-question-copy": _question_copy,
    "operator-answered": _answered,
    "operator-answer-unheard": _unheard,
}
