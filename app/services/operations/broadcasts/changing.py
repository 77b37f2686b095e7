"""Making a change of what a broadcast has sent: batch by batch, and each again after a kill.

A position instead of claims: an edit or a deletion that is made twice leaves the chat as it was
made once, so what a kill has interrupted is made again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.backoff import backoff_delay
from app.core.side_by_side import run_side_by_side
from app.db.models import Broadcast, BroadcastChange, BroadcastRecipient
from app.db.unit_of_work import Database
from app.domain.broadcasts import BroadcastContent, ChangeKind, ChangeState
from app.domain.messages import DeliveryGuarantee, Lane
from app.domain.ports import PortError, RetryLaterError, UnavailableError
from app.services.notifications.claiming import FALLBACK_LANGUAGE
from app.services.notifications.notify import Notification, notify
from app.services.operations.broadcasts.changes import is_changeable
from app.services.operations.broadcasts.sending import BroadcastPorts, render_buttons
from app.services.users import get_chat_languages

log = structlog.get_logger()

_BATCH: Final = 25
_MAX_ATTEMPTS: Final = 6
_FIRST_DELAY, _MAX_DELAY = timedelta(seconds=2), timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Message:
    """One that was sent."""

    recipient_id: int
    chat_id: int
    message_id: int
    language: str


async def change_batch(
    db: Database, ports: BroadcastPorts, broadcast: Broadcast, change: BroadcastChange
) -> timedelta | None:
    """How long the next one waits; None where nothing is left to do."""
    async with db.read_only() as session:
        messages = await _list_next(session, change)
    if not messages:
        await _complete(db, change)
        return None
    results = await run_side_by_side(
        _change(ports, broadcast, change, message) for message in messages
    )
    errors = [result.error for result in results]
    waits = [error for error in errors if isinstance(error, RetryLaterError | UnavailableError)]
    if waits and change.attempts < _MAX_ATTEMPTS:
        await _update_seen(db, change, attempts=change.attempts + 1)
        return _get_wait(change, waits)
    failed = sum(error is not None for error in errors)
    await _update_seen(
        db,
        change,
        position=messages[-1].recipient_id,
        changed=change.changed + len(messages) - failed,
        failed=change.failed + failed,
        attempts=0,
    )
    return timedelta()


@dataclass(frozen=True, slots=True)
class _Result:
    """`error` kept it from being made."""

    error: Exception | None = None


async def find_running_change(db: Database, broadcast_id: int) -> BroadcastChange | None:
    async with db.read_only() as session:
        change: BroadcastChange | None = await session.scalar(
            select(BroadcastChange).where(
                BroadcastChange.broadcast_id == broadcast_id,
                BroadcastChange.state == ChangeState.RUNNING,
            )
        )
        return change


async def show_change(db: Database, ports: BroadcastPorts, change: BroadcastChange) -> None:
    """In the message that was tapped. What Telegram does not take now, the next look can show."""
    if change.message_id is None:
        return
    async with db.read_only() as session:
        languages = await get_chat_languages(session, {change.operator_id})
    language = languages.get(change.operator_id, FALLBACK_LANGUAGE)
    screen = ports.renderer.render("broadcast-change", change_to_values(change), language)
    try:
        await ports.sender.update(
            change.operator_id, change.message_id, screen, lane=Lane.NOTIFICATION
        )
    except PortError as error:
        log.info("broadcast_change_not_shown", change=change.id, reason=str(error))


async def _list_next(session: AsyncSession, change: BroadcastChange) -> Sequence[_Message]:
    rows = await session.execute(
        select(BroadcastRecipient.id, BroadcastRecipient.user_id, BroadcastRecipient.message_id)
        .where(is_changeable(change), BroadcastRecipient.id > change.position)
        .order_by(BroadcastRecipient.id)
        .limit(_BATCH)
    )
    found = rows.all()
    languages = await get_chat_languages(session, {user for _, user, _ in found})
    return [
        _Message(id_, user, message_id, languages.get(user, FALLBACK_LANGUAGE))
        for id_, user, message_id in found
        if message_id is not None
    ]


async def _change(
    ports: BroadcastPorts, broadcast: Broadcast, change: BroadcastChange, message: _Message
) -> _Result:
    copier, chat_id = ports.copier, message.chat_id
    try:
        await copier.wait_for_turn(chat_id)
        if change.kind is ChangeKind.DELETE:
            await copier.delete_in_turn(chat_id, message.message_id)
            return _Result()
        await copier.edit_in_turn(
            chat_id,
            message.message_id,
            change.new_text or "",
            is_caption=broadcast.content is BroadcastContent.MEDIA,
            buttons=render_buttons(ports.renderer, broadcast, message.language),
        )
    except PortError as error:
        return _Result(error)
    except Exception as error:
        # One poison message must not block the others (P6).
        log.exception("broadcast_change_failed", broadcast=broadcast.id, chat_id=chat_id)
        return _Result(error)
    return _Result()


def _get_wait(change: BroadcastChange, errors: Sequence[PortError]) -> timedelta:
    asked = [error.retry_after for error in errors if isinstance(error, RetryLaterError)]
    return max([backoff_delay(change.attempts + 1, _FIRST_DELAY, _MAX_DELAY), *asked])


async def _complete(db: Database, change: BroadcastChange) -> None:
    async with db.unit_of_work() as session:
        ended = await session.scalar(
            update(BroadcastChange)
            .where(BroadcastChange.id == change.id, BroadcastChange.state == ChangeState.RUNNING)
            .values(state=ChangeState.DONE, ended_at=clock.now())
            .returning(BroadcastChange.id)
        )
        if ended is None:
            return
        await notify(
            session,
            Notification(
                f"broadcast-change:{change.id}",
                change.operator_id,
                "broadcast-changed",
                change_to_values(change),
                guarantee=DeliveryGuarantee.AT_LEAST_ONCE,
                edit_message_id=change.message_id,
            ),
        )


def change_to_values(change: BroadcastChange) -> dict[str, str | int | None]:
    """For its templates."""
    return {
        "broadcast": change.broadcast_id,
        "kind": change.kind.value,
        "total": change.total,
        "changed": change.changed,
        "failed": change.failed,
    }


async def _update_seen(db: Database, change: BroadcastChange, **values: object) -> None:
    """Unless another instance has made this batch, too: then its count holds."""
    async with db.unit_of_work() as session:
        await session.execute(
            update(BroadcastChange)
            .where(
                BroadcastChange.id == change.id,
                BroadcastChange.position == change.position,
                BroadcastChange.attempts == change.attempts,
            )
            .values(**values)
            .execution_options(synchronize_session=False)
        )
