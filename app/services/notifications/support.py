"""What users write to the operators, and what operators answer: a conversation a user."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.core.external_values import to_storable_text
from app.db.models import Conversation, ConversationMessage, OutboxMessage, User
from app.db.unit_of_work import Database
from app.domain.conversations import (
    TEXT_KIND,
    TOPIC_QUESTION_COPY_TEMPLATE,
    TOPIC_QUESTION_TEMPLATE,
    ConversationState,
)
from app.domain.messages import DeliveryGuarantee
from app.domain.names import cut_text
from app.services.audit import record_audit_entry
from app.services.notifications.notify import Notification, notify, notify_operators
from app.services.users import lock_user

QUESTION_TEMPLATE: Final = "operator-question"
QUESTION_COPY_TEMPLATE: Final = "operator-question-copy"
TOPIC_ANSWERED_TEMPLATE: Final = "topic-answered"
TOPIC_CLOSED_TEMPLATE: Final = "topic-closed"
_ANSWERED_TEMPLATE: Final = "operator-answered"
_ANSWER_TEMPLATE: Final = "support-answer"
_ANSWER_COPY_TEMPLATE: Final = "support-answer-copy"
_MESSAGE_TEMPLATE: Final = "support-message"
ANSWER_TEMPLATES: Final = frozenset({_ANSWER_TEMPLATE, _ANSWER_COPY_TEMPLATE, _MESSAGE_TEMPLATE})
# A reply to one of these is an answer to the user whom it is about.
_REPLIED_TO: Final = (QUESTION_TEMPLATE, QUESTION_COPY_TEMPLATE, _ANSWERED_TEMPLATE)
MAX_QUESTION_LENGTH: Final = 3000  # characters; the rest of the message is our frame around it
_EXCERPT_LENGTH: Final = 500
CLOSED_AT_ONCE: Final = 500


class NotAQuestionError(ExpectedError):
    text_key = "operator-not-a-question"


class AskingUserGoneError(ExpectedError):
    """They have erased their data."""

    text_key = "error-asking-user-gone"


@dataclass(frozen=True, slots=True)
class PassedOn:
    """How many messages wait for an answer, and where the user has read so."""

    unanswered: int
    note_message_id: int | None


async def ask_operators(
    db: Database,
    user_id: int,
    name: str,
    message_id: int,
    text: str,
    kind: str = TEXT_KIND,
    *,
    forum: int | None = None,
) -> PassedOn:
    """In their chats, or in the user's topic of the `forum`.

    A message that came before changes nothing. Raises AskingUserGoneError.
    """
    async with db.unit_of_work() as session:
        talk = await _lock_conversation(session, user_id)
        if await _save_message(session, talk, user_id, message_id, kind, text):
            if talk.state is not ConversationState.OPEN:
                talk.state, talk.waiting_since = ConversationState.OPEN, clock.now()
                talk.unanswered, talk.note_message_id = 0, None
            talk.unanswered += 1
            talk.last_message_at = clock.now()
            question = _Question(user_id, name, message_id, text[:MAX_QUESTION_LENGTH], kind)
            if forum is None:
                await _notify_of_question(session, question)
            else:
                await _notify_forum(session, question, forum)
        return PassedOn(talk.unanswered, talk.note_message_id)


async def keep_note(db: Database, user_id: int, note_message_id: int) -> None:
    """The next message changes the note, where no answer has come in between."""
    async with db.unit_of_work() as session:
        await session.execute(
            update(Conversation)
            .where(Conversation.user_id == user_id, Conversation.state == ConversationState.OPEN)
            .values(note_message_id=note_message_id)
        )


async def write_to_user(
    db: Database, operator: int, message_id: int, user_id: int, text: str
) -> None:
    """A message that answers no question; what the user writes to it is passed on.

    The operator's message makes it happen once. Raises AskingUserGoneError.
    """
    async with db.unit_of_work() as session:
        talk = await _lock_conversation(session, user_id)
        if not await _save_message(
            session, talk, operator, message_id, TEXT_KIND, text, by=operator
        ):
            return
        if talk.state is ConversationState.CLOSED:
            talk.state = ConversationState.ANSWERED
        talk.last_message_at = clock.now()
        key = f"written:{operator}:{message_id}"
        record_audit_entry(session, f"user:{operator}", "user_written_to", f"user:{user_id}")
        values: dict[str, str | int | None] = {"text": text, "by": operator}
        await notify(session, Notification(key, user_id, _MESSAGE_TEMPLATE, values))


async def find_asking_user(db: Database, operator: int, question_message_id: int) -> int:
    """Whom a message in the operator's chat is about. Raises NotAQuestionError."""
    async with db.read_only() as session:
        values = await session.scalar(
            select(OutboxMessage.values).where(
                OutboxMessage.chat_id == operator,
                OutboxMessage.message_id == question_message_id,
                OutboxMessage.template.in_(_REPLIED_TO),
            )
        )
    if values is None:
        raise NotAQuestionError
    return int(values["person"])


async def answer_user(
    db: Database,
    operator: int,
    user_id: int,
    message_id: int,
    text: str,
    kind: str = TEXT_KIND,
    *,
    chat_id: int | None = None,
) -> None:
    """What the operator wrote in their chat, and to all others that they did.

    `chat_id`: of the forum where they wrote it, and where the others have read it.

    One that came before changes nothing. Raises AskingUserGoneError.
    """
    async with db.unit_of_work() as session:
        talk = await _lock_conversation(session, user_id)
        written = _Answer(operator, chat_id or operator, message_id, _cut(text), kind)
        if not await _save_message(
            session, talk, written.chat_id, message_id, kind, text, by=operator
        ):
            return
        talk.state, talk.answered_by = ConversationState.ANSWERED, operator
        talk.waiting_since, talk.unanswered, talk.note_message_id = None, 0, None
        talk.last_message_at = clock.now()
        await notify(session, _to_answer(written, user_id, text))
        if chat_id is None:
            await _notify_of_answer(session, talk, written)
        actor, subject = f"user:{operator}", f"user:{user_id}"
        record_audit_entry(session, actor, "question_answered", subject, kind=kind)


async def close_conversation(db: Database, user_id: int, operator: int | None = None) -> bool:
    """By the user, or by an operator, of which the user is notified. False: it was closed.

    Its topic is closed, too.
    """
    async with db.unit_of_work() as session:
        closed = await session.scalars(
            update(Conversation)
            .where(Conversation.user_id == user_id, Conversation.state != ConversationState.CLOSED)
            .values(
                state=ConversationState.CLOSED,
                waiting_since=None,
                unanswered=0,
                note_message_id=None,
                is_topic_closed=Conversation.topic_id.is_not(None),
            )
            .returning(Conversation)
            .execution_options(synchronize_session=False)
        )
        talk = closed.one_or_none()
        if talk is None:
            return False
        key = f"support-closed:{talk.id}:{talk.last_message_at.isoformat()}"
        if operator is not None:
            await notify(session, Notification(key, user_id, "support-closed"))
            actor, subject = f"user:{operator}", f"user:{user_id}"
            record_audit_entry(session, actor, "question_closed", subject)
        if talk.topic_id is not None:
            values: dict[str, str | int | None] = {"by_operator": int(operator is not None)}
            await notify(session, _to_topic(talk, f"{key}:topic", TOPIC_CLOSED_TEMPLATE, values))
    return True


async def close_answered_conversations(db: Database, silent_for: timedelta) -> int:
    """Without a word to anybody: what the user writes later can begin another. How many."""
    if not silent_for:
        return 0
    async with db.unit_of_work() as session:
        silent = (
            select(Conversation.id)
            .where(
                Conversation.state == ConversationState.ANSWERED,
                Conversation.last_message_at <= clock.now() - silent_for,
            )
            .order_by(Conversation.last_message_at)
            .limit(CLOSED_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        closed = await session.scalars(
            update(Conversation)
            .where(Conversation.id.in_(silent))
            .values(state=ConversationState.CLOSED)
            .returning(Conversation.id)
            .execution_options(synchronize_session=False)
        )
        return len(closed.all())


async def report_unheard_answer(
    session: AsyncSession, notification_id: int, template: str, user_id: int, operator: object
) -> None:
    """To who wrote it: the user has blocked the bot. Step."""
    if template not in ANSWER_TEMPLATES or operator is None:  # none in rows of older releases
        return
    key = f"answer-unheard:{notification_id}"
    values = {"person": user_id}
    await notify(session, Notification(key, int(str(operator)), "operator-answer-unheard", values))


async def _lock_conversation(session: AsyncSession, user_id: int) -> Conversation:
    """The user first: an erasure waits, or has been. Their first message begins it."""
    if await lock_user(session, user_id) is None:
        raise AskingUserGoneError
    talk: Conversation | None = await session.scalar(
        select(Conversation)
        .where(Conversation.user_id == user_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if talk is None:
        talk = Conversation(
            user_id=user_id,
            state=ConversationState.CLOSED,
            unanswered=0,
            last_message_at=clock.now(),
        )
        session.add(talk)
        await session.flush()
    return talk


async def _save_message(
    session: AsyncSession,
    talk: Conversation,
    chat_id: int,
    message_id: int,
    kind: str,
    text: str,
    *,
    by: int | None = None,
) -> bool:
    """False for one that is there already: Telegram repeats what was not acknowledged."""
    row = insert(ConversationMessage).values(
        conversation_id=talk.id,
        operator_id=by,
        chat_id=chat_id,
        message_id=message_id,
        kind=kind,
        text=_cut(text),
        created_at=clock.now(),
    )
    saved = await session.scalar(
        row.on_conflict_do_nothing(index_elements=["chat_id", "message_id"]).returning(
            ConversationMessage.id
        )
    )
    return saved is not None


@dataclass(frozen=True, slots=True)
class _Question:
    user_id: int
    name: str
    message_id: int
    text: str
    kind: str

    @property
    def key(self) -> str:
        return f"question:{self.user_id}:{self.message_id}"

    @property
    def values(self) -> dict[str, str | int | None]:
        who: dict[str, str | int | None] = {"person": self.user_id, "name": self.name}
        if self.kind == TEXT_KIND:
            return {**who, "text": self.text}
        return {**who, "source": self.message_id, "kind": self.kind}


async def _notify_of_question(session: AsyncSession, question: _Question) -> None:
    is_text = question.kind == TEXT_KIND
    template = QUESTION_TEMPLATE if is_text else QUESTION_COPY_TEMPLATE
    await notify_operators(session, question.key, template, **question.values)


async def _notify_forum(session: AsyncSession, question: _Question, forum: int) -> None:
    """The topic is found, or made, when it is sent."""
    is_text = question.kind == TEXT_KIND
    template = TOPIC_QUESTION_TEMPLATE if is_text else TOPIC_QUESTION_COPY_TEMPLATE
    await notify(
        session,
        Notification(
            f"{question.key}:topic",
            forum,
            template,
            question.values,
            guarantee=DeliveryGuarantee.AT_LEAST_ONCE,
        ),
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    operator: int
    chat_id: int  # where it was written
    message_id: int
    excerpt: str
    kind: str

    @property
    def place(self) -> str:
        return f"{self.chat_id}:{self.message_id}"


async def _notify_of_answer(session: AsyncSession, talk: Conversation, answer: _Answer) -> None:
    """The other operators, or the topic where they have the conversation."""
    values: dict[str, str | int | None] = {
        "person": talk.user_id,
        "by": answer.operator,
        "by_name": await session.scalar(select(User.first_name).where(User.id == answer.operator)),
        "text": answer.excerpt,
        "kind": answer.kind,
    }
    key = f"answered:{answer.place}"
    if talk.topic_chat_id is None:
        await notify_operators(session, key, _ANSWERED_TEMPLATE, **values)
    else:
        await notify(session, _to_topic(talk, f"{key}:topic", TOPIC_ANSWERED_TEMPLATE, values))


def _to_topic(
    talk: Conversation, key: str, template: str, values: dict[str, str | int | None]
) -> Notification:
    if talk.topic_chat_id is None:
        raise ValueError("the conversation has no topic")
    return Notification(key, talk.topic_chat_id, template, values, thread_id=talk.topic_id)


def _to_answer(answer: _Answer, user_id: int, text: str) -> Notification:
    key = f"answer:{answer.place}"
    if answer.kind == TEXT_KIND:
        values: dict[str, str | int | None] = {"text": text, "by": answer.operator}
        return Notification(key, user_id, _ANSWER_TEMPLATE, values)
    values = {"by": answer.operator, "source": answer.message_id, "kind": answer.kind}
    if answer.chat_id != answer.operator:
        values["source_chat"] = answer.chat_id
    return Notification(key, user_id, _ANSWER_COPY_TEMPLATE, values)


def _cut(text: str) -> str:
    return cut_text(to_storable_text(text), _EXCERPT_LENGTH)
