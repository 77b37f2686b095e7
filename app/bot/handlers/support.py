"""A user's question to the operators, and an operator's answer."""

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.callbacks import SupportPage
from app.bot.context import BotContext
from app.bot.filters import AnswerTo, FromOperator, ReplyToBot, command
from app.bot.screens.support import (
    ask_question_screen,
    question_answered_screen,
    question_sent_screen,
    question_text_only_screen,
    question_too_long_screen,
    too_many_questions_screen,
)
from app.domain.names import drop_hidden_characters, format_full_name
from app.domain.operator_roles import Permission
from app.services.notifications import support


class SupportDialogue(StatesGroup):
    writing = State()


def create_router() -> Router:
    router = Router(name="support")
    router.message.register(open_support, command("support"))
    router.callback_query.register(open_support, SupportPage.filter())
    may_answer = FromOperator(Permission.ANSWER_QUESTIONS)
    router.message.register(relay_answer, may_answer, ReplyToBot())
    router.message.register(relay_question, AnswerTo(SupportDialogue.writing))
    return router


async def open_support(_: TelegramObject, context: BotContext, state: FSMContext) -> None:
    await state.set_state(SupportDialogue.writing)
    await context.show(ask_question_screen(context.t, context.shop.support_contact))


async def relay_question(message: Message, context: BotContext, state: FSMContext) -> None:
    text = await _read(message, context)
    if text is None:
        return
    deps, user = context.deps, context.user
    if wait := deps.question_limit.take(user.id):
        await context.show(too_many_questions_screen(context.t, wait))
        return
    name = format_full_name(user.id, user.first_name, user.username)
    await support.ask_operators(deps.db, user.id, name, message.message_id, text)
    await state.clear()
    await context.show(question_sent_screen(context.t))


async def relay_answer(message: Message, context: BotContext) -> None:
    """The operator's reply to a question, wherever in the chat that question stands."""
    text = await _read(message, context)
    if text is None or message.reply_to_message is None:
        return
    question_id = message.reply_to_message.message_id
    await support.answer_user(
        context.deps.db, context.user.id, question_id, message.message_id, text
    )
    await context.show(question_answered_screen(context.t))


async def _read(message: Message, context: BotContext) -> str | None:
    """The question's or answer's text; None when the sender was asked to write it otherwise."""
    text = drop_hidden_characters(message.text or "")
    if not text.strip():
        await context.show(question_text_only_screen(context.t))
        return None
    if len(text) > support.MAX_QUESTION_LENGTH:
        await context.show(
            question_too_long_screen(context.t, len(text), support.MAX_QUESTION_LENGTH)
        )
        return None
    return text
