"""Quick answers: owners and managers keep them, and a tap under a question sends one."""

from hashlib import sha256
from typing import Final

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message, TelegramObject

from app.bot.context import BotContext
from app.bot.filters import AnswerTo, FromOperator
from app.bot.operator_callbacks import (
    ChangeQuickAnswer,
    DeleteQuickAnswer,
    NewQuickAnswer,
    QuickAnswerChoicePage,
    QuickAnswerPage,
    QuickAnswersPage,
    SendQuickAnswer,
)
from app.bot.screens.questions import question_answered_screen
from app.bot.screens.quick_answers import (
    ask_for_quick_answer_screen,
    quick_answer_choice_screen,
    quick_answer_screen,
    quick_answer_unfit_screen,
    quick_answers_screen,
)
from app.domain.names import drop_hidden_characters
from app.domain.operator_roles import Permission
from app.services.notifications import support
from app.services.operations import quick_answers

_CHANGED: Final = "quick_answer"


class QuickAnswerDialogue(StatesGroup):
    writing = State()


def create_router() -> Router:
    router = Router(name="quick_answers")
    may_answer = FromOperator(Permission.ANSWER_QUESTIONS)
    may_edit = FromOperator(Permission.EDIT_QUICK_ANSWERS)
    taps = router.callback_query
    taps.register(open_choice, may_answer, QuickAnswerChoicePage.filter())
    taps.register(send_quick_answer, may_answer, SendQuickAnswer.filter())
    taps.register(open_quick_answers, may_edit, QuickAnswersPage.filter())
    taps.register(open_quick_answer, may_edit, QuickAnswerPage.filter())
    taps.register(ask_for_new_answer, may_edit, NewQuickAnswer.filter())
    taps.register(ask_for_change, may_edit, ChangeQuickAnswer.filter())
    taps.register(drop_quick_answer, may_edit, DeleteQuickAnswer.filter())
    router.message.register(read_quick_answer, may_edit, AnswerTo(QuickAnswerDialogue.writing))
    return router


async def open_choice(
    _: TelegramObject, context: BotContext, callback_data: QuickAnswerChoicePage
) -> None:
    answers = await quick_answers.list_quick_answers(context.deps.db)
    may_edit = context.may(Permission.EDIT_QUICK_ANSWERS)
    await context.show(
        quick_answer_choice_screen(context.t, callback_data.user_id, answers, may_edit=may_edit)
    )


async def send_quick_answer(
    tap: CallbackQuery, context: BotContext, callback_data: SendQuickAnswer
) -> None:
    """As the operator's own message, of which the tap is the id: the same tap sends it once."""
    db, id_ = context.deps.db, callback_data.answer_id
    row = await quick_answers.require_quick_answer(db, id_)
    message_id = -int.from_bytes(sha256(tap.id.encode()).digest()[:7])
    await support.answer_user(db, context.user.id, callback_data.user_id, message_id, row.text)
    await context.show(question_answered_screen(context.t))


async def open_quick_answers(_: TelegramObject, context: BotContext) -> None:
    await _show_all(context)


async def open_quick_answer(
    _: TelegramObject, context: BotContext, callback_data: QuickAnswerPage
) -> None:
    row = await quick_answers.require_quick_answer(context.deps.db, callback_data.answer_id)
    await context.show(quick_answer_screen(context.t, row))


async def ask_for_new_answer(_: TelegramObject, context: BotContext, state: FSMContext) -> None:
    await state.set_state(QuickAnswerDialogue.writing)
    await context.show(ask_for_quick_answer_screen(context.t))


async def ask_for_change(
    _: TelegramObject, context: BotContext, callback_data: ChangeQuickAnswer, state: FSMContext
) -> None:
    await state.set_state(QuickAnswerDialogue.writing)
    await state.update_data({_CHANGED: callback_data.answer_id})
    await context.show(ask_for_quick_answer_screen(context.t))


async def read_quick_answer(message: Message, context: BotContext, state: FSMContext) -> None:
    """Its name in the first line. Where it does not fit, the next message is another try."""
    name, _, text = drop_hidden_characters(message.text or "").strip().partition("\n")
    name, text = " ".join(name.split()), text.strip()
    fits = 0 < len(name) <= quick_answers.MAX_QUICK_ANSWER_NAME
    if not fits or not 0 < len(text) <= quick_answers.MAX_QUICK_ANSWER_TEXT:
        await context.show(quick_answer_unfit_screen(context.t))
        return
    db, changed = context.deps.db, (await state.get_data()).get(_CHANGED)
    if changed is None:
        await quick_answers.add_quick_answer(db, context.user.id, name, text)
    else:
        await quick_answers.change_quick_answer(db, context.user.id, int(changed), name, text)
    await state.clear()
    await _show_all(context)


async def drop_quick_answer(
    _: TelegramObject, context: BotContext, callback_data: DeleteQuickAnswer
) -> None:
    await quick_answers.delete_quick_answer(
        context.deps.db, context.user.id, callback_data.answer_id
    )
    await _show_all(context)


async def _show_all(context: BotContext) -> None:
    answers = await quick_answers.list_quick_answers(context.deps.db)
    await context.show(quick_answers_screen(context.t, answers))
