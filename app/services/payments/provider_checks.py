"""Whether payments that we were notified of stand in their provider's own books as well.

Who knows the webhook's secret can post a payment that nobody made. Access is not revoked for it:
the operators are notified, once, and decide.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.external_values import to_bounded_key
from app.db.models import ExternalEvent
from app.db.unit_of_work import Database
from app.domain.payments import parse_invoice_payload
from app.domain.ports import Invoice, PaymentHistory
from app.domain.stars import parse_stars_payment
from app.services.notifications.attention import request_attention
from app.services.payments.events import INVOICE_PAID
from app.services.payments.settlement import format_paid_amount

log = structlog.get_logger()

_BATCH: Final = 200
# The books may be a moment behind the message; after this, what is missing is not coming.
_SETTLING_TIME: Final = timedelta(minutes=3)
# The books are read this far back, and an event is repeated for a day.
_LOOK_BACK: Final = timedelta(days=5)


async def check_provider_payments(
    db: Database, provider: str, history: PaymentHistory
) -> dict[str, int]:
    """One round over the latest events. Raises the port's errors."""
    async with db.read_only() as session:
        told = await _list_unchecked(session, provider)
    if not told:
        return {}
    booked = {payment.payment_reference: payment for payment in await history.list_payments()}
    settled = clock.now() - _SETTLING_TIME
    right = [event.id for event in told if _is_booked(event, booked)]
    missing = [event for event in told if event.id not in right and event.received_at <= settled]
    async with db.unit_of_work() as session:
        for event in missing:
            await _notify_missing(session, event)
        await session.execute(
            update(ExternalEvent)
            .where(ExternalEvent.id.in_([*right, *(event.id for event in missing)]))
            .values(checked_at=clock.now())
        )
    return {"checked": len(right), "unbooked": len(missing)}


async def _list_unchecked(session: AsyncSession, provider: str) -> Sequence[ExternalEvent]:
    return (
        await session.scalars(
            select(ExternalEvent)
            .where(
                ExternalEvent.provider == provider,
                ExternalEvent.event_type == INVOICE_PAID,
                ExternalEvent.checked_at.is_(None),
                ExternalEvent.received_at > clock.now() - _LOOK_BACK,
            )
            .order_by(ExternalEvent.received_at)
            .limit(_BATCH)
        )
    ).all()


def _is_booked(event: ExternalEvent, booked: dict[str, Invoice]) -> bool:
    """Of the same order and sum, too: a real payment's id could be sent with another's order."""
    told = parse_stars_payment(event.body)
    real = booked.get(told.payment_reference) if told else None
    return (
        told is not None
        and real is not None
        and to_bounded_key(told.payment_reference) == event.external_id
        and (told.payload, told.amount) == (real.payload, real.amount)
    )


async def _notify_missing(session: AsyncSession, event: ExternalEvent) -> None:
    told = parse_stars_payment(event.body)
    ours = parse_invoice_payload(told.payload) if told else None
    log.warning("payment_unbooked", external_id=event.external_id)
    await request_attention(
        session,
        f"payment-unbooked:{event.external_id}",
        "operator-payment-unbooked",
        invoice=told.payment_reference[:200] if told else event.external_id,
        paid=format_paid_amount(told) if told else "?",
        price=None,
        person=ours[1] if ours else None,
    )
