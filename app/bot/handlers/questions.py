"""`/questions`: what users have asked, and how operators answer: here, or by a reply."""

from typing import Final

from aiogram import Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.enums import ContentType
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.context import BotContext, TapAnswer
from app.bot.dialogues import ended_afterwards
from app.bot.filters import AnswerTo, FromOperator, ReplyToBot, command
from app.bot.handlers.support import read_message
from app.bot.operator_callbacks import AnswerPage, CloseQuestion, QuestionPage, QuestionsPage
from app.bot.screens.questions import (
    ask_for_answer_screen,
    question_answered_screen,
    question_screen,
    questions_screen,
)
from app.domain.operator_roles import Permission
from app.services import audit
from app.services.notifications import support
from app.services.operations.questions import list_questions, load_question

_ASKING_USER: Final = "asking_user"
_ALBUM: Final = "answer_album"


class AnswerDialogue(StatesGroup):
    writing = State()


def create_router() -> Router:
    router = Router(name="questions")
    may_answer = FromOperator(Permission.ANSWER_QUESTIONS)
    router.message.register(open_questions, may_answer, command("questions"))
    taps = router.callback_query
    taps.register(turn_questions_page, may_answer, QuestionsPage.filter())
    taps.register(open_question, may_answer, QuestionPage.filter())
    taps.register(ask_for_answer, may_answer, AnswerPage.filter())
    taps.register(close_question, may_answer, CloseQuestion.filter())
    router.message.register(relay_reply, may_answer, ReplyToBot())
    router.message.register(relay_answer, may_answer, AnswerTo(AnswerDialogue.writing))
    return router


async def open_questions(_: TelegramObject, context: BotContext) -> None:
    await context.show(questions_screen(context.t, await list_questions(context.deps.db, 0)))


async def turn_questions_page(
    _: TelegramObject, context: BotContext, callback_data: QuestionsPage
) -> None:
    listed = await list_questions(context.deps.db, callback_data.page)
    await context.show(questions_screen(context.t, listed))


async def open_question(
    _: TelegramObject, context: BotContext, callback_data: QuestionPage
) -> None:
    await _show_question(context, callback_data.user_id)


async def ask_for_answer(
    _: TelegramObject, context: BotContext, callback_data: AnswerPage, state: FSMContext
) -> None:
    await state.set_state(AnswerDialogue.writing)
    await state.update_data({_ASKING_USER: callback_data.user_id})
    await context.show(ask_for_answer_screen(context.t, callback_data.user_id))


async def close_question(
    _: TelegramObject, context: BotContext, callback_data: CloseQuestion, answer: TapAnswer
) -> None:
    was_open = await support.close_conversation(
        context.deps.db, callback_data.user_id, context.user.id
    )
    key = "question-closed-toast" if was_open else "question-closed-before"
    answer.toast(context.t.plain(key))
    if not callback_data.fresh:  # below a notification, that stays as it is
        await _show_question(context, callback_data.user_id)


async def relay_reply(message: Message, context: BotContext, state: FSMContext) -> None:
    """The operator's reply to a question, wherever in the chat that question stands."""
    if message.reply_to_message is None:
        return
    text = await read_message(message, context)
    if text is None:
        return
    user_id = await support.find_asking_user(
        context.deps.db, context.user.id, message.reply_to_message.message_id
    )
    await _answer(message, context, state, user_id, text)


async def relay_answer(message: Message, context: BotContext, state: FSMContext) -> None:
    """Where it can't be passed on, the next message is another try. All parts of an album are."""
    known = await state.get_data()
    if _ALBUM in known and known[_ALBUM] != message.media_group_id:
        await state.clear()
        raise SkipHandler
    text = await read_message(message, context)
    if text is None:
        return
    user_id = int(known[_ASKING_USER])
    if message.media_group_id:
        await _answer(message, context, state, user_id, text)
        return
    async with ended_afterwards(state):
        await _answer(message, context, state, user_id, text)


async def _answer(
    message: Message, context: BotContext, state: FSMContext, user_id: int, text: str
) -> None:
    album, kind = message.media_group_id, ContentType(message.content_type).value
    is_first = not album or (await state.get_data()).get(_ALBUM) != album
    if album and is_first:
        await state.update_data({_ALBUM: album})
    await support.answer_user(
        context.deps.db, context.user.id, user_id, message.message_id, text, kind
    )
    if is_first:
        await context.show(question_answered_screen(context.t))


async def _show_question(context: BotContext, user_id: int) -> None:
    """A look at a user's data is on record."""
    question, messages = await load_question(context.deps.db, user_id)
    await audit.record_data_access(
        context.deps.db, context.user.id, "conversation_viewed", f"user:{user_id}"
    )
    await context.show(question_screen(context.t, question, messages))
