"""From an order to an invoice: our row first, then the provider, then its answer."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.core.metrics import PURCHASES
from app.db.models import Purchase
from app.db.unit_of_work import Database
from app.domain.payment_methods import (
    BALANCE_METHOD,
    PaymentMethod,
    PaymentMethodClosedError,
)
from app.domain.payments import (
    SOLD_STATUSES,
    PurchaseKind,
    PurchaseStatus,
    build_invoice_payload,
    get_source_statuses,
)
from app.domain.ports import Invoice, InvoiceOrder, InvoiceStatus, PaymentProvider
from app.services import shop_settings
from app.services.ledger import get_balance
from app.services.payments.settlement import settle_invoice
from app.services.purchases.offer_check import OfferOverError, check_order_offer
from app.services.purchases.order_closing import wake_invoice_deletion
from app.services.purchases.orders import PurchaseGoneError, copy_order, require_open_order
from app.services.purchases.sales import count_sale
from app.services.users import lock_user


class BalanceShortError(ExpectedError):
    text_key = "error-balance-short"


@dataclass(frozen=True, slots=True)
class InvoiceText:
    """What the provider shows beside the amount, in the user's language."""

    title: str
    description: str


async def pay_order(
    db: Database,
    provider: PaymentProvider,
    purchase_id: UUID,
    user_id: int,
    text: InvoiceText,
    *,
    message_id: int | None = None,
) -> Purchase:
    """The order with an invoice to pay, or paid already where nothing is left to be asked for.

    `message_id` shows the order, and will show its receipt.

    Raises PurchaseGoneError, OfferOverError, PaymentMethodClosedError, BalanceShortError and the
    provider's port errors.
    """
    async with db.unit_of_work() as session:
        await lock_user(session, user_id)  # two taps at once: the second finds the method
        purchase = await _require_order(session, purchase_id, user_id)
        is_tried = purchase.provider == provider.name
        if purchase.status not in SOLD_STATUSES:
            if not (await check_order_offer(session, purchase, clock.now())).holds:
                raise OfferOverError
            purchase = await _choose_payment_method(session, purchase, provider.payment_method)
            purchase.message_id = message_id
    if purchase.status is not PurchaseStatus.CREATED or purchase.charge is None:
        return purchase
    order = InvoiceOrder(
        payload=build_invoice_payload(purchase.id, user_id),
        charge=purchase.charge,
        title=text.title,
        description=text.description,
        lifetime=purchase.expires_at - clock.now(),
    )
    # Tried before and no invoice: the provider's answer was lost, not necessarily the request.
    found = await provider.find_invoice(order.payload) if is_tried else None
    invoice = found or await provider.create_invoice(order)
    return await _save_invoice(db, provider, purchase.id, invoice)


async def _save_invoice(
    db: Database,
    provider: PaymentProvider,
    purchase_id: UUID,
    invoice: Invoice,
) -> Purchase:
    async with db.unit_of_work() as session:
        if invoice.status is InvoiceStatus.PAID:
            await _check_balance(session, provider.name, purchase_id)
            outcome = await settle_invoice(session, provider.name, invoice)
            purchase = await session.get_one(Purchase, purchase_id)
        else:
            outcome = None
            purchase = await attach_invoice(session, purchase_id, invoice)
    if outcome is None:
        PURCHASES.labels(PurchaseStatus.PENDING).inc()
    else:
        count_sale(outcome)
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
    elif purchase.status is PurchaseStatus.CANCELLED:  # while the provider was asked
        wake_invoice_deletion(session)
    return purchase


async def get_purchase(db: Database, purchase_id: UUID, user_id: int) -> Purchase | None:
    """None also for another user's purchase."""
    async with db.read_only() as session:
        purchase = await session.get(Purchase, purchase_id)
    return purchase if purchase and purchase.user_id == user_id else None


async def save_checkout_message(db: Database, purchase_id: UUID, message_id: int) -> None:
    """Which message shows the checkout: it is edited once the money is there."""
    async with db.unit_of_work() as session:
        await session.execute(
            update(Purchase).where(Purchase.id == purchase_id).values(message_id=message_id)
        )


async def cancel_order(db: Database, purchase_id: UUID, user_id: int) -> Purchase:
    """Raises PurchaseGoneError when there is nothing left to cancel."""
    async with db.unit_of_work() as session:
        cancelled = await session.execute(
            update(Purchase)
            .where(
                Purchase.id == purchase_id,
                Purchase.user_id == user_id,
                Purchase.status.in_(get_source_statuses(PurchaseStatus.CANCELLED)),
            )
            .values(status=PurchaseStatus.CANCELLED)
            .returning(Purchase)
        )
        purchase = cancelled.scalar_one_or_none()
        if purchase is None:
            raise PurchaseGoneError
        wake_invoice_deletion(session)
    PURCHASES.labels(PurchaseStatus.CANCELLED).inc()
    return purchase


async def _require_order(session: AsyncSession, purchase_id: UUID, user_id: int) -> Purchase:
    """Also one that is paid: the tap came twice."""
    purchase = await session.get(Purchase, purchase_id, with_for_update=True)
    if purchase is not None and purchase.user_id == user_id and purchase.status in SOLD_STATUSES:
        return purchase
    return await require_open_order(session, purchase_id, user_id)


async def _choose_payment_method(
    session: AsyncSession, purchase: Purchase, payment_method: PaymentMethod
) -> Purchase:
    """The order with its payment method and charge; a copy of it where another was chosen."""
    if purchase.provider == payment_method.name:
        return purchase
    if purchase.provider is not None:
        purchase = await copy_order(session, purchase)
    settings = await shop_settings.load_shop_settings(session)
    if payment_method.name in settings.ways_off and not purchase.quote.is_free:
        raise PaymentMethodClosedError
    if payment_method.name == BALANCE_METHOD:
        await _take_from_balance(session, purchase)
    charge = payment_method.price(purchase.due, settings)
    if charge is None:
        raise PaymentMethodClosedError
    purchase.provider = payment_method.name
    purchase.charge_minor, purchase.charge_currency = charge.minor, charge.currency
    purchase.chosen_at = clock.now()
    return purchase


async def _take_from_balance(session: AsyncSession, purchase: Purchase) -> None:
    if purchase.kind is PurchaseKind.TOP_UP:
        raise PaymentMethodClosedError
    purchase.from_balance_minor = 0
    balance = await get_balance(session, purchase.user_id, purchase.currency)
    if balance.minor < purchase.due.minor:
        raise BalanceShortError
    purchase.from_balance_minor = purchase.due.minor


async def _check_balance(session: AsyncSession, payment_method: str, purchase_id: UUID) -> None:
    """Another order may have taken it since the method was chosen: this one then stays open."""
    if payment_method != BALANCE_METHOD:
        return
    purchase = await session.get_one(Purchase, purchase_id)
    await lock_user(session, purchase.user_id)
    await session.refresh(purchase)
    balance = await get_balance(session, purchase.user_id, purchase.currency)
    if purchase.status not in SOLD_STATUSES and balance.minor < purchase.from_balance_minor:
        raise BalanceShortError
