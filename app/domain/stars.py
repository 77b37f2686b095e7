"""What Telegram says of a payment with Stars, as an invoice: its updates and its books agree."""

import json
import re
from datetime import datetime
from typing import Final

from app.core.external_values import to_bounded_key, to_storable_text
from app.domain.payments import parse_invoice_payload
from app.domain.ports import Invoice, InvoiceStatus

STARS_METHOD: Final = "stars"
STARS_CURRENCY: Final = "XTR"


_HINT_PATTERNS: Final = {
    name: re.compile(rf'"{name}"\s*:\s*"?([^\s",{{}}\[\]]{{1,100}})')
    for name in ("telegram_payment_charge_id", "invoice_payload", "total_amount", "currency")
}


def extract_stars_payment_hints(body: bytes) -> tuple[str, str]:
    """Of a body that can't be read: what names its payment, and the sum, for operators."""
    text = to_storable_text(body.decode(errors="replace"))
    found = {
        name: match[1]
        for name, pattern in _HINT_PATTERNS.items()
        if (match := pattern.search(text))
    }
    payment = found.get("telegram_payment_charge_id") or found.get("invoice_payload") or ""
    return payment, f"{found.get('total_amount', '')} {found.get('currency', '')}".strip()


def parse_stars_payment(body: bytes) -> Invoice | None:
    """Of an update about a payment, what names it; None where that can't be read."""
    try:
        update = json.loads(body.decode(errors="replace"), parse_int=str)
        payment = update["message"]["successful_payment"]
        return Invoice(
            invoice_id="",
            status=InvoiceStatus.PAID,
            amount=str(payment["total_amount"]),
            currency=to_storable_text(payment["currency"]),
            payload=to_storable_text(payment["invoice_payload"]),
            pay_url=None,
            payment_id=to_storable_text(payment["telegram_payment_charge_id"]),
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def to_stars_invoice_id(payload: str) -> str | None:
    """Telegram gives its invoices no id: ours is the purchase's. None for a foreign payload."""
    ours = parse_invoice_payload(payload)
    return str(ours[0]) if ours else None


def build_paid_invoice(
    payload: str, amount: int, charge_id: str, paid_at: datetime, currency: str = STARS_CURRENCY
) -> Invoice:
    """`charge_id` is the payment's own: one link can be paid twice."""
    return Invoice(
        # A foreign one is shown to operators, who can find it by its charge only.
        invoice_id=to_stars_invoice_id(payload) or to_bounded_key(charge_id),
        status=InvoiceStatus.PAID,
        amount=str(amount),
        currency=currency,
        payload=to_storable_text(payload),
        pay_url=None,
        paid_at=paid_at,
        payment_id=to_storable_text(charge_id),
    )
