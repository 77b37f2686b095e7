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
from app.domain.conversations import TEXT_KIND, ConversationState
from app.domain.names import cut_text
from app.services.audit import record_audit_entry
from app.services.notifications.notify import Notification, notify, notify_operators
from app.services.users import lock_user

QUESTION_TEMPLATE: Final = "operator-question"
_QUESTION_COPY_TEMPLATE: Final = "operator-question-copy"
_ANSWERED_TEMPLATE: Final = "operator-answered"
_ANSWER_TEMPLATE: Final = "support-answer"
_ANSWER_COPY_TEMPLATE: Final = "support-answer-copy"
_MESSAGE_TEMPLATE: Final = "support-message"
ANSWER_TEMPLATES: Final = frozenset({_ANSWER_TEMPLATE, _ANSWER_COPY_TEMPLATE, _MESSAGE_TEMPLATE})
# A reply to one of these is an answer to the user whom it is about.
_REPLIED_TO: Final = (QUESTION_TEMPLATE, _QUESTION_COPY_TEMPLATE, _ANSWERED_TEMPLATE)
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
    db: Database, user_id: int, name: str, message_id: int, text: str, kind: str = TEXT_KIND
) -> PassedOn:
    """A message that came before changes nothing. Raises AskingUserGoneError."""
    async with db.unit_of_work() as session:
        talk = await _lock_conversation(session, user_id)
        if await _save_message(session, talk, user_id, message_id, kind, text):
            if talk.state is not ConversationState.OPEN:
                talk.state, talk.waiting_since = ConversationState.OPEN, clock.now()
                talk.unanswered, talk.note_message_id = 0, None
            talk.unanswered += 1
            talk.last_message_at = clock.now()
            await _notify_of_question(session, user_id, name, message_id, text, kind)
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
    db: Database, operator: int, user_id: int, message_id: int, text: str, kind: str = TEXT_KIND
) -> None:
    """What the operator wrote in their chat, and to all others that they did.

    One that came before changes nothing. Raises AskingUserGoneError.
    """
    async with db.unit_of_work() as session:
        talk = await _lock_conversation(session, user_id)
        if not await _save_message(session, talk, operator, message_id, kind, text, by=operator):
            return
        talk.state, talk.answered_by = ConversationState.ANSWERED, operator
        talk.waiting_since, talk.unanswered, talk.note_message_id = None, 0, None
        talk.last_message_at = clock.now()
        key = f"answer:{operator}:{message_id}"
        await notify(session, _to_answer(key, user_id, operator, message_id, text, kind))
        await notify_operators(
            session,
            f"answered:{operator}:{message_id}",
            _ANSWERED_TEMPLATE,
            person=user_id,
            by=operator,
            by_name=await session.scalar(select(User.first_name).where(User.id == operator)),
            text=_cut(text),
            kind=kind,
        )
        actor, subject = f"user:{operator}", f"user:{user_id}"
        record_audit_entry(session, actor, "question_answered", subject, kind=kind)


async def close_conversation(db: Database, user_id: int, operator: int | None = None) -> bool:
    """By the user, or by an operator, of which the user is notified. False: it was closed."""
    async with db.unit_of_work() as session:
        closed = await session.execute(
            update(Conversation)
            .where(Conversation.user_id == user_id, Conversation.state != ConversationState.CLOSED)
            .values(
                state=ConversationState.CLOSED,
                waiting_since=None,
                unanswered=0,
                note_message_id=None,
            )
            .returning(Conversation.id, Conversation.last_message_at)
            .execution_options(synchronize_session=False)
        )
        row = closed.one_or_none()
        if row is not None and operator is not None:
            key = f"support-closed:{row.id}:{row.last_message_at.isoformat()}"
            await notify(session, Notification(key, user_id, "support-closed"))
            actor, subject = f"user:{operator}", f"user:{user_id}"
            record_audit_entry(session, actor, "question_closed", subject)
    return row is not None


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


async def _notify_of_question(
    session: AsyncSession, user_id: int, name: str, message_id: int, text: str, kind: str
) -> None:
    key = f"question:{user_id}:{message_id}"
    who: dict[str, str | int | None] = {"person": user_id, "name": name}
    if kind == TEXT_KIND:
        text = text[:MAX_QUESTION_LENGTH]
        await notify_operators(session, key, QUESTION_TEMPLATE, **who, text=text)
    else:
        await notify_operators(
            session, key, _QUESTION_COPY_TEMPLATE, **who, source=message_id, kind=kind
        )


def _to_answer(
    key: str, user_id: int, operator: int, message_id: int, text: str, kind: str
) -> Notification:
    if kind == TEXT_KIND:
        values: dict[str, str | int | None] = {"text": text, "by": operator}
        return Notification(key, user_id, _ANSWER_TEMPLATE, values)
    values = {"by": operator, "source": message_id, "kind": kind}
    return Notification(key, user_id, _ANSWER_COPY_TEMPLATE, values)


def _cut(text: str) -> str:
    return cut_text(to_storable_text(text), _EXCERPT_LENGTH)
