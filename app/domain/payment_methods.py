"""What a payment method charges: the part of it that is a rule, and no call."""

from collections.abc import Callable
from dataclasses import dataclass

from app.core.errors import ExpectedError
from app.core.money import Money
from app.domain.shop_settings import ShopSettings


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """`price`: what it charges, in its own currency; None for what cannot be paid by it."""

    name: str
    price: Callable[[Money, ShopSettings], Money | None]
    # Whether its provider's `refund` sends money back; else refunds go to the user's balance.
    refunds: bool = False
    # Whether an open invoice of it can be deleted, so that nobody pays it any more.
    deletes: bool = False
    # Whether its invoices stay open for ever, and may be paid again: the provider asks us before.
    never_ends: bool = False


BALANCE_METHOD = "balance"


class PaymentMethodClosedError(ExpectedError):
    text_key = "error-method-closed"
