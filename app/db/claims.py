"""Claimed work: rows that are due, each taken by one worker for a while.

A lease ends after its time, and with the term of leadership it was taken in (P13): a claim stores
the term that runs when it is made, by whichever instance. An instance that has not noticed yet
that it leads no more claims for its successor, so that the two exclude each other.
"""

from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    ScalarSelect,
    Select,
    Update,
    case,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import QueryableAttribute
from sqlalchemy.sql.dml import ReturningUpdate

from app.core import clock
from app.db.models import ClaimableRow, LeadershipTerm

_Row = TypeVar("_Row", bound=ClaimableRow)

RELEASED: Final[dict[str, Any]] = {"lease_token": None, "leased_until": None, "lease_term": None}
"""Values that give a lease back."""


def claim_due(
    model: type[_Row], waiting: Select[int], token: UUID, *, limit: int, lease: timedelta
) -> ReturningUpdate[_Row, bool]:
    """Take what is due of the ids that wait; `token` names its new owner.

    Beside each row: whether an earlier claim ended without recording what became of it.
    """
    now = clock.now()
    is_doubtful = model.lease_token.is_not(None).label("is_doubtful")
    is_free = is_lease_free(model.leased_until, model.lease_term)
    due = lock_due(waiting.add_columns(is_doubtful).where(model.due_at <= now, is_free), limit)
    return (
        update(model)
        .where(model.id == due.c.id)
        .values(
            lease_token=token,
            leased_until=now + lease,
            lease_term=select_current_term(),
            attempts=model.attempts + 1,
        )
        .returning(model, due.c.is_doubtful)
    )


def update_claimed(model: type[ClaimableRow], id_: int, token: UUID) -> Update:
    """No row where the lease was lost: its new owner decides."""
    return (
        update(model)
        .where(model.id == id_, model.lease_token == token)
        .execution_options(synchronize_session=False)
    )


async def get_time_to_next_claim(
    session: AsyncSession, model: type[ClaimableRow], is_waiting: ColumnElement[bool]
) -> timedelta | None:
    """How long until the next claim can succeed; None when nothing waits."""
    claimable_at = case(
        (is_lease_free(model.leased_until, model.lease_term), model.due_at),
        else_=func.greatest(model.due_at, model.leased_until),
    )
    due_at: datetime | None = await session.scalar(select(func.min(claimable_at)).where(is_waiting))
    return max(due_at - clock.now(), timedelta()) if due_at else None


def lock_due(due: Select[*tuple[Any, ...]], limit: int) -> CTE:
    """A batch of it; what another transaction has locked is left to that one.

    As a CTE it never runs twice, as a subquery with a limit may by the planner's choice.
    """
    return due.limit(limit).with_for_update(skip_locked=True).cte("due")


def is_lease_free(
    leased_until: QueryableAttribute[datetime | None], lease_term: QueryableAttribute[int | None]
) -> ColumnElement[bool]:
    """It is not held, its time is over, or it was taken in a term that is."""
    return or_(
        leased_until.is_(None), leased_until < clock.now(), lease_term < select_current_term()
    )


def select_current_term() -> ScalarSelect[int]:
    """What a claim stores beside its lease; null before the first term."""
    return select(LeadershipTerm.number).scalar_subquery()
