"""A purchase's states and what a payment means for it."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.external_values import to_bounded_key
from app.core.money import Money


class PurchaseKind(StrEnum):
    PLAN = "plan"  # ordered by a user
    RENEWAL = "renewal"  # by auto_renewal, from the balance
    TOP_UP = "top_up"  # money for the balance, nothing else
    TRIAL = "trial"
    GIFT = "gift"  # for nothing: days of a promo code or for a friend, or a redeemed gift


class PurchaseStatus(StrEnum):
    CREATED = "created"  # our row exists, no provider knows of it yet
    PENDING = "pending"  # an invoice waits to be paid
    PAID = "paid"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"  # money and access were taken back


class Payout(StrEnum):
    """How far refunded money is that goes back through its provider."""

    DUE = "due"
    DONE = "done"
    REFUSED = "refused"  # by the provider: operators were notified


# The price that is shown holds so long, and nothing prolongs it (P15).
ORDER_LIFETIME: Final = timedelta(hours=1)
# For a payment that was let through in the last second of an order's life.
PAYMENT_GRACE: Final = timedelta(minutes=2)

OPEN_STATUSES: Final = frozenset({PurchaseStatus.CREATED, PurchaseStatus.PENDING})
SOLD_STATUSES: Final = frozenset({PurchaseStatus.PAID, PurchaseStatus.REFUNDED})

# PAID beats EXPIRED and CANCELLED however late (P1), and only a refund follows PAID.
PURCHASE_TRANSITIONS: Final[dict[PurchaseStatus, frozenset[PurchaseStatus]]] = {
    PurchaseStatus.CREATED: frozenset(
        {
            PurchaseStatus.PENDING,
            PurchaseStatus.PAID,
            PurchaseStatus.EXPIRED,
            PurchaseStatus.CANCELLED,
        }
    ),
    PurchaseStatus.PENDING: frozenset(
        {PurchaseStatus.PAID, PurchaseStatus.EXPIRED, PurchaseStatus.CANCELLED}
    ),
    PurchaseStatus.EXPIRED: frozenset({PurchaseStatus.PAID}),
    PurchaseStatus.CANCELLED: frozenset({PurchaseStatus.PAID}),
    PurchaseStatus.PAID: frozenset({PurchaseStatus.REFUNDED}),
    PurchaseStatus.REFUNDED: frozenset(),
}


def get_source_statuses(target: PurchaseStatus) -> frozenset[PurchaseStatus]:
    """The states from which `target` may be reached: the guard of a conditional UPDATE."""
    return frozenset(state for state, targets in PURCHASE_TRANSITIONS.items() if target in targets)


def is_paid_in_time(paid_at: datetime, expires_at: datetime) -> bool:
    """Whether the price that was shown still held when the money came."""
    return paid_at <= expires_at + PAYMENT_GRACE


class PaymentVerdict(StrEnum):
    EXACT = "exact"
    OVER = "over"
    UNDER = "under"
    FOREIGN = "foreign"  # another currency, or an amount that is no amount of it


def compare_payment(
    charge: Money, amount: str, currency: str
) -> tuple[PaymentVerdict, Money | None]:
    """Compare what was paid with what was asked for; None where the money can't be credited."""
    if currency != charge.currency:
        return PaymentVerdict.FOREIGN, None
    try:
        paid = Money.parse(amount, currency)
    except ValueError:
        return PaymentVerdict.FOREIGN, None
    if paid.minor == charge.minor:
        return PaymentVerdict.EXACT, paid
    if paid.minor <= 0:
        return PaymentVerdict.FOREIGN, None
    return (PaymentVerdict.OVER if paid.minor > charge.minor else PaymentVerdict.UNDER), paid


def build_invoice_payload(purchase_id: UUID, user_id: int) -> str:
    return f"{purchase_id}.{user_id}"


def parse_invoice_payload(payload: str) -> tuple[UUID, int] | None:
    """Purchase and owner; None for a payload that is not ours."""
    purchase, _, user = payload.partition(".")
    try:
        return UUID(purchase), int(user)
    except ValueError:
        return None


def build_payment_key(provider: str, payment_id: str) -> str:
    """Of the ledger's entry for money that came in: what makes it count once (P2)."""
    return build_payment_key_prefix(provider) + to_bounded_key(payment_id)


def build_payment_key_prefix(provider: str) -> str:
    """What the keys of all its payments begin with; the rest is the payment's `to_bounded_key`."""
    return f"payment:{provider}:"
