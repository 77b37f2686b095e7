"""Sending what the outbox holds: each message once, in order for its chat (P3, P4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core import clock
from app.core.backoff import backoff_delay
from app.core.metrics import OUTBOX_AGE, OUTBOX_DEPTH, OUTBOX_SENT
from app.core.round_counts import MORE_DUE
from app.core.side_by_side import run_side_by_side
from app.db.claims import RELEASED, claim_due, update_claimed
from app.db.models import OutboxMessage, OutboxStatus
from app.db.unit_of_work import Database
from app.domain.messages import DeliveryGuarantee, Lane
from app.domain.ports import (
    ChatMigratedError,
    ChatRestrictedError,
    ClaimState,
    DeliveryClaims,
    MessageRenderer,
    MessageSender,
    PortError,
    RetryLaterError,
    UnavailableError,
    UndecidedError,
    UnreachableError,
)
from app.services.chat_states import record_send_result
from app.services.group_chats import migrate_group
from app.services.notifications.bundling import bundle_questions
from app.services.notifications.key_messages import (
    KEY_REPLACED_TEMPLATE,
    KEY_TEMPLATES,
    save_key_message,
)
from app.services.notifications.notify import notify_operators, resolve_operators
from app.services.users import get_chat_languages

log = structlog.get_logger()

_BATCH = 50
# Longer than the limiter's patience and the sender's time-outs together.
_LEASE = timedelta(seconds=90)
_FIRST_DELAY, _MAX_DELAY = timedelta(seconds=1), timedelta(minutes=1)
# A doubtful message waits twice for a store that does not answer; longer than its breaker rests.
_CLAIM_RETRY_DELAY = timedelta(seconds=6)
_MAX_CLAIM_RETRIES = 3
FALLBACK_LANGUAGE = "en"
_OtherMessage = aliased(OutboxMessage)


@dataclass(frozen=True, slots=True)
class ClaimedNotification:
    """A claimed row. `doubtful`: an earlier claim ended without recording what became of it."""

    id: int
    key: str
    chat_id: int
    thread_id: int | None
    template: str
    values: dict[str, Any]
    lane: Lane
    guarantee: DeliveryGuarantee
    edit_message_id: int | None
    attempt: int
    language: str
    lease_token: UUID
    doubted: bool


@dataclass(frozen=True, slots=True)
class DeliveryPorts:
    """What delivery needs of the outside."""

    sender: MessageSender
    renderer: MessageRenderer
    claims: DeliveryClaims
    operators: Sequence[int]


async def deliver_due_notifications(
    db: Database, ports: DeliveryPorts, lane: Lane
) -> dict[str, int]:
    """One batch of a lane, side by side: the limiter paces it."""
    async with db.unit_of_work() as session:
        if lane is Lane.NOTIFICATION:  # the lane of all that is addressed to a role
            await resolve_operators(session, ports.operators)
        notifications = await _claim(session, lane)
        await _measure(session)
    # What raises keeps its lease and comes again as a doubtful one.
    results = await run_side_by_side(
        _deliver(db, ports, notification) for notification in notifications
    )
    ended = [result for result in results if result is not None]
    # A chat's next message waits behind the one that just ended.
    more = int(bool(ended))
    return {"claimed": len(notifications), "sent": ended.count(OutboxStatus.SENT), MORE_DUE: more}


async def _claim(session: AsyncSession, lane: Lane) -> list[ClaimedNotification]:
    token = uuid4()
    priority = OutboxMessage.priority
    waiting = (
        select(OutboxMessage.id)
        .where(
            OutboxMessage.status == OutboxStatus.WAITING,
            OutboxMessage.lane == lane,
            ~_is_waiting_before(_OtherMessage.priority > priority),
            ~_is_waiting_before(
                _OtherMessage.priority == priority, _OtherMessage.id < OutboxMessage.id
            ),
        )
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
    )
    rows = await session.execute(
        claim_due(OutboxMessage, waiting, token, limit=_BATCH, lease=_LEASE)
    )
    claimed: Sequence[tuple[OutboxMessage, bool]] = rows.all()
    await bundle_questions(session, [row for row, doubted in claimed if not doubted])
    languages = await get_chat_languages(session, {row.chat_id for row, _ in claimed})
    notifications = [
        _to_claimed_notification(row, languages, token, doubted=doubted) for row, doubted in claimed
    ]
    return sorted(notifications, key=lambda notification: notification.id)


def _is_waiting_before(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    """In the chat and the lane."""
    return (
        select(_OtherMessage.id)
        .where(
            _OtherMessage.chat_id == OutboxMessage.chat_id,
            _OtherMessage.status == OutboxStatus.WAITING,
            _OtherMessage.lane == OutboxMessage.lane,
            *where,
        )
        .exists()
    )


async def _deliver(
    db: Database, ports: DeliveryPorts, notification: ClaimedNotification
) -> OutboxStatus | None:
    """How it ended; None when it is tried again later."""
    try:
        state = await ports.claims.claim(notification.key)
    except UnavailableError as error:
        if notification.doubted and notification.attempt <= _MAX_CLAIM_RETRIES:
            # Whether Telegram has it is known where nobody answers now.
            await _postpone(db, notification, _CLAIM_RETRY_DELAY, UndecidedError(str(error)))
            return None
        state = ClaimState.TRIED  # nobody knows
    if state is not ClaimState.FREE and not await _is_ours(db, notification):
        return None  # while we waited, a new term has taken it
    if notification.doubted:  # otherwise it can't have been sent, whatever the store remembers
        known = _decide_doubtful(state, notification.guarantee)
        if known is not None:
            return await _end(db, notification, known)
    return await _send_claimed(db, ports, notification)


async def _send_claimed(
    db: Database, ports: DeliveryPorts, notification: ClaimedNotification
) -> OutboxStatus | None:
    try:
        message_id = await _send(ports, notification)
    except (UndecidedError, RetryLaterError, UnavailableError) as error:
        return await _retry_or_give_up(db, ports, notification, error)
    except UnreachableError as error:
        return await _end(db, notification, OutboxStatus.UNREACHABLE, error=error)
    except ChatMigratedError as error:
        await migrate_group(db, notification.chat_id, error.new_chat_id)
        return await _retry_or_give_up(db, ports, notification, error)
    except ChatRestrictedError as error:
        await _wait_for_rights(db, ports, notification, error)
        return None
    except Exception as error:
        # One poison message must not block the others (P6).
        log.exception("message_failed", key=notification.key, template=notification.template)
        return await _end(db, notification, OutboxStatus.FAILED, error=error)
    await ports.claims.mark_sent(notification.key)
    return await _end(db, notification, OutboxStatus.SENT, message_id=message_id)


async def _retry_or_give_up(
    db: Database, ports: DeliveryPorts, notification: ClaimedNotification, error: PortError
) -> OutboxStatus | None:
    at_most_once = notification.guarantee is DeliveryGuarantee.AT_MOST_ONCE
    if at_most_once and isinstance(error, UndecidedError):
        return await _end(db, notification, OutboxStatus.DOUBTFUL, error=error)
    wait = (
        error.retry_after
        if isinstance(error, RetryLaterError)
        else backoff_delay(notification.attempt, _FIRST_DELAY, _MAX_DELAY)
    )
    is_ours = await _postpone(db, notification, wait, error)
    if is_ours and not isinstance(error, UndecidedError):
        await ports.claims.release(notification.key)
    return None


async def _wait_for_rights(
    db: Database, ports: DeliveryPorts, notification: ClaimedNotification, error: PortError
) -> None:
    """Together with all that waits for the group."""
    log.info("chat_restricted", chat_id=notification.chat_id, reason=str(error))
    async with db.unit_of_work() as session:
        is_ours = await _update(session, notification, last_error=str(error)[:500], **RELEASED)
        await _record_send_result(session, notification, error)
    if is_ours:
        await ports.claims.release(notification.key)


def _decide_doubtful(state: ClaimState, guarantee: DeliveryGuarantee) -> OutboxStatus | None:
    """Close the window between Telegram's answer and our commit; None: send it (again)."""
    if state is ClaimState.SENT:
        return OutboxStatus.SENT
    if state is ClaimState.TRIED and guarantee is DeliveryGuarantee.AT_MOST_ONCE:
        return OutboxStatus.DOUBTFUL
    return None


async def _send(ports: DeliveryPorts, notification: ClaimedNotification) -> int:
    screen = ports.renderer.render(
        notification.template, notification.values, notification.language
    )
    chat_id, thread_id, lane = notification.chat_id, notification.thread_id, notification.lane
    if notification.edit_message_id is None:
        return await ports.sender.send(chat_id, screen, lane=lane, thread_id=thread_id)
    if (
        notification.template == KEY_REPLACED_TEMPLATE
    ):  # the new key comes in a message of its own anyway
        await ports.sender.update(chat_id, notification.edit_message_id, screen, lane=lane)
        return notification.edit_message_id
    return await ports.sender.edit(
        chat_id, notification.edit_message_id, screen, lane=lane, thread_id=thread_id
    )


async def _is_ours(db: Database, notification: ClaimedNotification) -> bool:
    async with db.unit_of_work() as session:
        token = await session.scalar(
            select(OutboxMessage.lease_token).where(OutboxMessage.id == notification.id)
        )
    return token == notification.lease_token


async def _postpone(
    db: Database, notification: ClaimedNotification, wait: timedelta, error: PortError
) -> bool:
    """False when the lease was lost."""
    now = clock.now()
    # An undecided one keeps its token: it is doubtful when it is claimed again.
    lease = {"leased_until": now} if isinstance(error, UndecidedError) else RELEASED
    async with db.unit_of_work() as session:
        return await _update(
            session, notification, due_at=now + wait, last_error=str(error)[:500], **lease
        )


async def _end(
    db: Database,
    notification: ClaimedNotification,
    status: OutboxStatus,
    *,
    message_id: int | None = None,
    error: Exception | None = None,
) -> OutboxStatus:
    OUTBOX_SENT.labels(status).inc()
    async with db.unit_of_work() as session:
        held = await _update(
            session,
            notification,
            status=status,
            message_id=message_id,
            sent_at=clock.now() if status is OutboxStatus.SENT else None,
            last_error=str(error)[:500] if error else None,
            **RELEASED,
        )
        if status in {OutboxStatus.SENT, OutboxStatus.UNREACHABLE}:
            await _record_send_result(session, notification, error)
        if message_id is not None and notification.template in KEY_TEMPLATES:
            link = str(notification.values.get("link"))
            await save_key_message(session, notification.chat_id, link, message_id)
        if status is OutboxStatus.FAILED and held:
            await _report_failure(session, notification)
    return status


async def _record_send_result(
    session: AsyncSession, notification: ClaimedNotification, error: Exception | None
) -> None:
    is_edit = notification.edit_message_id is not None
    await record_send_result(session, notification.chat_id, error, is_edit=is_edit)


async def _update(
    session: AsyncSession, notification: ClaimedNotification, **values: object
) -> bool:
    """False when the lease was lost: its new owner decides."""
    updated = await session.scalar(
        update_claimed(OutboxMessage, notification.id, notification.lease_token)
        .values(**values)
        .returning(OutboxMessage.id)
    )
    return updated is not None


async def _report_failure(session: AsyncSession, notification: ClaimedNotification) -> None:
    """A user did not get what they must; a failed report is only logged, or it would recur."""
    if notification.template.startswith("operator-"):
        return
    await notify_operators(
        session,
        f"unsent:{notification.id}",
        "operator-unsent",
        message=notification.template,
        person=notification.chat_id,
    )


async def _measure(session: AsyncSession) -> None:
    depth, oldest = (
        await session.execute(
            select(func.count(), func.min(OutboxMessage.due_at)).where(
                OutboxMessage.status == OutboxStatus.WAITING
            )
        )
    ).one()
    OUTBOX_DEPTH.set(depth)
    OUTBOX_AGE.set(max((clock.now() - oldest).total_seconds(), 0) if oldest else 0)


def _to_claimed_notification(
    row: OutboxMessage, languages: dict[int, str], token: UUID, *, doubted: bool
) -> ClaimedNotification:
    return ClaimedNotification(
        id=row.id,
        key=row.key,
        chat_id=row.chat_id,
        thread_id=row.thread_id,
        template=row.template,
        values=row.values,
        lane=row.lane,
        guarantee=row.guarantee,
        edit_message_id=row.edit_message_id,
        attempt=row.attempts,
        language=languages.get(row.chat_id, FALLBACK_LANGUAGE),
        lease_token=token,
        doubted=doubted,
    )
