"""Starting a broadcast, and what an operator does with one that runs."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.worker_names import WorkerName
from app.db.models import Broadcast
from app.db.unit_of_work import Database, wake_after_commit
from app.domain.broadcasts import BroadcastState
from app.services import audit
from app.services.operations.broadcasts.drafts import update_broadcast


async def start_broadcast(
    db: Database, operator: int, broadcast_id: int, *, at: datetime | None, message_id: int | None
) -> None:
    """Now, or at an instant; `message_id` shows how far it is from then on.

    Who its recipients are is decided when it starts. Raises BroadcastChangedError: of two taps,
    the second.
    """
    now = clock.now()
    async with db.unit_of_work() as session:
        await update_broadcast(
            session,
            broadcast_id,
            BroadcastState.DRAFT,
            state=BroadcastState.SCHEDULED,
            starts_at=at or now,
            wakes_at=at or now,
            message_id=message_id,
        )
        _record(session, operator, broadcast_id, "broadcast_started")
        wake_after_commit(session, WorkerName.BROADCAST)


async def set_progress_message(db: Database, broadcast_id: int, message_id: int) -> None:
    """Which one the worker edits from now on: the newest that shows it to its operator."""
    async with db.unit_of_work() as session:
        await session.execute(
            update(Broadcast).where(Broadcast.id == broadcast_id).values(message_id=message_id)
        )


async def unschedule_broadcast(db: Database, operator: int, broadcast_id: int) -> None:
    """A draft again. Raises BroadcastChangedError where it has started."""
    async with db.unit_of_work() as session:
        await update_broadcast(
            session,
            broadcast_id,
            BroadcastState.SCHEDULED,
            state=BroadcastState.DRAFT,
            starts_at=None,
            wakes_at=None,
        )
        _record(session, operator, broadcast_id, "broadcast_unscheduled")


async def pause_broadcast(db: Database, operator: int, broadcast_id: int) -> None:
    """What is being sent at the moment still is. Raises BroadcastChangedError."""
    await _steer(db, operator, broadcast_id, BroadcastState.PAUSED, BroadcastState.RUNNING)


async def resume_broadcast(db: Database, operator: int, broadcast_id: int) -> None:
    """Raises BroadcastChangedError."""
    await _steer(db, operator, broadcast_id, BroadcastState.RUNNING, BroadcastState.PAUSED)


async def cancel_broadcast(db: Database, operator: int, broadcast_id: int) -> None:
    """What was sent stays; nothing more is. Raises BroadcastChangedError."""
    running = (BroadcastState.RUNNING, BroadcastState.PAUSED)
    await _steer(
        db, operator, broadcast_id, BroadcastState.CANCELLED, *running, ended_at=clock.now()
    )


async def _steer(
    db: Database,
    operator: int,
    broadcast_id: int,
    target: BroadcastState,
    *sources: BroadcastState,
    **values: object,
) -> None:
    """The worker shows it: it alone edits the message that says how far it is."""
    async with db.unit_of_work() as session:
        await update_broadcast(
            session,
            broadcast_id,
            *sources,
            state=target,
            wakes_at=clock.now(),
            last_error=None,
            **values,
        )
        _record(session, operator, broadcast_id, f"broadcast_{target}")
        wake_after_commit(session, WorkerName.BROADCAST)


def _record(session: AsyncSession, operator: int, broadcast_id: int, action: str) -> None:
    audit.record_audit_entry(session, f"user:{operator}", action, f"broadcast:{broadcast_id}")
