"""Quick answers: named texts that owners and managers keep, and all operators send."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.core.external_values import to_storable_text
from app.db.models import QuickAnswer
from app.db.unit_of_work import Database
from app.services.audit import record_audit_entry

MAX_QUICK_ANSWERS: Final = 30  # all are buttons of one message
MAX_QUICK_ANSWER_NAME: Final = 32
MAX_QUICK_ANSWER_TEXT: Final = 1000


class NoQuickAnswerError(ExpectedError):
    text_key = "error-quick-answer-gone"


class TooManyQuickAnswersError(ExpectedError):
    text_key = "error-quick-answers-full"


class QuickAnswerNameTakenError(ExpectedError):
    text_key = "error-quick-answer-taken"


async def list_quick_answers(db: Database) -> Sequence[QuickAnswer]:
    async with db.read_only() as session:
        rows = await session.scalars(select(QuickAnswer).order_by(QuickAnswer.name))
        return rows.all()


async def require_quick_answer(db: Database, answer_id: int) -> QuickAnswer:
    """Raises NoQuickAnswerError."""
    async with db.read_only() as session:
        row = await session.get(QuickAnswer, answer_id)
    if row is None:
        raise NoQuickAnswerError
    return row


async def add_quick_answer(db: Database, operator: int, name: str, text: str) -> int:
    """Its id. Raises TooManyQuickAnswersError, QuickAnswerNameTakenError."""
    async with db.unit_of_work() as session:
        known = await _lock_all(session)
        if len(known) >= MAX_QUICK_ANSWERS:
            raise TooManyQuickAnswersError
        _require_free_name(known, name)
        row = QuickAnswer(name=name, text=to_storable_text(text), created_at=clock.now())
        session.add(row)
        await session.flush()
        _record(session, operator, "quick_answer_added", row)
        return row.id


async def change_quick_answer(
    db: Database, operator: int, answer_id: int, name: str, text: str
) -> None:
    """Raises NoQuickAnswerError, QuickAnswerNameTakenError."""
    async with db.unit_of_work() as session:
        known = await _lock_all(session)
        row = next((one for one in known if one.id == answer_id), None)
        if row is None:
            raise NoQuickAnswerError
        _require_free_name([one for one in known if one is not row], name)
        row.name, row.text = name, to_storable_text(text)
        _record(session, operator, "quick_answer_changed", row)


async def delete_quick_answer(db: Database, operator: int, answer_id: int) -> None:
    """Twice is once."""
    async with db.unit_of_work() as session:
        row = await session.get(QuickAnswer, answer_id)
        if row is not None:
            await session.execute(delete(QuickAnswer).where(QuickAnswer.id == answer_id))
            _record(session, operator, "quick_answer_deleted", row)


async def _lock_all(session: AsyncSession) -> Sequence[QuickAnswer]:
    """So that two operators at once do not exceed what there may be."""
    rows = await session.scalars(select(QuickAnswer).order_by(QuickAnswer.id).with_for_update())
    return rows.all()


def _require_free_name(others: Sequence[QuickAnswer], name: str) -> None:
    if any(one.name.casefold() == name.casefold() for one in others):
        raise QuickAnswerNameTakenError


def _record(session: AsyncSession, operator: int, action: str, row: QuickAnswer) -> None:
    record_audit_entry(session, f"user:{operator}", action, f"quick_answer:{row.id}", name=row.name)
