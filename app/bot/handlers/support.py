"""A person's question to the operator, and the operator's answer."""

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.callbacks import SupportPage
from app.bot.filters import AnswerTo, FromOperator, ReplyToBot, command
from app.bot.screens.support import (
    answered_screen,
    ask_screen,
    sent_screen,
    text_only_screen,
    too_long_screen,
    too_many_screen,
)
from app.bot.visit import Visit
from app.domain.names import drop_hidden, full_name
from app.services.notifications import support


class SupportDialogue(StatesGroup):
    writing = State()


def create_router(operators: tuple[int, ...]) -> Router:
    router = Router(name="support")
    router.message.register(open_support, command("support"))
    router.callback_query.register(open_support, SupportPage.filter())
    router.message.register(relay_answer, FromOperator(operators), ReplyToBot())
    router.message.register(relay_question, AnswerTo(SupportDialogue.writing))
    return router


async def open_support(_: TelegramObject, visit: Visit, state: FSMContext) -> None:
    await state.set_state(SupportDialogue.writing)
    await visit.show(ask_screen(visit.t, visit.shop.support_contact))


async def relay_question(message: Message, visit: Visit, state: FSMContext) -> None:
    text = await _read(message, visit)
    if text is None:
        return
    deps, user = visit.deps, visit.user
    if wait := deps.questions.take(user.id):
        await visit.show(too_many_screen(visit.t, wait))
        return
    name = full_name(user.id, user.first_name, user.username)
    await support.ask(deps.db, deps.operators, user.id, name, message.message_id, text)
    await state.clear()
    await visit.show(sent_screen(visit.t))


async def relay_answer(message: Message, visit: Visit) -> None:
    """The operator's reply to a question, wherever in the chat that question stands."""
    text = await _read(message, visit)
    if text is None or message.reply_to_message is None:
        return
    question_id = message.reply_to_message.message_id
    await support.answer(visit.deps.db, visit.user.id, question_id, message.message_id, text)
    await visit.show(answered_screen(visit.t))


async def _read(message: Message, visit: Visit) -> str | None:
    """The letter; None when the writer was asked to write it otherwise."""
    text = drop_hidden(message.text or "")
    if not text.strip():
        await visit.show(text_only_screen(visit.t))
        return None
    if len(text) > support.LONGEST:
        await visit.show(too_long_screen(visit.t, len(text), support.LONGEST))
        return None
    return text
