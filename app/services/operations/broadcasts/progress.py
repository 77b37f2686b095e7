"""The message in an operator's chat that says how far a broadcast is."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import update

from app.core import clock
from app.db.models import Broadcast
from app.db.unit_of_work import Database
from app.domain.broadcasts import BroadcastState, Pace
from app.domain.messages import Lane
from app.domain.ports import MessageRenderer, MessageSender, PortError
from app.services.notifications.claiming import FALLBACK_LANGUAGE
from app.services.users import get_chat_languages

log = structlog.get_logger()

# Of the 0.9 messages a second that a chat takes, the operator's own taps keep most.
_EVERY: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class _Shown:
    state: BroadcastState
    at: datetime
    ended: int


@dataclass(slots=True)
class ProgressDisplay:
    """Of one instance: what it has shown last, so that it edits politely and knows the pace."""

    _shown: dict[int, _Shown] = field(default_factory=dict)
    _changes: dict[int, datetime] = field(default_factory=dict)

    def is_due(self, broadcast: Broadcast) -> bool:
        shown = self._shown.get(broadcast.id)
        return shown is None or shown.state != broadcast.state or clock.now() - shown.at >= _EVERY

    def is_change_due(self, change_id: int) -> bool:
        """Of what was sent; from then on it counts as shown."""
        now = clock.now()
        is_due = now - self._changes.get(change_id, now - _EVERY) >= _EVERY
        if is_due:
            self._changes = {change_id: now}  # as a rule there is but one
        return is_due

    def note(self, broadcast: Broadcast) -> Pace | None:
        """How fast it has gone since it was shown last."""
        before = self._shown.get(broadcast.id)
        now = _Shown(broadcast.state, clock.now(), broadcast.progress.ended)
        if broadcast.state is BroadcastState.RUNNING:
            self._shown[broadcast.id] = now
        else:
            self._shown.pop(broadcast.id, None)
        if before is None or before.state != now.state:
            return None
        return Pace(now.ended - before.ended, now.at - before.at)


async def show_progress(
    db: Database,
    sender: MessageSender,
    renderer: MessageRenderer,
    display: ProgressDisplay,
    broadcast_id: int,
) -> None:
    """As it is now. What Telegram does not take now, the next look can show."""
    async with db.read_only() as session:
        broadcast = await session.get_one(Broadcast, broadcast_id)
        languages = await get_chat_languages(session, {broadcast.operator_id})
    pace = display.note(broadcast)
    language = languages.get(broadcast.operator_id, FALLBACK_LANGUAGE)
    screen = renderer.render("broadcast-progress", progress_to_values(broadcast, pace), language)
    chat_id, message_id, lane = broadcast.operator_id, broadcast.message_id, Lane.NOTIFICATION
    try:
        if message_id is None:
            shown = await sender.send(chat_id, screen, lane=lane)
        else:
            shown = await sender.edit(chat_id, message_id, screen, lane=lane)
    except PortError as error:
        log.info("broadcast_progress_not_shown", broadcast=broadcast_id, reason=str(error))
        return
    if shown != message_id:
        async with db.unit_of_work() as session:
            await session.execute(
                update(Broadcast).where(Broadcast.id == broadcast_id).values(message_id=shown)
            )


def progress_to_values(broadcast: Broadcast, pace: Pace | None) -> dict[str, str | int | None]:
    """For its templates."""
    progress = broadcast.progress
    left = pace.get_time_left(progress.waiting) if pace else None
    return {
        "broadcast": broadcast.id,
        "state": broadcast.state.value,
        "total": progress.total,
        "sent": progress.sent,
        "unreachable": progress.unreachable,
        "doubtful": progress.doubtful,
        "failed": progress.failed,
        "skipped": progress.skipped,
        "waiting": progress.waiting,
        "per_minute": pace.per_minute if pace else None,
        "left_seconds": left // timedelta(seconds=1) if left is not None else None,
        "error": broadcast.last_error,
    }
