"""Who did what, for operators: the newest first, of all, of one user, or by one operator."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Select, select, union_all

from app.db.models import AuditEntry
from app.db.unit_of_work import Database

AUDIT_ENTRIES_PER_PAGE: Final = 8


@dataclass(frozen=True, slots=True)
class AuditLogPage:
    entries: Sequence[AuditEntry]
    has_more: bool


async def get_audit_log(
    db: Database,
    user_id: int | None = None,
    before: int | None = None,
    limit: int = AUDIT_ENTRIES_PER_PAGE,
) -> AuditLogPage:
    """What was done by that user or to them, else everything; older than the entry `before`.

    Of orders and subscriptions the subject is theirs and not the user's: what was done to those
    stands under the operator who did it.
    """
    async with db.read_only() as session:
        rows = (await session.scalars(_select_entries(user_id, before, limit))).all()
    shown = rows[:limit]
    return AuditLogPage(shown, len(rows) > len(shown))


def _select_entries(user_id: int | None, before: int | None, limit: int) -> Select[AuditEntry]:
    """Each of the two conditions by its own index, and no more rows of it than are shown."""
    older = [] if before is None else [AuditEntry.id < before]
    newest = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit + 1)
    if user_id is None:
        return newest.where(*older)
    name = f"user:{user_id}"
    ids = union_all(
        *(
            select(_select_ids(condition, older, limit).subquery().c.id)
            for condition in (AuditEntry.subject == name, AuditEntry.actor == name)
        )
    )
    return newest.where(AuditEntry.id.in_(ids))


def _select_ids(
    condition: ColumnElement[bool], older: Sequence[ColumnElement[bool]], limit: int
) -> Select[int]:
    ids = select(AuditEntry.id).where(condition, *older)
    return ids.order_by(AuditEntry.id.desc()).limit(limit + 1)
