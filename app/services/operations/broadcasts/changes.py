"""Asking for a change of what a broadcast has sent: rows, which its worker makes true."""

from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.worker_names import WorkerName
from app.db.models import BroadcastChange, BroadcastRecipient
from app.db.unit_of_work import Database, wake_after_commit
from app.domain.broadcasts import ENDED_BROADCAST_STATES, ChangeKind, ChangeState, RecipientState
from app.services import audit
from app.services.operations.broadcasts.drafts import BroadcastChangedError, update_broadcast

# Telegram deletes what is younger than 48 h; some minutes less, or the last ones would fail.
_DELETABLE_FOR: Final = timedelta(hours=47, minutes=45)


def is_changeable(change: BroadcastChange) -> ColumnElement[bool]:
    """Which of the broadcast's recipients the change is about."""
    return _is_of(change.broadcast_id, change.kind)


async def count_changeable(db: Database, broadcast_id: int, kind: ChangeKind) -> int:
    async with db.read_only() as session:
        return await _count(session, broadcast_id, kind)


async def start_change(
    db: Database,
    operator: int,
    broadcast_id: int,
    kind: ChangeKind,
    *,
    text: str | None,
    message_id: int | None,
) -> None:
    """`message_id` shows how far it is from then on.

    Raises BroadcastChangedError where the broadcast has not ended, or another change runs.
    """
    now = clock.now()
    async with db.unit_of_work() as session:
        await update_broadcast(session, broadcast_id, *ENDED_BROADCAST_STATES, wakes_at=now)
        added = await session.scalar(
            insert(BroadcastChange)
            .values(
                broadcast_id=broadcast_id,
                operator_id=operator,
                kind=kind,
                new_text=text,
                state=ChangeState.RUNNING,
                message_id=message_id,
                created_at=now,
                total=await _count(session, broadcast_id, kind),
            )
            .on_conflict_do_nothing()
            .returning(BroadcastChange.id)
        )
        if added is None:
            raise BroadcastChangedError
        subject = f"broadcast:{broadcast_id}"
        audit.record_audit_entry(session, f"user:{operator}", f"broadcast_{kind}", subject)
        wake_after_commit(session, WorkerName.BROADCAST)


async def cancel_change(db: Database, operator: int, broadcast_id: int) -> None:
    """What is changed stays so. Raises BroadcastChangedError where it has ended."""
    async with db.unit_of_work() as session:
        cancelled = await session.scalar(
            update(BroadcastChange)
            .where(
                BroadcastChange.broadcast_id == broadcast_id,
                BroadcastChange.state == ChangeState.RUNNING,
            )
            .values(state=ChangeState.CANCELLED, ended_at=clock.now())
            .returning(BroadcastChange.id)
        )
        if cancelled is None:
            raise BroadcastChangedError
        subject = f"broadcast:{broadcast_id}"
        audit.record_audit_entry(session, f"user:{operator}", "broadcast_change_ended", subject)


async def _count(session: AsyncSession, broadcast_id: int, kind: ChangeKind) -> int:
    rows = select(func.count()).select_from(BroadcastRecipient).where(_is_of(broadcast_id, kind))
    return await session.scalar(rows) or 0


def _is_of(broadcast_id: int, kind: ChangeKind) -> ColumnElement[bool]:
    is_kept = and_(
        BroadcastRecipient.broadcast_id == broadcast_id,
        BroadcastRecipient.state == RecipientState.SENT,
        BroadcastRecipient.message_id.is_not(None),
    )
    if kind is ChangeKind.EDIT:
        return is_kept
    return and_(is_kept, BroadcastRecipient.ended_at > clock.now() - _DELETABLE_FOR)
