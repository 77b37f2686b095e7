"""The provider's webhook: the event is stored, then settled, before it hears 200 (P1)."""

import hashlib
from collections.abc import Sequence

import structlog
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.metrics import PAYMENTS
from app.db.models import EventOutcome, ExternalEvent
from app.db.outage import is_outage
from app.db.unit_of_work import Database
from app.domain.ports import Invoice
from app.services.letters.notices import tell_operators
from app.services.money.payments import count_sale, settle
from app.services.money.refunds import note_refunded

log = structlog.get_logger()

INVOICE_PAID = "invoice_paid"
PAYMENT_REFUNDED = "payment_refunded"  # by the provider itself, or by us through it
MALFORMED = "malformed"


async def receive(
    db: Database,
    provider: str,
    operators: Sequence[int],
    body: bytes,
    event: tuple[str, Invoice] | None,
) -> EventOutcome:
    """Store and settle one signed event; `event` is None for a body that is none.

    Raises when it could not be stored (`is_outage`): the provider has to repeat it.
    """
    event_type, invoice = event or (MALFORMED, None)
    external_id = invoice.paid_by if invoice else hashlib.sha256(body).hexdigest()
    async with db.unit_of_work() as session:
        event_id = await _store(session, provider, external_id, event_type, body)
        if event_id is None:
            outcome = EventOutcome.REPEATED
        else:
            outcome = await _handle(session, provider, operators, event_type, invoice)
            await session.execute(
                update(ExternalEvent).where(ExternalEvent.id == event_id).values(outcome=outcome)
            )
    PAYMENTS.labels(provider, outcome).inc()
    if event_type == INVOICE_PAID:
        count_sale(outcome)
    log.info("payment_event", provider=provider, external_id=external_id, outcome=outcome)
    return outcome


async def _store(
    session: AsyncSession, provider: str, external_id: str, event_type: str, body: bytes
) -> int | None:
    """The event's row; None when it was handled before. A failed one is handled anew."""
    stored: int | None = await session.scalar(
        insert(ExternalEvent)
        .values(
            provider=provider,
            external_id=external_id,
            event_type=event_type,
            body=body,
            received_at=clock.now(),
            outcome=EventOutcome.RECEIVED,
        )
        .on_conflict_do_nothing()
        .returning(ExternalEvent.id)
    )
    if stored is not None:
        return stored
    failed: int | None = await session.scalar(
        select(ExternalEvent.id)
        .where(
            ExternalEvent.provider == provider,
            ExternalEvent.external_id == external_id,
            ExternalEvent.event_type == event_type,
            ExternalEvent.outcome == EventOutcome.FAILED,
        )
        .with_for_update()
    )
    return failed


async def _handle(
    session: AsyncSession,
    provider: str,
    operators: Sequence[int],
    event_type: str,
    invoice: Invoice | None,
) -> EventOutcome:
    """Settle in a savepoint: one poison event must not cost the stored row, nor the endpoint."""
    if invoice is None:
        # At most one a day: what we cannot read may come by the hundred.
        key = f"event-malformed:{clock.now():%Y-%m-%d}"
        await tell_operators(session, operators, key, "operator-event-malformed")
        return EventOutcome.IGNORED
    if event_type not in {INVOICE_PAID, PAYMENT_REFUNDED}:
        return EventOutcome.IGNORED
    try:
        async with session.begin_nested():
            if event_type == PAYMENT_REFUNDED:
                return await _take_back(session, provider, operators, invoice)
            return await settle(session, provider, invoice, operators)
    except Exception as error:
        if is_outage(error):
            raise
        log.exception("payment_event_failed", external_id=invoice.invoice_id)
        await tell_event_failed(session, operators, invoice)
        return EventOutcome.FAILED


async def _take_back(
    session: AsyncSession, provider: str, operators: Sequence[int], invoice: Invoice
) -> EventOutcome:
    is_news = await note_refunded(session, provider, invoice.paid_by, operators)
    return EventOutcome.SETTLED if is_news else EventOutcome.IGNORED


async def tell_event_failed(
    session: AsyncSession, operators: Sequence[int], invoice: Invoice
) -> None:
    key = f"event-failed:{invoice.invoice_id}"
    await tell_operators(
        session, operators, key, "operator-event-failed", invoice=invoice.invoice_id
    )
