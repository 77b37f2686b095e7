"""The sale itself: what follows once a purchase's money is in the ledger, however it began."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.metrics import PURCHASES
from app.core.money import Money
from app.db.models import EntryKind, EventOutcome, Purchase, Subscription
from app.domain.messages import DeliveryGuarantee
from app.domain.payments import PurchaseKind, PurchaseStatus, get_source_statuses
from app.domain.shop_settings import ShopSettings
from app.services import audit
from app.services.access.extras import build_extra_values, grant_extra
from app.services.access.grants import grant_access
from app.services.ledger import add_ledger_entry, get_balance
from app.services.notifications.notify import Notification, notify
from app.services.notifications.receipts import RECEIPT_DELAY, build_receipt_key
from app.services.purchases import promo_codes
from app.services.purchases.gifts import create_gift, notify_gift_paid
from app.services.purchases.order_results import build_order_result


@dataclass(frozen=True, slots=True)
class PaidInvoice:
    """What paid a purchase outside: a refund needs it."""

    provider: str
    invoice_id: str
    payment_id: str


async def complete_sale(
    session: AsyncSession,
    purchase: Purchase,
    shop: ShopSettings,
    paid: PaidInvoice | None = None,
) -> Subscription | None:
    """The sale itself, once its money is in the ledger; the caller has locked the user.

    The subscription it went to; None for a top-up and for a gift. Raises when the balance does not
    suffice.
    """
    was = purchase.status
    if was not in get_source_statuses(PurchaseStatus.PAID):
        raise ValueError(f"a purchase that is {was} cannot be paid")
    subscription = gift = None
    if purchase.kind is not PurchaseKind.TOP_UP:
        await _add_sale_entries(session, purchase)
        if purchase.is_gift:
            gift = await create_gift(session, purchase)
        elif purchase.extra_id is not None:
            subscription = await grant_extra(session, purchase)
        else:
            subscription = await grant_access(session, purchase, shop)
    if purchase.kind is PurchaseKind.PLAN and purchase.extra_id is None:
        await promo_codes.release_held_promo_code(session, purchase.user_id)
    if paid is not None:
        purchase.provider, purchase.invoice_id = paid.provider, paid.invoice_id
        purchase.payment_id = paid.payment_id
    purchase.status, purchase.paid_at = PurchaseStatus.PAID, clock.now()
    audit.record_audit_entry(
        session,
        "payments",
        "purchase_paid",
        f"purchase:{purchase.id}",
        invoice=purchase.invoice_id,
        kind=purchase.kind,
        was=was,
        subscription=subscription.id if subscription else None,
    )
    if gift is not None:
        await notify_gift_paid(session, purchase, gift)
    else:
        await _notify_paid(session, purchase, subscription)
    return subscription


async def _add_sale_entries(session: AsyncSession, purchase: Purchase) -> None:
    owner, currency = purchase.user_id, purchase.currency
    if purchase.credit_minor:
        credit = Money(purchase.credit_minor, currency)
        key = f"credit:{purchase.id}"
        await add_ledger_entry(
            session, key, owner, EntryKind.CREDIT, credit, purchase_id=purchase.id
        )
    cost = Money(-purchase.cost.minor, currency)
    key = f"sale:{purchase.id}"
    await add_ledger_entry(session, key, owner, EntryKind.SALE, cost, purchase_id=purchase.id)


async def _notify_paid(
    session: AsyncSession, purchase: Purchase, subscription: Subscription | None
) -> None:
    """A receipt for what the user ordered; who makes another kind notifies of it.

    Where access follows, the key may be quicker, and brings it.
    """
    values: dict[str, str | int | None]
    if purchase.kind is PurchaseKind.TOP_UP:
        balance = await get_balance(session, purchase.user_id, purchase.currency)
        template = "topped-up"
        values = {"amount": str(purchase.price), "balance": str(balance)}
    elif purchase.extra_id is not None and subscription is not None:
        template = "extra-paid"
        limits = subscription.traffic_limit_bytes, subscription.device_limit
        values = build_extra_values(purchase, *limits) | {"price": str(purchase.paid)}
    elif purchase.kind is PurchaseKind.PLAN and purchase.cost.minor == 0:
        template, values = "order-confirmed", {"subscription": purchase.subscription_id}
    elif purchase.kind is PurchaseKind.PLAN:
        template = "payment-received"
        values = {"price": str(purchase.paid), "subscription": purchase.subscription_id}
    else:
        return
    result = None
    if subscription is not None and purchase.extra_id is None:
        result = await build_order_result(session, purchase, subscription)
    if result:
        values |= result.to_values()
    await notify(
        session,
        Notification(
            build_receipt_key(purchase.id),
            purchase.user_id,
            template,
            values,
            guarantee=DeliveryGuarantee.AT_LEAST_ONCE,
            edit_message_id=purchase.message_id,
            delay=RECEIPT_DELAY if subscription else timedelta(),
        ),
    )


def count_sale(outcome: EventOutcome) -> None:
    """Once the unit of work around the sale has committed."""
    if outcome is EventOutcome.SETTLED:
        PURCHASES.labels(PurchaseStatus.PAID).inc()
