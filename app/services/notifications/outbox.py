"""Sending what the outbox holds: each message once, in order for its chat (P3, P4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.backoff import backoff_delay
from app.core.metrics import OUTBOX_AGE, OUTBOX_DEPTH
from app.core.round_counts import MIN_PAUSE, MORE_DUE, count_down_to
from app.core.side_by_side import run_side_by_side
from app.core.tracing import continue_trace, trace_step
from app.db.claims import RELEASED
from app.db.models import OutboxMessage, OutboxStatus
from app.db.unit_of_work import Database
from app.domain.conversations import TOPIC_QUESTION_TEMPLATES
from app.domain.forum_ports import ForumTopics
from app.domain.messages import DeliveryGuarantee, Lane
from app.domain.ports import (
    BotAccount,
    ChatMigratedError,
    ChatRestrictedError,
    ClaimState,
    DeliveryClaims,
    MessageRenderer,
    MessageSender,
    PortError,
    RefusedError,
    RetryLaterError,
    TopicGoneError,
    UnavailableError,
    UndecidedError,
    UnreachableError,
)
from app.services.group_chats import migrate_group
from app.services.notifications.claiming import (
    ChatRotation,
    ClaimedNotification,
    claim_notifications,
    get_first_due_at,
)
from app.services.notifications.delivery_results import (
    end_notification,
    is_claim_held,
    postpone_notification,
    record_notification_result,
    update_notification,
)
from app.services.notifications.feeds import FEED_TEMPLATE
from app.services.notifications.incident_messages import INCIDENT_TEMPLATE
from app.services.notifications.key_messages import (
    KEY_REPLACED_TEMPLATE,
    REPLACING_TEMPLATES,
)
from app.services.notifications.notify import resolve_operators
from app.services.notifications.topics import (
    FORUM_TEMPLATES,
    TOPIC_CARD_TEMPLATE,
    ForumNotification,
    forget_topic,
    return_question,
    send_to_forum,
)

log = structlog.get_logger()

_FIRST_DELAY, _MAX_DELAY = timedelta(seconds=1), timedelta(minutes=1)
# A doubtful message that is better left than sent twice waits twice for a silent store; longer than
# its breaker rests. One that is better sent twice does not, for its user waits (P13).
_CLAIM_RETRY_DELAY = timedelta(seconds=6)
_MAX_CLAIM_RETRIES = 3
_LINK_TEMPLATES = frozenset(
    {"gift-card", TOPIC_CARD_TEMPLATE}
)  # hold a link to the bot, which needs its name
# Of these, an edit whose message was deleted is no message of its own.
_EDITED_ONLY_TEMPLATES = frozenset({KEY_REPLACED_TEMPLATE, INCIDENT_TEMPLATE})


@dataclass(frozen=True, slots=True)
class DeliveryPorts:
    """What delivery needs of the outside."""

    sender: MessageSender
    renderer: MessageRenderer
    claims: DeliveryClaims
    owners: Sequence[int]
    account: BotAccount | None = None
    topics: ForumTopics | None = None


async def deliver_due_notifications(
    db: Database, ports: DeliveryPorts, lane: Lane, rotation: ChatRotation | None = None
) -> dict[str, int]:
    """One batch of a lane, side by side: the limiter paces it.

    `rotation` is what the lane's rounds share; without it, chats are walked from the first one on.
    """
    rotation = rotation or ChatRotation()
    looked_at = clock.now()
    async with db.read_only() as session:
        due_at = await get_first_due_at(session, lane)
    if due_at is None or due_at > looked_at:
        rotation.start_over()
        return {"claimed": 0, "sent": 0, MORE_DUE: 0, **count_down_to(due_at)}
    async with db.unit_of_work() as session:
        if lane is Lane.NOTIFICATION:  # the lane of all that is addressed to a role
            await resolve_operators(session, ports.owners)
        notifications = await claim_notifications(session, lane, rotation)
        if not notifications:
            more = {MORE_DUE: int(rotation.is_under_way)}
            return {"claimed": 0, "sent": 0, **more, **await _get_next(session, lane, looked_at)}
    # What raises keeps its lease and comes again as a doubtful one.
    results = await run_side_by_side(
        _deliver_in_trace(db, ports, notification) for notification in notifications
    )
    ended = [result for result in results if result is not None]
    counts = {"claimed": len(notifications), "sent": ended.count(OutboxStatus.SENT)}
    if ended:  # a chat's next message waits behind the one that just ended
        return {**counts, MORE_DUE: 1}
    async with db.read_only() as session:
        return {**counts, MORE_DUE: 0, **await _get_next(session, lane, looked_at)}


async def _get_next(session: AsyncSession, lane: Lane, looked_at: datetime) -> dict[str, int]:
    """When the next one is due that was not yet when the round began."""
    due_at = await session.scalar(
        select(func.min(OutboxMessage.due_at)).where(
            OutboxMessage.status == OutboxStatus.WAITING,
            OutboxMessage.lane == lane,
            OutboxMessage.due_at > looked_at,
        )
    )
    return count_down_to(due_at)


async def _deliver_in_trace(
    db: Database, ports: DeliveryPorts, notification: ClaimedNotification
) -> OutboxStatus | None:
    parent, template = notification.trace_parent, notification.template
    attempt = notification.attempt
    with continue_trace("send message", parent, template=template, attempt=attempt) as span:
        result = await _deliver(db, ports, notification)
        span.set_attribute("outcome", "put off" if result is None else result.value)
        return result


async def _deliver(
    db: Database, ports: DeliveryPorts, notification: ClaimedNotification
) -> OutboxStatus | None:
    """How it ended; None when it is tried again later."""
    try:
        state = await ports.claims.claim(notification.key)
    except UnavailableError as error:
        if _waits_for_store(notification):
            # Whether Telegram has it is known where nobody answers now.
            await postpone_notification(
                db, notification, _CLAIM_RETRY_DELAY, UndecidedError(str(error))
            )
            return None
        state = ClaimState.TRIED  # nobody knows
    if state is not ClaimState.FREE and not await is_claim_held(db, notification):
        return None  # while we waited, a new term has taken it
    if notification.doubted:  # otherwise it can't have been sent, whatever the store remembers
        known = _decide_doubtful(state, notification.guarantee)
        if known is not None:
            return await end_notification(db, notification, known)
    return await _send_claimed(db, ports, notification)


def _waits_for_store(notification: ClaimedNotification) -> bool:
    return (
        notification.doubted
        and notification.guarantee is DeliveryGuarantee.AT_MOST_ONCE
        and notification.attempt <= _MAX_CLAIM_RETRIES
    )


async def _send_claimed(
    db: Database, ports: DeliveryPorts, notification: ClaimedNotification
) -> OutboxStatus | None:
    try:
        with trace_step("call Telegram"):
            message_id = await _send(db, ports, notification)
    except (UndecidedError, RetryLaterError, UnavailableError) as error:
        return await _retry_or_give_up(db, ports, notification, error)
    except (UnreachableError, RefusedError) as error:
        return await _end_refused(db, ports, notification, error)
    except Exception as error:
        # One poison message must not block the others (P6).
        log.exception("message_failed", key=notification.key, template=notification.template)
        return await end_notification(db, notification, OutboxStatus.FAILED, error=error)
    await ports.claims.mark_sent(notification.key)
    return await end_notification(db, notification, OutboxStatus.SENT, message_id=message_id)


async def _end_refused(
    db: Database, ports: DeliveryPorts, notification: ClaimedNotification, error: PortError
) -> OutboxStatus | None:
    if isinstance(error, ChatMigratedError):
        await migrate_group(db, notification.chat_id, error.new_chat_id)
        return await _retry_or_give_up(db, ports, notification, error)
    if notification.template in TOPIC_QUESTION_TEMPLATES:
        return await _leave_topic(db, ports, notification, error)
    if isinstance(error, ChatRestrictedError):
        await _wait_for_rights(db, ports, notification, error)
        return None
    if isinstance(error, UnreachableError):
        return await end_notification(db, notification, OutboxStatus.UNREACHABLE, error=error)
    if isinstance(error, TopicGoneError):
        return await end_notification(db, notification, OutboxStatus.WITHDRAWN, error=error)
    log.error("message_refused", key=notification.key, template=notification.template)
    return await end_notification(db, notification, OutboxStatus.FAILED, error=error)


async def _leave_topic(
    db: Database, ports: DeliveryPorts, notification: ClaimedNotification, error: PortError
) -> OutboxStatus | None:
    """A deleted topic is made anew; what the forum does not take goes to the operators' chats."""
    question = _to_forum(notification)
    is_deleted = isinstance(error, TopicGoneError)
    end = RELEASED if is_deleted else {"status": OutboxStatus.WITHDRAWN, **RELEASED}
    async with db.unit_of_work() as session:
        if not await update_notification(session, notification, last_error=str(error)[:500], **end):
            return None
        if is_deleted:
            await forget_topic(session, question.chat_id, question.user_id)
        else:
            await return_question(session, question)
    await ports.claims.release(notification.key)
    return None if is_deleted else OutboxStatus.WITHDRAWN


async def _retry_or_give_up(
    db: Database, ports: DeliveryPorts, notification: ClaimedNotification, error: PortError
) -> OutboxStatus | None:
    at_most_once = notification.guarantee is DeliveryGuarantee.AT_MOST_ONCE
    if at_most_once and isinstance(error, UndecidedError):
        return await end_notification(db, notification, OutboxStatus.DOUBTFUL, error=error)
    wait = (
        error.retry_after
        if isinstance(error, RetryLaterError)
        else backoff_delay(notification.attempt, _FIRST_DELAY, _MAX_DELAY)
    )
    is_ours = await postpone_notification(db, notification, wait, error)
    if is_ours and not isinstance(error, UndecidedError):
        await ports.claims.release(notification.key)
    return None


async def _wait_for_rights(
    db: Database, ports: DeliveryPorts, notification: ClaimedNotification, error: PortError
) -> None:
    """Together with all that waits for the group."""
    log.info("chat_restricted", chat_id=notification.chat_id, reason=str(error))
    async with db.unit_of_work() as session:
        is_ours = await update_notification(
            session, notification, last_error=str(error)[:500], **RELEASED
        )
        await record_notification_result(session, notification, error)
    if is_ours:
        await ports.claims.release(notification.key)


def _decide_doubtful(state: ClaimState, guarantee: DeliveryGuarantee) -> OutboxStatus | None:
    """Close the window between Telegram's answer and our commit; None: send it (again)."""
    if state is ClaimState.SENT:
        return OutboxStatus.SENT
    if state is ClaimState.TRIED and guarantee is DeliveryGuarantee.AT_MOST_ONCE:
        return OutboxStatus.DOUBTFUL
    return None


async def _send(db: Database, ports: DeliveryPorts, notification: ClaimedNotification) -> int:
    if (wait := ports.sender.get_chat_wait(notification.chat_id)) > MIN_PAUSE:
        raise RetryLaterError(wait)  # the others of the batch do not wait for one's chat
    values = notification.values
    if notification.template in _LINK_TEMPLATES and ports.account is not None:
        values = {**values, "bot": await ports.account.get_username()}
    screen = ports.renderer.render(notification.template, values, notification.language)
    chat_id, thread_id, lane = notification.chat_id, notification.thread_id, notification.lane
    if notification.template in FORUM_TEMPLATES:

        async def send(thread_id: int) -> int:
            return await ports.sender.send(
                chat_id, screen, lane=lane, thread_id=thread_id, only_there=True
            )

        return await send_to_forum(db, ports.topics, _to_forum(notification), send)
    if notification.edit_message_id is None:
        return await ports.sender.send(
            chat_id,
            screen,
            lane=lane,
            thread_id=thread_id,
            only_there=thread_id is not None and notification.template == FEED_TEMPLATE,
        )
    if notification.template in _EDITED_ONLY_TEMPLATES:
        await ports.sender.update(chat_id, notification.edit_message_id, screen, lane=lane)
        return notification.edit_message_id
    if notification.template in REPLACING_TEMPLATES:
        return await ports.sender.replace(
            chat_id, notification.edit_message_id, screen, lane=lane, thread_id=thread_id
        )
    return await ports.sender.edit(
        chat_id, notification.edit_message_id, screen, lane=lane, thread_id=thread_id
    )


def _to_forum(notification: ClaimedNotification) -> ForumNotification:
    return ForumNotification(
        notification.key,
        notification.chat_id,
        notification.template,
        notification.values,
        notification.thread_id,
    )


async def measure_outbox(session: AsyncSession) -> None:
    """For the metrics; counts all that waits. Step."""
    depth, oldest = (
        await session.execute(
            select(func.count(), func.min(OutboxMessage.due_at)).where(
                OutboxMessage.status == OutboxStatus.WAITING
            )
        )
    ).one()
    OUTBOX_DEPTH.set(depth)
    OUTBOX_AGE.set(max((clock.now() - oldest).total_seconds(), 0) if oldest else 0)
