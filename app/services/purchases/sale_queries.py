"""What counts as a sale, wherever sales are counted."""

from typing import Final

from sqlalchemy import ColumnElement, and_

from app.db.models import Purchase
from app.domain.payments import PurchaseKind, PurchaseStatus

SALE_COST: Final[ColumnElement[int]] = Purchase.price_minor - Purchase.discount_minor
_SALES: Final = (PurchaseKind.PLAN, PurchaseKind.RENEWAL)


def is_sale(purchase: type[Purchase] = Purchase) -> ColumnElement[bool]:
    """Paid for and not refunded; what cost nothing is none. `purchase` may be an alias."""
    return and_(
        purchase.status == PurchaseStatus.PAID,
        purchase.kind.in_(_SALES),
        purchase.price_minor > purchase.discount_minor,
    )
