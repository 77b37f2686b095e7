"""The provider's webhook: the event is stored, then settled, before the answer 200 (P1)."""

import hashlib
from dataclasses import dataclass

import structlog
from sqlalchemy import Function, and_, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.external_values import to_bounded_key
from app.core.metrics import PAYMENT_EVENTS
from app.db.models import EventOutcome, ExternalEvent
from app.db.outage import is_outage
from app.db.retry import retry_if_stale
from app.db.unit_of_work import Database
from app.domain.ports import Invoice, InvoiceStatus
from app.domain.stars import STARS_METHOD, extract_stars_payment_hints
from app.services.notifications.attention import request_attention
from app.services.payments.provider_refunds import PAYMENT_REFUNDED, settle_provider_refund
from app.services.payments.settlement import format_paid_amount, settle_invoice
from app.services.purchases.sales import count_sale

log = structlog.get_logger()

INVOICE_PAID = "invoice_paid"
MALFORMED_EVENT = "malformed"
# Not final: sent again, it is handled again. An early event waits for what comes first.
_NOT_FINAL_OUTCOMES = (EventOutcome.RECEIVED, EventOutcome.FAILED, EventOutcome.UNMATCHED)


@dataclass(frozen=True, slots=True)
class _ReceivedEvent:
    provider: str
    external_id: str
    event_type: str
    body: bytes


@retry_if_stale
async def receive_payment_event(
    db: Database,
    provider: str,
    body: bytes,
    event: tuple[str, Invoice] | None,
    hints: tuple[str, str] = ("", ""),
) -> EventOutcome:
    """Store and settle one event that is surely the provider's.

    `event` is None for a body that can't be read; `hints`, what it seems to say: invoice and sum.
    Raises when it could not be stored (`is_outage`): the provider has to repeat it.
    """
    event_type, invoice = event or (MALFORMED_EVENT, None)
    external_id = (
        to_bounded_key(invoice.payment_reference) if invoice else hashlib.sha256(body).hexdigest()
    )
    received = _ReceivedEvent(provider, external_id, event_type, body)
    try:
        async with db.unit_of_work() as session:
            outcome = await _store_and_handle(session, received, invoice, hints)
    except Exception as error:
        if invoice is None or is_outage(error):
            raise
        # One poison event must not cost the stored row, nor the endpoint.
        log.exception("payment_event_failed", external_id=invoice.invoice_id)
        async with db.unit_of_work() as session:
            outcome = await _store_failed(session, received, invoice)
    PAYMENT_EVENTS.labels(provider, outcome).inc()
    if event_type == INVOICE_PAID:
        count_sale(outcome)
    log.info("payment_event", provider=provider, external_id=external_id, outcome=outcome)
    return outcome


async def receive_unreadable_stars_payment(db: Database, body: bytes) -> EventOutcome:
    """Store an update that carries a payment, and of which no more can be read than hints."""
    hints = extract_stars_payment_hints(body)
    return await receive_payment_event(db, STARS_METHOD, body, None, hints)


async def settle_payment(session: AsyncSession, provider: str, invoice: Invoice) -> EventOutcome:
    """As polling found it; a refund that arrived before it follows at once."""
    key = to_bounded_key(invoice.payment_reference)
    await session.execute(select(_lock_payment(provider, key)))
    return await settle_invoice(session, provider, invoice)


async def _store_and_handle(
    session: AsyncSession, event: _ReceivedEvent, invoice: Invoice | None, hints: tuple[str, str]
) -> EventOutcome:
    """Stored with what most events come to, and corrected where one comes to something else."""
    expected = EventOutcome.SETTLED if event.event_type == INVOICE_PAID else EventOutcome.IGNORED
    event_id = await _store(session, event, expected)
    if event_id is None:
        return EventOutcome.REPEATED
    if invoice is None:
        outcome = await _notify_malformed(session, event, hints)
    else:
        outcome = await _handle(session, event, invoice)
    if outcome is not expected:
        await session.execute(
            update(ExternalEvent).where(ExternalEvent.id == event_id).values(outcome=outcome)
        )
    return outcome


async def _store_failed(
    session: AsyncSession, event: _ReceivedEvent, invoice: Invoice
) -> EventOutcome:
    if await _store(session, event, EventOutcome.FAILED) is None:
        return EventOutcome.REPEATED  # it came twice, and the other time it was handled
    await notify_event_failed(session, invoice)
    return EventOutcome.FAILED


async def _store(session: AsyncSession, event: _ReceivedEvent, outcome: EventOutcome) -> int | None:
    """The event's row, with the body that is handled now; None where it was handled for good.

    The payment is locked before the row is.
    """
    locked = select(_lock_payment(event.provider, event.external_id)).cte("locked")
    row = {
        "provider": event.provider,
        "external_id": event.external_id,
        "event_type": to_bounded_key(event.event_type),
        "body": event.body,
        "received_at": clock.now(),
        "outcome": outcome,
    }
    values = (literal(value, ExternalEvent.__table__.c[name].type) for name, value in row.items())
    store = insert(ExternalEvent).from_select(list(row), select(*values).select_from(locked))
    new = store.excluded
    is_open = or_(
        ExternalEvent.outcome.in_(_NOT_FINAL_OUTCOMES),
        # The operators were asked about this body; another one may be right.
        and_(ExternalEvent.outcome == EventOutcome.DISPUTED, ExternalEvent.body != new.body),
    )
    event_id: int | None = await session.scalar(
        store.on_conflict_do_update(
            index_elements=["provider", "external_id", "event_type"],
            set_={name: new[name] for name in ("body", "received_at", "outcome")},
            where=is_open,
        ).returning(ExternalEvent.id)
    )
    return event_id


async def _handle(session: AsyncSession, event: _ReceivedEvent, invoice: Invoice) -> EventOutcome:
    if event.event_type == PAYMENT_REFUNDED:
        return await settle_provider_refund(session, event.provider, invoice.payment_reference)
    if event.event_type != INVOICE_PAID or invoice.status is InvoiceStatus.UNKNOWN:
        return await _notify_unclear(session, event.event_type, invoice)
    if invoice.status is not InvoiceStatus.PAID:
        return EventOutcome.RECEIVED
    return await settle_invoice(session, event.provider, invoice)


def _lock_payment(provider: str, external_id: str) -> Function[None]:
    """Before any row's lock: a payment and its refund that arrive together see each other."""
    key = func.hashtextextended(f"payment:{provider}:{external_id}", 0)
    return func.pg_advisory_xact_lock(key)


async def _notify_unclear(session: AsyncSession, event_type: str, invoice: Invoice) -> EventOutcome:
    """Perhaps money, so the operators are notified; not of what is surely none yet."""
    if invoice.status not in {InvoiceStatus.PAID, InvoiceStatus.UNKNOWN}:
        return EventOutcome.IGNORED
    await request_attention(
        session,
        f"event-unclear:{event_type}:{invoice.payment_reference}",
        "operator-event-unclear",
        invoice=invoice.invoice_id,
        paid=format_paid_amount(invoice),
    )
    return EventOutcome.IGNORED if event_type != INVOICE_PAID else EventOutcome.RECEIVED


async def _notify_malformed(
    session: AsyncSession, event: _ReceivedEvent, hints: tuple[str, str]
) -> EventOutcome:
    """Each one, because each may be a user's money."""
    invoice, paid = hints
    await request_attention(
        session,
        f"event-malformed:{event.external_id}",
        "operator-event-malformed",
        provider=event.provider,
        invoice=invoice or None,
        paid=paid or None,
    )
    return EventOutcome.IGNORED


async def notify_event_failed(session: AsyncSession, invoice: Invoice) -> None:
    await request_attention(
        session,
        f"event-failed:{invoice.payment_reference}",
        "operator-event-failed",
        invoice=invoice.invoice_id,
        paid=format_paid_amount(invoice),
    )
