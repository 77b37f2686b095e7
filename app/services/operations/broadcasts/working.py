"""One round of the worker that sends broadcasts: what is due of each of them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import Update, select, update

from app.core import clock
from app.core.round_counts import MORE_DUE, Counts, count_down_to
from app.core.side_by_side import run_side_by_side
from app.db.models import Broadcast
from app.db.unit_of_work import Database
from app.domain.broadcasts import ENDED_BROADCAST_STATES, BroadcastState
from app.domain.messages import DeliveryGuarantee
from app.domain.operator_roles import Permission, has_permission
from app.services.notifications.notify import Notification, notify
from app.services.operations.broadcasts.changing import (
    change_batch,
    find_running_change,
    show_change,
)
from app.services.operations.broadcasts.progress import (
    ProgressDisplay,
    progress_to_values,
    show_progress,
)
from app.services.operations.broadcasts.recipients import get_time_to_next_recipient
from app.services.operations.broadcasts.segments import add_recipients
from app.services.operations.broadcasts.sending import BroadcastPorts, send_batch
from app.services.staff import list_operator_roles

log = structlog.get_logger()

# What the limiter lets through in a second and a half: what is paused stops that soon.
_BATCH: Final = 25
_MOST_AT_ONCE: Final = 10
# When nothing of a batch came to its end, Telegram is away: it is not asked in vain without end.
_PAUSE: Final = timedelta(seconds=5)
_LEAST_WAIT: Final = timedelta(milliseconds=500)  # for what another instance has locked
_FAILURE_PAUSE: Final = timedelta(seconds=30)


async def run_broadcasts(db: Database, ports: BroadcastPorts, display: ProgressDisplay) -> Counts:
    """A batch of each that runs; of the others, what has changed is shown."""
    async with db.read_only() as session:
        rows = await session.scalars(
            select(Broadcast)
            .where(Broadcast.wakes_at.is_not(None))
            .order_by(Broadcast.wakes_at)
            .limit(_MOST_AT_ONCE)
        )
        awake = rows.all()
    now = clock.now()
    due = [broadcast for broadcast in awake if broadcast.wakes_at and broadcast.wakes_at <= now]
    if not due:
        return count_down_to(awake[0].wakes_at if awake else None)
    running = sum(broadcast.state is BroadcastState.RUNNING for broadcast in due)
    ended = await run_side_by_side(
        _work_on(db, ports, display, broadcast, _BATCH // max(running, 1)) for broadcast in due
    )
    return {"broadcasts": len(due), "ended": sum(ended), MORE_DUE: 1}


async def _work_on(
    db: Database, ports: BroadcastPorts, display: ProgressDisplay, broadcast: Broadcast, limit: int
) -> int:
    """How many recipients ended."""
    try:
        if broadcast.state is BroadcastState.SCHEDULED:
            await _begin(db, broadcast, ports.owners)
        elif broadcast.state is BroadcastState.RUNNING:
            return await _go_on(db, ports, display, broadcast, limit)
        elif broadcast.state in ENDED_BROADCAST_STATES:
            await _change_sent(db, ports, display, broadcast)
        else:
            await _show(db, ports, display, broadcast)
            await _change(db, broadcast, wakes_at=None)
    except Exception:
        # One that fails must not block the others (P6).
        log.exception("broadcast_failed", broadcast=broadcast.id)
        await _change(db, broadcast, wakes_at=clock.now() + _FAILURE_PAUSE)
    return 0


async def _change_sent(
    db: Database, ports: BroadcastPorts, display: ProgressDisplay, broadcast: Broadcast
) -> None:
    """Without a change of what was sent, it has just been cancelled, or the change has."""
    change = await find_running_change(db, broadcast.id)
    if change is None:
        if broadcast.state is BroadcastState.CANCELLED:
            await _show(db, ports, display, broadcast)
        await _change(db, broadcast, wakes_at=None)
        return
    if display.is_change_due(change.id):
        await show_change(db, ports, change)
    wait = await change_batch(db, ports, broadcast, change)
    if wait is None or wait:
        await _change(db, broadcast, wakes_at=None if wait is None else clock.now() + wait)


async def _begin(db: Database, broadcast: Broadcast, owners: Sequence[int]) -> None:
    """Who its recipients are is decided now, and by one transaction.

    Of an operator who may not broadcast any more it is a draft again, for the others to see.
    """
    async with db.unit_of_work() as session:
        values = {"state": BroadcastState.RUNNING, "starts_at": clock.now()}
        begun = await session.scalar(
            _update_seen(broadcast).values(**values).returning(Broadcast.id)
        )
        if begun is None:
            return  # it was taken back, or another instance was faster
        roles = await list_operator_roles(session, owners)
        if not has_permission(roles.get(broadcast.operator_id), Permission.BROADCAST):
            back = {"state": BroadcastState.DRAFT, "starts_at": None, "wakes_at": None}
            await session.execute(
                update(Broadcast).where(Broadcast.id == broadcast.id).values(**back)
            )
            log.warning("broadcast_not_begun", broadcast=broadcast.id, reason="no operator's")
            return
        total = await add_recipients(session, broadcast.id, broadcast.segment)
        await session.execute(
            update(Broadcast).where(Broadcast.id == broadcast.id).values(total=total)
        )
    log.info("broadcast_begun", broadcast=broadcast.id, recipients=total)


async def _go_on(
    db: Database, ports: BroadcastPorts, display: ProgressDisplay, broadcast: Broadcast, limit: int
) -> int:
    if display.is_due(broadcast):
        await _show(db, ports, display, broadcast)
    batch = await send_batch(db, ports, broadcast, limit)
    if batch.stopped_by is not None:
        log.warning("broadcast_stopped", broadcast=broadcast.id, reason=batch.stopped_by)
        await _change(db, broadcast, state=BroadcastState.PAUSED, last_error=batch.stopped_by[:500])
    elif not batch.claimed:
        await _wait_or_complete(db, broadcast)
    elif not batch.ended:
        await _change(db, broadcast, wakes_at=clock.now() + _PAUSE)
    return batch.ended


async def _show(
    db: Database, ports: BroadcastPorts, display: ProgressDisplay, broadcast: Broadcast
) -> None:
    await show_progress(db, ports.sender, ports.renderer, display, broadcast.id)


async def _wait_or_complete(db: Database, broadcast: Broadcast) -> None:
    async with db.unit_of_work() as session:
        wait = await get_time_to_next_recipient(session, broadcast.id)
        if wait is not None:
            values: dict[str, object] = {"wakes_at": clock.now() + max(wait, _LEAST_WAIT)}
        else:
            values = {"state": BroadcastState.DONE, "wakes_at": None, "ended_at": clock.now()}
        changed: Broadcast | None = await session.scalar(
            _update_seen(broadcast)
            .values(**values)
            .returning(Broadcast)
            .execution_options(populate_existing=True)
        )
        if wait is None and changed is not None:
            await notify(session, _build_report(changed))


def _build_report(broadcast: Broadcast) -> Notification:
    """In the message that showed how far it was."""
    return Notification(
        f"broadcast:{broadcast.id}",
        broadcast.operator_id,
        "broadcast-done",
        progress_to_values(broadcast, None),
        guarantee=DeliveryGuarantee.AT_LEAST_ONCE,
        edit_message_id=broadcast.message_id,
    )


async def _change(db: Database, broadcast: Broadcast, **values: object) -> None:
    """Unless an operator has changed it meanwhile: then the next round sees that."""
    async with db.unit_of_work() as session:
        await session.execute(_update_seen(broadcast).values(**values))


def _update_seen(broadcast: Broadcast) -> Update:
    return (
        update(Broadcast)
        .where(
            Broadcast.id == broadcast.id,
            Broadcast.state == broadcast.state,
            Broadcast.wakes_at == broadcast.wakes_at,
        )
        .execution_options(synchronize_session=False)
    )
