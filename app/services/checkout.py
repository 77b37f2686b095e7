"""From the tap on a plan to an invoice: our row first, then the provider, then its answer."""

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.core.metrics import PURCHASES
from app.db.models import Plan, Purchase
from app.db.unit_of_work import Database
from app.domain.payments import OPEN, PurchaseStatus, sources, to_payload
from app.domain.ports import Invoice, InvoiceOrder, PaymentProvider
from app.services.users import lock_person

INVOICE_LIFETIME = timedelta(hours=1)
# A second tap gets the same invoice while this much of its life is left.
REUSE_WHILE_LEFT = timedelta(minutes=10)


class PlanGoneError(ExpectedError):
    text_key = "error-plan-gone"


class PurchaseGoneError(ExpectedError):
    text_key = "error-purchase-gone"


async def checkout(
    db: Database, provider: PaymentProvider, user_id: int, plan_id: int, description: str
) -> Purchase:
    """A purchase with an invoice to pay. Raises PlanGoneError and the provider's port errors."""
    async with db.unit_of_work() as session:
        await lock_person(session, user_id)  # of two taps at once the second finds the first's row
        reused = await _get_reusable(session, user_id, plan_id)
        purchase = reused or await _create(session, provider.name, user_id, plan_id)
    if purchase.status is PurchaseStatus.PENDING:
        return purchase
    order = InvoiceOrder(
        payload=to_payload(purchase.id, user_id),
        price=purchase.price,
        description=description,
        lifetime=INVOICE_LIFETIME,
    )
    # A reused row without an invoice: the provider's answer was lost, not necessarily the request.
    found = await provider.find_invoice(order.payload) if reused else None
    invoice = found or await provider.create_invoice(order)
    async with db.unit_of_work() as session:
        purchase = await attach_invoice(session, purchase.id, invoice)
    PURCHASES.labels(PurchaseStatus.PENDING).inc()
    return purchase


async def attach_invoice(session: AsyncSession, purchase_id: UUID, invoice: Invoice) -> Purchase:
    """The invoice's id and address; `pending`, unless the payment was faster than we are."""
    purchase = await session.get_one(Purchase, purchase_id, with_for_update=True)
    purchase.invoice_id = purchase.invoice_id or invoice.invoice_id
    if purchase.invoice_id == invoice.invoice_id:
        # A second invoice of a second tap is shown to nobody: polling knows only the first.
        purchase.pay_url = invoice.pay_url
    if purchase.status is PurchaseStatus.CREATED:
        purchase.status = PurchaseStatus.PENDING
    return purchase


async def get_purchase(db: Database, purchase_id: UUID, user_id: int) -> Purchase | None:
    """None also for somebody else's purchase."""
    async with db.unit_of_work() as session:
        purchase = await session.get(Purchase, purchase_id)
    return purchase if purchase and purchase.user_id == user_id else None


async def remember_message(db: Database, purchase_id: UUID, message_id: int) -> None:
    """Which message shows the checkout: it is edited once the money is there."""
    async with db.unit_of_work() as session:
        await session.execute(
            update(Purchase).where(Purchase.id == purchase_id).values(message_id=message_id)
        )


async def cancel(db: Database, purchase_id: UUID, user_id: int) -> None:
    """Raises PurchaseGoneError when there is nothing left to cancel."""
    async with db.unit_of_work() as session:
        cancelled = await session.execute(
            update(Purchase)
            .where(
                Purchase.id == purchase_id,
                Purchase.user_id == user_id,
                Purchase.status.in_(sources(PurchaseStatus.CANCELLED)),
            )
            .values(status=PurchaseStatus.CANCELLED)
            .returning(Purchase.id)
        )
        if cancelled.first() is None:
            raise PurchaseGoneError
    PURCHASES.labels(PurchaseStatus.CANCELLED).inc()


async def _get_reusable(session: AsyncSession, user_id: int, plan_id: int) -> Purchase | None:
    return await session.scalar(
        select(Purchase)
        .join(Plan, Plan.id == Purchase.plan_id)
        .where(
            Purchase.user_id == user_id,
            Purchase.plan_id == plan_id,
            Purchase.status.in_(OPEN),
            Purchase.expires_at > clock.now() + REUSE_WHILE_LEFT,
            Purchase.price_minor == Plan.price_minor,
            Purchase.currency == Plan.currency,
            Purchase.days == Plan.days,
            Purchase.traffic_limit_bytes == Plan.traffic_limit_bytes,
            Purchase.device_limit == Plan.device_limit,
            Plan.archived_at.is_(None),
        )
        .order_by(Purchase.created_at.desc())
        .limit(1)
    )


async def _create(session: AsyncSession, provider: str, user_id: int, plan_id: int) -> Purchase:
    plan = await session.get(Plan, plan_id)
    if plan is None or plan.archived_at is not None:
        raise PlanGoneError
    now = clock.now()
    purchase = Purchase(
        id=uuid4(),
        user_id=user_id,
        plan_id=plan.id,
        status=PurchaseStatus.CREATED,
        titles=plan.titles,
        days=plan.days,
        price_minor=plan.price_minor,
        currency=plan.currency,
        traffic_limit_bytes=plan.traffic_limit_bytes,
        device_limit=plan.device_limit,
        provider=provider,
        created_at=now,
        expires_at=now + INVOICE_LIFETIME,
    )
    session.add(purchase)
    return purchase
