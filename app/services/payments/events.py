"""The provider's webhook: the event is stored, then settled, before the answer 200 (P1)."""

import hashlib

import structlog
from sqlalchemy import and_, func, or_, select, update
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
from app.services.notifications.notify import notify_operators
from app.services.payments.refunds import record_provider_refund
from app.services.payments.settlement import format_paid_amount, settle_invoice
from app.services.purchases.sales import count_sale

log = structlog.get_logger()

INVOICE_PAID = "invoice_paid"
PAYMENT_REFUNDED = "payment_refunded"  # by the provider itself, or by us through it
MALFORMED_EVENT = "malformed"
# Not final: sent again, it is handled again. An early event waits for what comes first.
_NOT_FINAL_OUTCOMES = (EventOutcome.RECEIVED, EventOutcome.FAILED, EventOutcome.UNMATCHED)


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
    async with db.unit_of_work() as session:
        event_id = await _store(session, provider, external_id, event_type, body)
        if event_id is None:
            outcome = EventOutcome.REPEATED
        else:
            outcome = (
                await _handle(session, provider, event_type, invoice)
                if invoice
                else await _notify_malformed(session, provider, external_id, hints)
            )
            await session.execute(
                update(ExternalEvent).where(ExternalEvent.id == event_id).values(outcome=outcome)
            )
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
    """Settle it, from an event or from polling; a refund that arrived before it follows at once."""
    await _lock_payment(session, provider, invoice)
    outcome = await settle_invoice(session, provider, invoice)
    if invoice.status is not InvoiceStatus.PAID or outcome is EventOutcome.UNMATCHED:
        return outcome
    refund = await session.scalar(
        select(ExternalEvent).where(
            ExternalEvent.provider == provider,
            ExternalEvent.external_id == to_bounded_key(invoice.payment_reference),
            ExternalEvent.event_type == PAYMENT_REFUNDED,
            ExternalEvent.outcome == EventOutcome.RECEIVED,
        )
    )
    if refund is not None:
        refund.outcome = await _settle_refund(session, provider, invoice)
    return outcome


async def _store(
    session: AsyncSession, provider: str, external_id: str, event_type: str, body: bytes
) -> int | None:
    """The event's row, with the body that is handled now; None where it was handled for good."""
    identity = {
        "provider": provider,
        "external_id": external_id,
        "event_type": to_bounded_key(event_type),
    }
    content = {"body": body, "received_at": clock.now(), "outcome": EventOutcome.RECEIVED}
    is_open = or_(
        ExternalEvent.outcome.in_(_NOT_FINAL_OUTCOMES),
        # The operators were asked about this body; another one may be right.
        and_(ExternalEvent.outcome == EventOutcome.DISPUTED, ExternalEvent.body != body),
    )
    event_id: int | None = await session.scalar(
        insert(ExternalEvent)
        .values(**identity, **content)
        .on_conflict_do_update(index_elements=list(identity), set_=content, where=is_open)
        .returning(ExternalEvent.id)
    )
    return event_id


async def _handle(
    session: AsyncSession,
    provider: str,
    event_type: str,
    invoice: Invoice,
) -> EventOutcome:
    """Settle in a savepoint: one poison event must not cost the stored row, nor the endpoint."""
    try:
        async with session.begin_nested():
            if event_type == PAYMENT_REFUNDED:
                await _lock_payment(session, provider, invoice)
                return await _settle_refund(session, provider, invoice)
            if event_type != INVOICE_PAID or invoice.status is InvoiceStatus.UNKNOWN:
                return await _notify_unclear(session, event_type, invoice)
            if invoice.status is not InvoiceStatus.PAID:
                return EventOutcome.RECEIVED
            return await settle_payment(session, provider, invoice)
    except Exception as error:
        if is_outage(error):
            raise
        log.exception("payment_event_failed", external_id=invoice.invoice_id)
        await notify_event_failed(session, invoice)
        return EventOutcome.FAILED


async def _settle_refund(session: AsyncSession, provider: str, invoice: Invoice) -> EventOutcome:
    """A refund that arrives before its payment waits for it."""
    is_news = await record_provider_refund(session, provider, invoice.payment_reference)
    if is_news is None:
        return EventOutcome.RECEIVED
    return EventOutcome.SETTLED if is_news else EventOutcome.IGNORED


async def _lock_payment(session: AsyncSession, provider: str, invoice: Invoice) -> None:
    """Before any row's lock: a payment and its refund that arrive together see each other."""
    key = func.hashtextextended(
        f"payment:{provider}:{to_bounded_key(invoice.payment_reference)}", 0
    )
    await session.execute(select(func.pg_advisory_xact_lock(key)))


async def _notify_unclear(session: AsyncSession, event_type: str, invoice: Invoice) -> EventOutcome:
    """Perhaps money, so the operators are notified; not of what is surely none yet."""
    if invoice.status not in {InvoiceStatus.PAID, InvoiceStatus.UNKNOWN}:
        return EventOutcome.IGNORED
    await notify_operators(
        session,
        f"event-unclear:{event_type}:{invoice.payment_reference}",
        "operator-event-unclear",
        invoice=invoice.invoice_id,
        paid=format_paid_amount(invoice),
    )
    return EventOutcome.IGNORED if event_type != INVOICE_PAID else EventOutcome.RECEIVED


async def _notify_malformed(
    session: AsyncSession,
    provider: str,
    digest: str,
    hints: tuple[str, str],
) -> EventOutcome:
    """Each one, because each may be a user's money."""
    invoice, paid = hints
    await notify_operators(
        session,
        f"event-malformed:{digest}",
        "operator-event-malformed",
        provider=provider,
        invoice=invoice or None,
        paid=paid or None,
    )
    return EventOutcome.IGNORED


async def notify_event_failed(session: AsyncSession, invoice: Invoice) -> None:
    await notify_operators(
        session,
        f"event-failed:{invoice.payment_reference}",
        "operator-event-failed",
        invoice=invoice.invoice_id,
        paid=format_paid_amount(invoice),
    )
