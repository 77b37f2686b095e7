"""Removes what came from outside and was handled, and what operators have settled."""

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import (
    AttentionItem,
    EventOutcome,
    ExternalEvent,
    FailedUpdate,
    Incident,
    PanelFinding,
)
from app.services.payments.events import MALFORMED_EVENT
from app.services.retention.batches import (
    RAW_RETENTION_PERIOD,
    RETENTION_PERIOD,
    delete_batch,
)

# An operator decides about the others. One of these that is sent again finds its payment in the
# ledger or its purchase paid: nothing is settled twice. An early one that nothing has followed is
# no money that the shop has: an invoice before it was paid, a payment that went back before its own
# event came, or an unknown event, which the operators were notified of at once.
_DELETABLE_OUTCOMES = (
    EventOutcome.RECEIVED,
    EventOutcome.SETTLED,
    EventOutcome.REPEATED,
    EventOutcome.IGNORED,
)


async def delete_events(session: AsyncSession) -> int:
    due = (
        select(ExternalEvent.id)
        .where(
            ExternalEvent.outcome.in_(_DELETABLE_OUTCOMES),
            ExternalEvent.event_type != MALFORMED_EVENT,  # operators read that it is kept
            ExternalEvent.received_at <= clock.now() - RAW_RETENTION_PERIOD,
        )
        .order_by(ExternalEvent.received_at)
    )
    return await delete_batch(session, ExternalEvent.id, due)


async def delete_failed_updates(session: AsyncSession) -> int:
    """Nothing marks them as looked at; what carries money stays until an operator removes it."""
    message = FailedUpdate.body["message"]
    is_money = or_(
        FailedUpdate.body.has_key("pre_checkout_query"),
        message.has_key("successful_payment"),
        message.has_key("refunded_payment"),
    )
    due = (
        select(FailedUpdate.update_id)
        .where(FailedUpdate.created_at <= clock.now() - RAW_RETENTION_PERIOD, is_money.is_not(True))
        .order_by(FailedUpdate.created_at)
    )
    return await delete_batch(session, FailedUpdate.update_id, due)


async def delete_incidents(session: AsyncSession) -> int:
    due = (
        select(Incident.id)
        .where(Incident.closed_at <= clock.now() - RAW_RETENTION_PERIOD)
        .order_by(Incident.closed_at)
    )
    return await delete_batch(session, Incident.id, due)


async def delete_attention_items(session: AsyncSession) -> int:
    """What was settled; who settled it, and how, stays in the audit."""
    due = (
        select(AttentionItem.id)
        .where(AttentionItem.settled_at <= clock.now() - RETENTION_PERIOD)
        .order_by(AttentionItem.settled_at)
    )
    return await delete_batch(session, AttentionItem.id, due)


async def delete_panel_findings(session: AsyncSession) -> int:
    due = (
        select(PanelFinding.id)
        .where(PanelFinding.closed_at <= clock.now() - RAW_RETENTION_PERIOD)
        .order_by(PanelFinding.closed_at)
    )
    return await delete_batch(session, PanelFinding.id, due)
