"""Quick answers: the list that is kept, and the choice for one user."""

from collections.abc import Sequence
from html import escape

from app.bot.i18n import Translator
from app.bot.operator_callbacks import (
    ChangeQuickAnswer,
    DeleteQuickAnswer,
    NewQuickAnswer,
    QuestionPage,
    QuestionsPage,
    QuickAnswerChoicePage,
    QuickAnswerPage,
    QuickAnswersPage,
    SendQuickAnswer,
)
from app.bot.screens.buttons import callback_button
from app.bot.screens.notification_parts import user_link
from app.db.models import QuickAnswer
from app.domain.messages import Button, Screen
from app.services.operations.quick_answers import (
    MAX_QUICK_ANSWER_NAME,
    MAX_QUICK_ANSWER_TEXT,
    MAX_QUICK_ANSWERS,
)


def quick_answers_screen(t: Translator, answers: Sequence[QuickAnswer]) -> Screen:
    rows = [[callback_button(one.name, QuickAnswerPage(answer_id=one.id))] for one in answers]
    add = callback_button(t.plain("quick-answer-add"), NewQuickAnswer())
    back = callback_button(t.plain("questions-back"), QuestionsPage())
    text = t("quick-answers", count=len(answers), most=MAX_QUICK_ANSWERS)
    is_full = len(answers) >= MAX_QUICK_ANSWERS
    return Screen(text, [*rows, *([] if is_full else [[add]]), [back]])


def quick_answer_screen(t: Translator, answer: QuickAnswer) -> Screen:
    name, text = escape(answer.name, quote=False), escape(answer.text, quote=False)
    change = callback_button(t.plain("quick-answer-change"), ChangeQuickAnswer(answer_id=answer.id))
    delete = callback_button(t.plain("quick-answer-delete"), DeleteQuickAnswer(answer_id=answer.id))
    return Screen(
        f"⚡ <b>{name}</b>\n\n<blockquote>{text}</blockquote>", [[change, delete], [_to_list(t)]]
    )


def ask_for_quick_answer_screen(t: Translator) -> Screen:
    return Screen(t("quick-answer-ask", **_LIMITS), [[_to_list(t)]])


def quick_answer_unfit_screen(t: Translator) -> Screen:
    return Screen(t("quick-answer-unfit", **_LIMITS), [[_to_list(t)]])


def quick_answer_choice_screen(
    t: Translator, user_id: int, answers: Sequence[QuickAnswer], *, may_edit: bool
) -> Screen:
    """A tap sends it."""
    rows = [
        [callback_button(one.name, SendQuickAnswer(user_id=user_id, answer_id=one.id))]
        for one in answers
    ]
    keep = callback_button(t.plain("quick-answers-keep"), QuickAnswersPage())
    back = callback_button(t.plain("question-back"), QuestionPage(user_id=user_id))
    key = "quick-answer-choose" if answers else "quick-answers-none"
    text = t(key, person=user_link(t, user_id))
    return Screen(text, [*rows, *([[keep]] if may_edit else []), [back]])


def to_quick_answers(t: Translator, user_id: int, *, fresh: bool = False) -> Button:
    page = QuickAnswerChoicePage(user_id=user_id, fresh=fresh)
    return callback_button(t.plain("quick-answer-button"), page)


def _to_list(t: Translator) -> Button:
    return callback_button(t.plain("quick-answers-back"), QuickAnswersPage())


_LIMITS = {"name": MAX_QUICK_ANSWER_NAME, "text": MAX_QUICK_ANSWER_TEXT}
