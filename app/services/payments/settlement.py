"""What a paid invoice does: ledger, purchase, subscription and messages in one transaction (P2)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.money import Money
from app.core.tracing import begin_trace
from app.db.models import EntryKind, EventOutcome, Purchase, User
from app.domain import anonymous_users
from app.domain.payments import (
    OPEN_STATUSES,
    SOLD_STATUSES,
    PaymentVerdict,
    PurchaseKind,
    PurchaseStatus,
    build_payment_key,
    compare_payment,
    get_source_statuses,
    parse_invoice_payload,
)
from app.domain.ports import Invoice, InvoiceStatus
from app.domain.shop_settings import ShopSettings
from app.services import audit
from app.services.ledger import add_ledger_entry, get_balance
from app.services.notifications.attention import request_attention
from app.services.notifications.notify import Notification, notify
from app.services.payments.provider_refunds import select_waiting_refund_id, settle_waiting_refund
from app.services.promotions.referrals import reward_referrer
from app.services.purchases.offer_check import (
    OfferCheck,
    check_order_offer,
    is_change_base_unchanged,
    remove_lost_promo_code,
)
from app.services.purchases.order_closing import close_orders
from app.services.purchases.sales import PaidInvoice, complete_sale
from app.services.shop_settings import parse_shop_settings, select_shop_settings


@dataclass(frozen=True, slots=True)
class _LockedOrder:
    """`waiting_refund_id`: the event of a refund that came before its payment."""

    user: User  # held here, so that the session remembers it for those who ask for it
    purchase: Purchase
    shop: ShopSettings
    waiting_refund_id: int | None


async def settle_invoice(session: AsyncSession, provider: str, invoice: Invoice) -> EventOutcome:
    """Make the payment true, once, however often and by whichever path it arrives.

    Money in the right currency always reaches the ledger; the sale follows when it suffices.
    """
    if invoice.status is not InvoiceStatus.PAID:
        return EventOutcome.IGNORED
    with begin_trace("settle payment", provider=provider) as span:
        outcome = await _settle(session, provider, invoice)
        span.set_attribute("outcome", outcome.value)
        return outcome


async def _settle(session: AsyncSession, provider: str, invoice: Invoice) -> EventOutcome:
    order = await _lock_order(session, provider, invoice)
    if order is None:
        await _request_attention(session, "payment-unmatched", invoice)
        return EventOutcome.UNMATCHED
    is_erased = anonymous_users.is_anonymous(order.purchase.user_id)
    settle_order = _settle_erased if is_erased else _settle_order
    outcome = await settle_order(session, provider, invoice, order)
    if order.waiting_refund_id is not None:
        await settle_waiting_refund(
            session, order.waiting_refund_id, provider, invoice.payment_reference
        )
    return outcome


async def _settle_order(
    session: AsyncSession, provider: str, invoice: Invoice, order: _LockedOrder
) -> EventOutcome:
    purchase, was_open = order.purchase, order.purchase.status in OPEN_STATUSES
    charge = purchase.charge or purchase.due
    verdict, paid = compare_payment(charge, invoice.amount, invoice.currency)
    money = _to_credited_money(purchase, charge, verdict, paid)
    # Without a payload it was found by the invoice's id, which our own row holds: it is ours.
    is_foreign = invoice.payload and parse_invoice_payload(invoice.payload) != (
        purchase.id,
        purchase.user_id,
    )
    if is_foreign or money is None:
        await _request_attention(session, "payment-foreign", invoice, purchase)
        await _close_order(session, purchase)
        return EventOutcome.DISPUTED
    if not await _credit_payment(session, purchase, provider, invoice, money):
        return EventOutcome.REPEATED
    payment_key = build_payment_key(provider, invoice.payment_reference)
    await reward_referrer(session, purchase, payment_key, money, order.shop)
    paid_at = min(invoice.paid_at or clock.now(), clock.now())
    problem = await _find_problem(session, purchase, verdict, money, paid_at)
    offer = None if problem else await check_order_offer(session, purchase, paid_at)
    if offer is None or not offer.holds:
        if money.minor:
            problem = problem or "payment-offer-over"
            await _leave_on_balance(session, problem, invoice, purchase, offer)
        await _close_order(session, purchase)
        return EventOutcome.DISPUTED
    if offer.has_lost_code:
        await remove_lost_promo_code(session, purchase)
    paid_invoice = PaidInvoice(provider, invoice.invoice_id, invoice.payment_reference)
    await complete_sale(session, purchase, order.shop, paid_invoice)
    if not was_open:  # a copy cancels what it was made of: no more than one of them is open
        await _close_copies(session, purchase)
    if verdict is PaymentVerdict.OVER:
        await _request_attention(session, "payment-over", invoice, purchase)
    return EventOutcome.SETTLED


async def _settle_erased(
    session: AsyncSession, provider: str, invoice: Invoice, order: _LockedOrder
) -> EventOutcome:
    """The order's user has erased their data: it is booked, and an operator decides."""
    purchase = order.purchase
    charge = purchase.charge or purchase.due
    money = _to_credited_money(
        purchase, charge, *compare_payment(charge, invoice.amount, invoice.currency)
    )
    if money is not None and not await _credit_payment(session, purchase, provider, invoice, money):
        return EventOutcome.REPEATED
    await request_attention(
        session,
        f"payment-erased:{invoice.payment_reference}",
        "operator-payment-erased",
        provider=provider,
        invoice=invoice.invoice_id,
        paid=format_paid_amount(invoice),
    )
    return EventOutcome.DISPUTED


async def _lock_order(
    session: AsyncSession, provider: str, invoice: Invoice
) -> _LockedOrder | None:
    """By the invoice; by our payload where the invoice's id never reached us.

    The second time also for what its user has erased while the first waited for them.
    """
    is_invoice = and_(Purchase.provider == provider, Purchase.invoice_id == invoice.invoice_id)
    ours = parse_invoice_payload(invoice.payload)
    either = is_invoice if ours is None else or_(is_invoice, Purchase.id == ours[0])
    refund_id = select_waiting_refund_id(provider, invoice.payment_reference)
    # The user first, as everywhere: PostgreSQL locks a row's tables in the order of their names in
    # "FOR UPDATE OF".
    query = (
        select(User, Purchase, select_shop_settings(), refund_id)
        .join(Purchase, Purchase.user_id == User.id)
        .order_by(is_invoice.desc().nulls_last())
        .with_for_update(key_share=True, of=(User, Purchase))
        .execution_options(populate_existing=True)
    )
    for found in (is_invoice, either):
        row = (await session.execute(query.where(found))).first()
        if row is not None:
            user, purchase, shop, waiting_refund_id = row
            return _LockedOrder(user, purchase, parse_shop_settings(shop), waiting_refund_id)
    return None


def _to_credited_money(
    purchase: Purchase, charge: Money, verdict: PaymentVerdict, paid: Money | None
) -> Money | None:
    """In the price's currency; None where only an operator can say what the money is worth."""
    if charge.currency == purchase.currency:
        return paid
    return purchase.due if verdict is PaymentVerdict.EXACT else None


async def _credit_payment(
    session: AsyncSession, purchase: Purchase, provider: str, invoice: Invoice, money: Money
) -> bool:
    """Whether this payment is new. A zero charge is none: the purchase itself says then."""
    if money.minor == 0:
        return purchase.status not in SOLD_STATUSES
    return await add_ledger_entry(
        session,
        build_payment_key(provider, invoice.payment_reference),
        purchase.user_id,
        EntryKind.PAYMENT,
        money,
        purchase_id=purchase.id,
    )


async def _find_problem(
    session: AsyncSession,
    purchase: Purchase,
    verdict: PaymentVerdict,
    money: Money,
    paid_at: datetime,
) -> str | None:
    """Why the sale cannot follow the money; its text's key."""
    if purchase.status in SOLD_STATUSES:
        return "payment-second"
    if verdict is PaymentVerdict.UNDER:
        return "payment-short"
    if purchase.kind is PurchaseKind.TOP_UP:
        return None
    if not await is_change_base_unchanged(session, purchase, paid_at):
        return "payment-changed"
    if await _is_balance_short(session, purchase, money):
        return "payment-balance-short"  # its part was spent on something else meanwhile
    return None


async def _is_balance_short(session: AsyncSession, purchase: Purchase, money: Money) -> bool:
    missing_minor = purchase.cost.minor - purchase.credit_minor
    if missing_minor <= money.minor:
        return False  # whatever else the balance holds
    balance = await get_balance(session, purchase.user_id, purchase.currency)
    return balance.minor < missing_minor


async def _close_order(session: AsyncSession, purchase: Purchase) -> None:
    """Its invoice is used up: the next order must make another one, and its page says so."""
    if purchase.status not in get_source_statuses(PurchaseStatus.EXPIRED):
        return
    purchase.status = PurchaseStatus.EXPIRED
    if purchase.message_id is not None:
        await notify(
            session,
            build_invoice_closed_notification(
                purchase.id,
                purchase.kind,
                purchase.user_id,
                purchase.message_id,
                purchase.subscription_id,
            ),
        )


def build_invoice_closed_notification(
    id_: UUID, kind: PurchaseKind, user_id: int, message_id: int, subscription_id: int | None
) -> Notification:
    """What the order's own message becomes."""
    template = "top-up-expired" if kind is PurchaseKind.TOP_UP else "invoice-expired"
    about = {"subscription": subscription_id}
    return Notification(f"expired:{id_}", user_id, template, about, edit_message_id=message_id)


async def _close_copies(session: AsyncSession, purchase: Purchase) -> None:
    """Nobody shall pay by mistake for what was just paid by another method."""
    await close_orders(
        session,
        Purchase.user_id == purchase.user_id,
        Purchase.id != purchase.id,
        func.coalesce(Purchase.original_id, Purchase.id) == purchase.first_id,
    )


async def _leave_on_balance(
    session: AsyncSession,
    template: str,
    invoice: Invoice,
    purchase: Purchase,
    offer: OfferCheck | None,
) -> None:
    """The money is the user's, the decision an operator's."""
    values: dict[str, str | int | None] = {
        "paid": format_paid_amount(invoice),
        "price": str(purchase.cost),
        "subscription": purchase.subscription_id,
    }
    user_template = template
    if offer is not None and purchase.extra_id is not None:
        user_template = "payment-extra-over"
        values |= {"kind": purchase.extra_kind, "has_ended": int(offer.has_ended)}
    elif offer is not None:
        values |= {
            "today": str(offer.today) if offer.today else None,
            "term": purchase.term_id,
            "is_separate": int(purchase.is_separate),
            "is_gift": int(purchase.is_gift),
        }
    await notify(
        session,
        Notification(
            f"{template}:{invoice.payment_reference}",
            purchase.user_id,
            user_template,
            values,
        ),
    )
    audit.record_audit_entry(
        session,
        "payments",
        "payment_left_on_balance",
        f"purchase:{purchase.id}",
        invoice=invoice.invoice_id,
        reason=template,
        paid=format_paid_amount(invoice),
        price=str(purchase.cost),
    )
    await _request_attention(session, template, invoice, purchase)


async def _request_attention(
    session: AsyncSession,
    problem: str,
    invoice: Invoice,
    purchase: Purchase | None = None,
) -> None:
    await request_attention(
        session,
        f"{problem}:{invoice.payment_reference}",
        f"operator-{problem}",
        invoice=invoice.invoice_id,
        paid=format_paid_amount(invoice),
        price=str(purchase.cost) if purchase else None,
        person=purchase.user_id if purchase else None,
    )


def format_paid_amount(invoice: Invoice) -> str:
    """As the provider says it, but bounded: Telegram refuses a message that is too long."""
    return f"{invoice.amount[:32] or '?'} {invoice.currency[:16]}".strip()
