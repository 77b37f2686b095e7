"""Support in a forum: `/forum` sets it; what operators write in a user's topic goes to the user."""

from hashlib import sha256

from aiogram import Router
from aiogram.enums import ContentType
from aiogram.filters import Filter
from aiogram.types import CallbackQuery, Message, TelegramObject

from app.bot.context import BotContext, TapAnswer
from app.bot.deps import BotDeps
from app.bot.filters import FromOperator, command
from app.bot.group_callbacks import (
    CloseTopic,
    LeaveSupportForum,
    SendTopicAnswer,
    TopicAnswers,
)
from app.bot.handlers.support import read_message
from app.bot.screens.support_forum import (
    forum_left_screen,
    forum_screen,
    forum_unfit_screen,
    topic_answers_screen,
    topic_sent_screen,
)
from app.bot.topics import get_topic_id, is_in_support_forum
from app.domain.operator_roles import Permission
from app.services.notifications import support
from app.services.notifications.topics import find_user_of_topic
from app.services.operations import quick_answers
from app.services.operations.support_forum import leave_support_forum, set_support_forum


class _InTopic(Filter):
    """A message of the forum of support; commands are the bot's."""

    async def __call__(self, message: Message, deps: BotDeps) -> bool:
        is_command = (message.text or "").startswith("/")
        return not is_command and await is_in_support_forum(deps.shop, message)


def create_router() -> Router:
    router = Router(name="support_forum")
    may_answer = FromOperator(Permission.ANSWER_QUESTIONS)
    may_edit = FromOperator(Permission.EDIT_SHOP)
    router.message.register(open_forum, command("forum"))
    router.message.register(relay_from_topic, _InTopic())
    taps = router.callback_query
    taps.register(leave_forum, may_edit, LeaveSupportForum.filter())
    taps.register(open_topic_answers, may_answer, TopicAnswers.filter())
    taps.register(send_topic_answer, may_answer, SendTopicAnswer.filter())
    taps.register(close_topic, may_answer, CloseTopic.filter())
    return router


async def open_forum(_: Message, context: BotContext) -> None:
    """For all others the command does not exist."""
    if context.is_private or not context.may(Permission.EDIT_SHOP):
        return
    deps = context.deps
    is_set = await set_support_forum(deps.db, deps.topics, context.user.id, context.chat_id)
    deps.shop.forget()
    await context.show(forum_screen(context.t) if is_set else forum_unfit_screen(context.t))


async def leave_forum(_: TelegramObject, context: BotContext) -> None:
    await leave_support_forum(context.deps.db, context.user.id, context.chat_id)
    context.deps.shop.forget()
    await context.show(forum_left_screen(context.t))


async def relay_from_topic(message: Message, context: BotContext) -> None:
    """Of operators and in users' topics alone; all else stays there."""
    db, thread_id = context.deps.db, get_topic_id(message)
    if thread_id is None or not context.may(Permission.ANSWER_QUESTIONS):
        return
    user_id = await find_user_of_topic(db, context.chat_id, thread_id)
    if user_id is None:
        return
    if message.forum_topic_closed is not None:
        await support.close_conversation(db, user_id, context.user.id)
        return
    if message.content_type in _SERVICE_KINDS:
        return
    text = await read_message(message, context)
    if text is not None:
        kind = ContentType(message.content_type).value
        await support.answer_user(
            db,
            context.user.id,
            user_id,
            message.message_id,
            text,
            kind,
            chat_id=context.chat_id,
        )


async def open_topic_answers(
    _: TelegramObject, context: BotContext, callback_data: TopicAnswers
) -> None:
    answers = await quick_answers.list_quick_answers(context.deps.db)
    await context.send(topic_answers_screen(context.t, callback_data.user_id, answers))


async def send_topic_answer(
    tap: CallbackQuery, context: BotContext, callback_data: SendTopicAnswer
) -> None:
    """As the operator's own message, of which the tap is the id: the same tap sends it once."""
    db = context.deps.db
    row = await quick_answers.require_quick_answer(db, callback_data.answer_id)
    message_id = -int.from_bytes(sha256(tap.id.encode()).digest()[:7])
    await support.answer_user(
        db, context.user.id, callback_data.user_id, message_id, row.text, chat_id=context.chat_id
    )
    await context.show(topic_sent_screen(context.t, row.text))


async def close_topic(
    _: TelegramObject, context: BotContext, callback_data: CloseTopic, answer: TapAnswer
) -> None:
    db, operator = context.deps.db, context.user.id
    was_open = await support.close_conversation(db, callback_data.user_id, operator)
    key = "question-closed-toast" if was_open else "question-closed-before"
    answer.toast(context.t.plain(key))


_SERVICE_KINDS = frozenset(
    {
        ContentType.FORUM_TOPIC_CREATED,
        ContentType.FORUM_TOPIC_EDITED,
        ContentType.FORUM_TOPIC_REOPENED,
        ContentType.PINNED_MESSAGE,
        ContentType.NEW_CHAT_MEMBERS,
        ContentType.LEFT_CHAT_MEMBER,
    }
)
