"""The second path of every payment: asking the provider for what its webhook did not send (P1)."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.metrics import PURCHASES
from app.db.models import EventOutcome, LedgerEntry, Purchase
from app.db.outage import is_outage
from app.db.unit_of_work import Database
from app.domain.payment_methods import PaymentMethod
from app.domain.payments import (
    PAYMENT_GRACE,
    SOLD_STATUSES,
    PurchaseStatus,
    build_invoice_payload,
    build_payment_key,
    get_source_statuses,
)
from app.domain.ports import (
    Invoice,
    InvoiceStatus,
    PaymentHistory,
    PaymentProvider,
    PortError,
)
from app.services.notifications.notify import notify
from app.services.payments.checkout import attach_invoice, get_purchase
from app.services.payments.events import notify_event_failed, settle_payment
from app.services.payments.methods import PaymentMethods
from app.services.payments.provider_checks import check_provider_payments
from app.services.payments.settlement import build_invoice_closed_notification
from app.services.payments.silent_webhooks import alert_silent_webhook
from app.services.purchases.orders import PurchaseGoneError
from app.services.purchases.sales import count_sale

log = structlog.get_logger()

_BATCH = 1000  # invoices in one call: the provider's bound
# How long after its end an invoice is still asked for: a payment of the last second shows up late.
_POLL_AFTER_END = timedelta(hours=1)
# A row without an invoice this old was left by a crash or by a provider that did not answer.
_STALE_AFTER = timedelta(minutes=2)
_STALE_BATCH = 20


async def poll_payments(db: Database, providers: Collection[PaymentProvider]) -> dict[str, int]:
    """One round: settle what was paid, expire what the provider gave up, adopt lost invoices.

    A provider that is away does not keep the others from being asked; then it raises.
    """
    counts = Counter(dropped=await _expire_draft_orders(db))
    errors = []
    for provider in providers:
        try:
            counts.update(await _poll_provider(db, provider))
            # Last, because a row that nobody was shown can wait and a payment cannot.
            counts.update(adopted=await _adopt_stale(db, provider))
            await alert_silent_webhook(db, provider.name)
            if isinstance(provider, PaymentHistory):
                counts.update(await check_provider_payments(db, provider.name, provider))
        except PortError as error:
            errors.append(error)
    if errors:
        raise errors[0]
    return dict(counts)


async def confirm_payment(
    db: Database,
    payment_methods: PaymentMethods,
    purchase_id: UUID,
    user_id: int,
) -> Purchase:
    """Ask the provider now: the user says that they have paid. Raises PurchaseGoneError."""
    purchase = await get_purchase(db, purchase_id, user_id)
    if purchase is None or purchase.invoice_id is None:
        raise PurchaseGoneError
    provider = payment_methods.providers.get(purchase.provider or "")
    if purchase.status not in SOLD_STATUSES and provider is not None:
        for invoice in await provider.get_invoices([purchase.invoice_id]):
            async with db.unit_of_work() as session:
                outcome = await settle_payment(session, provider.name, invoice)
            count_sale(outcome)
    refreshed = await get_purchase(db, purchase_id, user_id)
    return refreshed or purchase


async def _poll_provider(db: Database, provider: PaymentProvider) -> dict[str, int]:
    async with db.read_only() as session:
        invoice_ids = await _list_polled(session, provider.payment_method)
    invoices = await provider.get_invoices(invoice_ids) if invoice_ids else []
    settled = 0
    for invoice in await _list_new(db, provider.name, invoices):
        settled += await _settle_polled(db, provider.name, invoice)
    expired = await _expire_invoices(db, provider.payment_method, invoices)
    return {"asked": len(invoice_ids), "settled": settled, "expired": expired}


async def _list_polled(session: AsyncSession, payment_method: PaymentMethod) -> list[str]:
    """Open ones, and ended ones that may have been paid in their last second, or once more."""
    recently = Purchase.expires_at > clock.now() - _POLL_AFTER_END
    ended = Purchase.status.in_({PurchaseStatus.EXPIRED, PurchaseStatus.CANCELLED})
    polled = [Purchase.status == PurchaseStatus.PENDING, and_(ended, recently)]
    if payment_method.never_ends:
        polled.append(and_(Purchase.status == PurchaseStatus.PAID, recently))
    rows = await session.scalars(
        select(Purchase.invoice_id)
        .where(
            Purchase.provider == payment_method.name,
            Purchase.invoice_id.is_not(None),
            or_(*polled),
        )
        # Open ones first, and of these the newest: what another token's provider once knew, and
        # nobody knows any more, must not fill the batch for ever.
        .order_by(Purchase.status.desc(), Purchase.expires_at.desc())
        .limit(_BATCH)
    )
    return [invoice_id for invoice_id in rows if invoice_id is not None]


async def _list_new(db: Database, provider: str, invoices: Sequence[Invoice]) -> list[Invoice]:
    """The paid ones whose money is not in the ledger."""
    paid = {
        build_payment_key(provider, invoice.payment_reference): invoice
        for invoice in invoices
        if invoice.status is InvoiceStatus.PAID
    }
    if not paid:
        return []
    async with db.read_only() as session:
        known = set(await session.scalars(select(LedgerEntry.key).where(LedgerEntry.key.in_(paid))))
    return [invoice for key, invoice in paid.items() if key not in known]


async def _settle_polled(db: Database, provider: str, invoice: Invoice) -> int:
    """1 when polling found it first."""
    try:
        async with db.unit_of_work() as session:
            outcome = await settle_payment(session, provider, invoice)
    except Exception as error:
        if is_outage(error):
            raise
        # One poison invoice must not keep the others from being settled (P6).
        log.exception("polled_payment_failed", invoice=invoice.invoice_id)
        async with db.unit_of_work() as session:
            await notify_event_failed(session, invoice)
        return 0
    count_sale(outcome)
    return int(outcome is EventOutcome.SETTLED)


async def _expire_invoices(
    db: Database, payment_method: PaymentMethod, invoices: Sequence[Invoice]
) -> int:
    """Only the provider's word ends an invoice: our clock could be a payment ahead of it.

    Where invoices never end, our clock is the only one, and the provider has just been asked.
    """
    ended = [invoice.invoice_id for invoice in invoices if invoice.status is InvoiceStatus.EXPIRED]
    which: ColumnElement[bool] = Purchase.invoice_id.in_(ended)
    if payment_method.never_ends:
        which = Purchase.expires_at < clock.now() - PAYMENT_GRACE
    elif not ended:
        return 0
    async with db.unit_of_work() as session:
        rows = await session.execute(
            update(Purchase)
            .where(
                Purchase.provider == payment_method.name,
                which,
                Purchase.status.in_(
                    get_source_statuses(PurchaseStatus.EXPIRED) - {PurchaseStatus.CREATED}
                ),
            )
            .values(status=PurchaseStatus.EXPIRED)
            .returning(
                Purchase.id,
                Purchase.kind,
                Purchase.user_id,
                Purchase.message_id,
                Purchase.subscription_id,
            )
        )
        expired = rows.all()
        await notify(
            session,
            *(
                build_invoice_closed_notification(id_, kind, user_id, message_id, subscription_id)
                for id_, kind, user_id, message_id, subscription_id in expired
                if message_id is not None
            ),
        )
    PURCHASES.labels(PurchaseStatus.EXPIRED).inc(len(expired))
    return len(expired)


async def _expire_draft_orders(db: Database) -> int:
    """Orders without a payment method: there is no invoice that could be paid late."""
    async with db.unit_of_work() as session:
        dropped = await session.execute(
            update(Purchase)
            .where(
                Purchase.status == PurchaseStatus.CREATED,
                Purchase.provider.is_(None),
                Purchase.expires_at < clock.now(),
            )
            .values(status=PurchaseStatus.EXPIRED)
            .returning(Purchase.id)
        )
        return len(dropped.all())


async def _adopt_stale(db: Database, provider: PaymentProvider) -> int:
    """Rows whose invoice may exist though its id never reached us."""
    async with db.read_only() as session:
        stale = (
            await session.scalars(
                select(Purchase)
                .where(
                    Purchase.status == PurchaseStatus.CREATED,
                    Purchase.provider == provider.name,
                    # However old the order was when its payment method was chosen.
                    func.coalesce(Purchase.chosen_at, Purchase.created_at)
                    < clock.now() - _STALE_AFTER,
                )
                .order_by(Purchase.expires_at)
                .limit(_STALE_BATCH)
            )
        ).all()
    adopted = 0
    for purchase in stale:
        invoice = await provider.find_invoice(build_invoice_payload(purchase.id, purchase.user_id))
        async with db.unit_of_work() as session:
            if invoice is not None:
                await attach_invoice(session, purchase.id, invoice)
                adopted += 1
            else:
                await _expire_without_invoice(session, purchase.id)
    return adopted


async def _expire_without_invoice(session: AsyncSession, purchase_id: UUID) -> None:
    await session.execute(
        update(Purchase)
        .where(Purchase.id == purchase_id, Purchase.status == PurchaseStatus.CREATED)
        .values(status=PurchaseStatus.EXPIRED)
    )
