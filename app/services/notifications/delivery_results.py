"""What becomes of a claimed notification, written down with all that follows from it."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.metrics import OUTBOX_SENT
from app.db.claims import RELEASED, update_claimed
from app.db.models import OutboxMessage, OutboxStatus
from app.db.retry import retry_if_stale
from app.db.unit_of_work import Database
from app.domain.ports import PortError, TopicGoneError, UndecidedError, UnreachableError
from app.services.chat_states import record_send_result
from app.services.notifications.attention import request_attention
from app.services.notifications.claiming import ClaimedNotification
from app.services.notifications.feeds import FEED_TEMPLATE, end_chat_feeds
from app.services.notifications.key_messages import KEY_TEMPLATES, save_key_message
from app.services.notifications.support import report_unheard_answer


async def is_claim_held(db: Database, notification: ClaimedNotification) -> bool:
    async with db.unit_of_work() as session:
        token = await session.scalar(
            select(OutboxMessage.lease_token).where(OutboxMessage.id == notification.id)
        )
    return token == notification.lease_token


@retry_if_stale
async def postpone_notification(
    db: Database, notification: ClaimedNotification, wait: timedelta, error: PortError
) -> bool:
    """False when the lease was lost."""
    now = clock.now()
    # An undecided one keeps its token: it is doubtful when it is claimed again.
    lease = {"leased_until": now} if isinstance(error, UndecidedError) else RELEASED
    async with db.unit_of_work() as session:
        return await update_notification(
            session, notification, due_at=now + wait, last_error=str(error)[:500], **lease
        )


@retry_if_stale
async def end_notification(
    db: Database,
    notification: ClaimedNotification,
    status: OutboxStatus,
    *,
    message_id: int | None = None,
    error: Exception | None = None,
) -> OutboxStatus:
    async with db.unit_of_work() as session:
        # The subscription before its notification, as who delivers a key locks them.
        if message_id is not None and notification.template in KEY_TEMPLATES:
            link = str(notification.values.get("link"))
            await save_key_message(session, notification.chat_id, link, message_id)
        held = await update_notification(
            session,
            notification,
            status=status,
            message_id=message_id,
            sent_at=clock.now() if status is OutboxStatus.SENT else None,
            last_error=str(error)[:500] if error else None,
            **RELEASED,
        )
        if status in {OutboxStatus.SENT, OutboxStatus.UNREACHABLE}:
            await record_notification_result(session, notification, error)
        if status is OutboxStatus.FAILED and held:
            await _report_failure(session, notification)
        if status is OutboxStatus.UNREACHABLE and held:
            by, user_id = notification.values.get("by"), notification.chat_id
            await report_unheard_answer(
                session, notification.id, notification.template, user_id, by
            )
        if held and notification.template == FEED_TEMPLATE and error is not None:
            await _end_feed(session, notification, error)
    OUTBOX_SENT.labels(status).inc()
    return status


async def _end_feed(
    session: AsyncSession, notification: ClaimedNotification, error: Exception
) -> None:
    if isinstance(error, UnreachableError):
        await end_chat_feeds(session, notification.chat_id)
    elif isinstance(error, TopicGoneError) and notification.thread_id is not None:
        await end_chat_feeds(session, notification.chat_id, notification.thread_id)


async def record_notification_result(
    session: AsyncSession, notification: ClaimedNotification, error: Exception | None
) -> None:
    is_edit = notification.edit_message_id is not None
    await record_send_result(session, notification.chat_id, error, is_edit=is_edit)


async def update_notification(
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
    await request_attention(
        session,
        f"unsent:{notification.id}",
        "operator-unsent",
        message=notification.template,
        person=notification.chat_id,
    )
