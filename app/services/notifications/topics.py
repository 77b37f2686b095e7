"""Support in a forum: each user's conversation in a topic of its own.

The topic is made when the first message for it is sent. A process that ends between Telegram's
answer and our commit leaves an empty topic behind and makes another; messages are never lost.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog
from sqlalchemy import delete, select, type_coerce, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import Conversation, ShopSetting
from app.db.unit_of_work import Database
from app.domain.conversations import (
    TOPIC_QUESTION_COPY_TEMPLATE,
    TOPIC_QUESTION_TEMPLATE,
    TOPIC_QUESTION_TEMPLATES,
)
from app.domain.forum_ports import ForumTopics
from app.domain.messages import DeliveryGuarantee
from app.domain.ports import PortError, RefusedError, RetryLaterError
from app.services.notifications.notify import Notification, notify, notify_operators
from app.services.notifications.support import (
    QUESTION_COPY_TEMPLATE,
    QUESTION_TEMPLATE,
    TOPIC_ANSWERED_TEMPLATE,
    TOPIC_CLOSED_TEMPLATE,
)

TOPIC_CARD_TEMPLATE: Final = "topic-card"
TOPIC_ERASED_TEMPLATE: Final = "topic-erased"
FORUM_TEMPLATES: Final = frozenset(
    {
        *TOPIC_QUESTION_TEMPLATES,
        TOPIC_ANSWERED_TEMPLATE,
        TOPIC_CARD_TEMPLATE,
        TOPIC_CLOSED_TEMPLATE,
        TOPIC_ERASED_TEMPLATE,
    }
)
_NO_MESSAGE: Final = 0
SUPPORT_FORUM_SETTING: Final = "support_forum"
_TO_OPERATORS: Final = {
    TOPIC_QUESTION_TEMPLATE: QUESTION_TEMPLATE,
    TOPIC_QUESTION_COPY_TEMPLATE: QUESTION_COPY_TEMPLATE,
}


log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ForumNotification:
    """One for the topic of a user's conversation; of a question it is found when it is sent."""

    key: str
    chat_id: int
    template: str
    values: Mapping[str, Any]
    thread_id: int | None

    @property
    def user_id(self) -> int:
        return int(str(self.values["person"]))


async def send_to_forum(
    db: Database,
    topics: ForumTopics | None,
    notification: ForumNotification,
    send: Callable[[int], Awaitable[int]],
) -> int:
    """By `send`, into the topic; the message's id. Raises what the ports do."""
    if topics is None:
        raise RefusedError("there are no topics here")
    chat_id, thread_id = notification.chat_id, notification.thread_id
    if notification.template in TOPIC_QUESTION_TEMPLATES:
        return await send(await _open_user_topic(db, topics, notification))
    if thread_id is None:
        raise LookupError("the topic is not known")
    if notification.template == TOPIC_ERASED_TEMPLATE:
        await topics.delete(chat_id, thread_id)
        return _NO_MESSAGE
    message_id = await send(thread_id)
    if notification.template == TOPIC_CLOSED_TEMPLATE:
        try:
            await topics.close(chat_id, thread_id)
        except PortError as error:  # what it says stands there, and would stand there twice
            log.info("topic_left_open", chat_id=chat_id, reason=str(error))
    return message_id


async def _open_user_topic(db: Database, topics: ForumTopics, question: ForumNotification) -> int:
    """Its id. Raises RetryLaterError where it was made just now: its card goes first."""
    chat_id, user_id = question.chat_id, question.user_id
    async with db.read_only() as session:
        talk = await session.scalar(select(Conversation).where(Conversation.user_id == user_id))
    if talk is None:
        raise LookupError("the conversation was removed")
    if talk.topic_id is None or talk.topic_chat_id != chat_id:
        thread_id = await topics.create(chat_id, str(question.values["name"]))
        await _record_topic(db, question, thread_id)
        raise RetryLaterError(timedelta())
    if talk.is_topic_closed:
        await topics.reopen(chat_id, talk.topic_id)
        async with db.unit_of_work() as session:
            await session.execute(
                update(Conversation)
                .where(Conversation.user_id == user_id)
                .values(is_topic_closed=False)
            )
    return talk.topic_id


async def _record_topic(db: Database, question: ForumNotification, thread_id: int) -> None:
    chat_id, user_id = question.chat_id, question.user_id
    async with db.unit_of_work() as session:
        await session.execute(
            update(Conversation)
            .where(Conversation.user_id == user_id)
            .values(topic_chat_id=chat_id, topic_id=thread_id, is_topic_closed=False)
        )
        await notify(
            session,
            Notification(
                f"{TOPIC_CARD_TEMPLATE}:{chat_id}:{thread_id}",
                chat_id,
                TOPIC_CARD_TEMPLATE,
                {"person": user_id, "name": question.values["name"]},
                guarantee=DeliveryGuarantee.AT_LEAST_ONCE,  # before all that waits for the chat
                thread_id=thread_id,
            ),
        )


async def forget_topic(session: AsyncSession, chat_id: int, user_id: int) -> None:
    """It was deleted: the next message for it makes another. Step."""
    await session.execute(
        update(Conversation)
        .where(Conversation.user_id == user_id, Conversation.topic_chat_id == chat_id)
        .values(topic_chat_id=None, topic_id=None, is_topic_closed=False)
    )


async def return_question(session: AsyncSession, question: ForumNotification) -> None:
    """To the operators' own chats, because the forum takes it no more. Step."""
    await report_forum_lost(session, question.chat_id)
    await notify_operators(
        session,
        question.key.removesuffix(":topic"),
        _TO_OPERATORS[question.template],
        **question.values,
    )


async def report_forum_lost(session: AsyncSession, chat_id: int) -> None:
    """Operators are notified once. Step."""
    if await end_forum(session, chat_id):
        key = f"forum-lost:{chat_id}:{clock.now().isoformat()}"
        await notify_operators(session, key, "operator-forum-lost")


async def end_forum(session: AsyncSession, chat_id: int) -> bool:
    """Whether it was the one that is set. Step."""
    ended = await session.scalar(
        delete(ShopSetting)
        .where(
            ShopSetting.name == SUPPORT_FORUM_SETTING,
            ShopSetting.value == type_coerce(chat_id, JSONB),
        )
        .returning(ShopSetting.name)
    )
    if ended is None:
        return False
    await session.execute(
        update(Conversation)
        .where(Conversation.topic_chat_id == chat_id)
        .values(topic_chat_id=None, topic_id=None, is_topic_closed=False)
        .execution_options(synchronize_session=False)
    )
    return True


async def find_user_of_topic(db: Database, chat_id: int, thread_id: int) -> int | None:
    async with db.read_only() as session:
        return await session.scalar(
            select(Conversation.user_id).where(
                Conversation.topic_chat_id == chat_id, Conversation.topic_id == thread_id
            )
        )
