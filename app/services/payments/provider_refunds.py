"""Refunds that a provider reports, also those that arrive before their payment."""

from typing import Final

from sqlalchemy import ScalarSelect, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.external_values import to_bounded_key
from app.db.models import EventOutcome, ExternalEvent
from app.services.payments.refunds import record_provider_refund

PAYMENT_REFUNDED: Final = "payment_refunded"  # by the provider itself, or by us through it


async def settle_provider_refund(
    session: AsyncSession, provider: str, payment_id: str
) -> EventOutcome:
    """A refund that arrives before its payment waits for it."""
    is_news = await record_provider_refund(session, provider, payment_id)
    if is_news is None:
        return EventOutcome.RECEIVED
    return EventOutcome.SETTLED if is_news else EventOutcome.IGNORED


def select_waiting_refund_id(provider: str, payment_id: str) -> ScalarSelect[int]:
    """Of the event that waits, for a statement that reads something else too."""
    return (
        select(ExternalEvent.id)
        .where(
            ExternalEvent.provider == provider,
            ExternalEvent.external_id == to_bounded_key(payment_id),
            ExternalEvent.event_type == PAYMENT_REFUNDED,
            ExternalEvent.outcome == EventOutcome.RECEIVED,
        )
        .scalar_subquery()
    )


async def settle_waiting_refund(
    session: AsyncSession, event_id: int, provider: str, payment_id: str
) -> None:
    """Once its payment is settled."""
    outcome = await settle_provider_refund(session, provider, payment_id)
    await session.execute(
        update(ExternalEvent).where(ExternalEvent.id == event_id).values(outcome=outcome)
    )
