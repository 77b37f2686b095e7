"""A user's conversation with support: what they write is passed on, until it is solved."""

from typing import Final

from aiogram import Router
from aiogram.enums import ContentType
from aiogram.filters import Filter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.callbacks import CloseConversation, SupportPage
from app.bot.context import BotContext
from app.bot.deps import BotDeps
from app.bot.filters import AnswerTo, command
from app.bot.mentions import classify_message_text, contains_private_key
from app.bot.message_kinds import PASSED_ON_KINDS, REFUSED_KINDS
from app.bot.screens.support import (
    ask_question_screen,
    conversation_closed_screen,
    question_kind_screen,
    question_sent_screen,
    question_too_long_screen,
    too_many_questions_screen,
)
from app.domain.mentions import InputShape
from app.domain.names import drop_hidden_characters, format_full_name
from app.services.notifications import support

_SECRETS: Final = frozenset({InputShape.KEY, InputShape.BARE})
_ALBUM: Final = "support_album"


class SupportDialogue(StatesGroup):
    writing = State()


class _Talks(Filter):
    """What a user writes while their conversation is open; no command, and no private key."""

    async def __call__(
        self, message: Message, deps: BotDeps, context: BotContext | None = None
    ) -> bool:
        if context is None or not context.is_private or not context.user.talks:
            return False
        if (message.text or "").startswith("/"):
            return False
        shape, _ = classify_message_text(deps, message)
        is_sent = message.content_type in PASSED_ON_KINDS | REFUSED_KINDS
        return is_sent and shape not in _SECRETS and not contains_private_key(message)


def create_router() -> Router:
    router = Router(name="support")
    router.message.register(open_support, command("support"))
    router.callback_query.register(open_support, SupportPage.filter())
    router.callback_query.register(close_own_conversation, CloseConversation.filter())
    router.message.register(relay_question, AnswerTo(SupportDialogue.writing))
    return router


def create_conversation_router() -> Router:
    """After every dialogue, and after what the tracker takes."""
    router = Router(name="conversation")
    router.message.register(continue_conversation, _Talks())
    return router


async def open_support(_: TelegramObject, context: BotContext, state: FSMContext) -> None:
    await state.set_state(SupportDialogue.writing)
    await context.show(ask_question_screen(context.t, context.shop.support_contact))


async def relay_question(message: Message, context: BotContext, state: FSMContext) -> None:
    passed_on = await _pass_on(message, context, state)
    if passed_on is not None:
        await state.set_state(None)
        await _show_note(context, passed_on, None)


async def continue_conversation(message: Message, context: BotContext, state: FSMContext) -> None:
    """One note says so of all messages that wait for an answer."""
    passed_on = await _pass_on(message, context, state)
    if passed_on is not None:
        await _show_note(context, passed_on, passed_on.note_message_id)


async def close_own_conversation(_: TelegramObject, context: BotContext) -> None:
    """Twice is once."""
    await support.close_conversation(context.deps.db, context.user.id)
    await context.show(conversation_closed_screen(context.t))


async def _pass_on(
    message: Message, context: BotContext, state: FSMContext
) -> support.PassedOn | None:
    """None when it was not, of which the user has been notified."""
    text = await read_message(message, context)
    if text is None or not await _has_quota(message, context, state):
        return None
    user = context.user
    name = format_full_name(user.id, user.first_name, user.username)
    kind = ContentType(message.content_type).value
    return await support.ask_operators(
        context.deps.db,
        user.id,
        name,
        message.message_id,
        text,
        kind,
        forum=context.shop.support_forum,
    )


async def _show_note(
    context: BotContext, passed_on: support.PassedOn, note_message_id: int | None
) -> None:
    context.message_id = note_message_id
    shown_id = await context.show(question_sent_screen(context.t, passed_on.unanswered))
    if shown_id != passed_on.note_message_id:
        await support.keep_note(context.deps.db, context.user.id, shown_id)


async def _has_quota(message: Message, context: BotContext, state: FSMContext) -> bool:
    """An album is one message to its sender: one of the quota, and one answer where it is used."""
    album = message.media_group_id
    known = (await state.get_data()).get(_ALBUM) if album else None
    if known is not None and known["id"] == album:
        return bool(known["passed_on"])
    wait = context.deps.question_limit.take(context.user.id)
    if album:
        await state.update_data({_ALBUM: {"id": album, "passed_on": wait is None}})
    if wait:
        await context.show(too_many_questions_screen(context.t, wait))
    return wait is None


async def read_message(message: Message, context: BotContext) -> str | None:
    """Its text or caption; None when the sender was asked to write it otherwise."""
    text = drop_hidden_characters(message.text or message.caption or "")
    is_empty = message.content_type == ContentType.TEXT and not text.strip()
    if is_empty or message.content_type not in PASSED_ON_KINDS:
        await context.show(question_kind_screen(context.t))
        return None
    if len(text) > support.MAX_QUESTION_LENGTH:
        await context.show(
            question_too_long_screen(context.t, len(text), support.MAX_QUESTION_LENGTH)
        )
        return None
    return text
