"""Users' questions to support, as operators look through them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import ExpectedError
from app.db.models import Conversation, ConversationMessage, User
from app.db.unit_of_work import Database
from app.domain.conversations import ConversationState

QUESTIONS_PAGE_SIZE: Final = 8
_SHOWN_MESSAGES: Final = 6  # each with 500 characters at most, so that they fit into one message
_IS_OPEN: Final = Conversation.state == ConversationState.OPEN


class NoQuestionError(ExpectedError):
    """The user has asked nothing yet, or what they asked was removed."""

    text_key = "error-question-gone"


@dataclass(frozen=True, slots=True)
class UserQuestion:
    user_id: int
    first_name: str
    username: str | None
    state: ConversationState
    waiting_since: datetime | None
    unanswered: int


@dataclass(frozen=True, slots=True)
class QuestionList:
    """A page of those without an answer, the oldest first, and how many there are."""

    questions: Sequence[UserQuestion]
    count: int
    page: int


async def list_questions(db: Database, page: int) -> QuestionList:
    async with db.read_only() as session:
        rows = await session.execute(
            _select_questions()
            .where(_IS_OPEN)
            .order_by(Conversation.waiting_since, Conversation.id)
            .offset(page * QUESTIONS_PAGE_SIZE)
            .limit(QUESTIONS_PAGE_SIZE)
        )
        questions = [UserQuestion(*row) for row in rows]
        count = await count_open_questions(session)
        return QuestionList(questions, count, page)


async def load_question(
    db: Database, user_id: int
) -> tuple[UserQuestion, list[ConversationMessage]]:
    """With its newest messages, the oldest of these first. Raises NoQuestionError."""
    async with db.read_only() as session:
        of_user = Conversation.user_id == user_id
        row = (await session.execute(_select_questions().where(of_user))).one_or_none()
        if row is None:
            raise NoQuestionError
        messages = await session.scalars(
            select(ConversationMessage)
            .where(
                ConversationMessage.conversation_id
                == select(Conversation.id).where(of_user).scalar_subquery()
            )
            .order_by(ConversationMessage.id.desc())
            .limit(_SHOWN_MESSAGES)
        )
        return UserQuestion(*row), list(reversed(messages.all()))


async def count_open_questions(session: AsyncSession) -> int:
    count = select(func.count()).select_from(Conversation).where(_IS_OPEN)
    return await session.scalar(count) or 0


def _select_questions() -> Select[int, str, str | None, ConversationState, datetime | None, int]:
    return select(
        User.id,
        User.first_name,
        User.username,
        Conversation.state,
        Conversation.waiting_since,
        Conversation.unanswered,
    ).join(Conversation, Conversation.user_id == User.id)
