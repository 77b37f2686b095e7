"""What Telegram says of a payment with Stars, as an invoice: its updates and its books agree."""

import json
import re
from datetime import datetime
from typing import Final

from app.core.foreign import storable, to_key
from app.domain.payments import from_payload
from app.domain.ports import Invoice, InvoiceStatus

STARS: Final = "stars"
CURRENCY: Final = "XTR"


_CLUES: Final = {
    name: re.compile(rf'"{name}"\s*:\s*"?([^\s",{{}}\[\]]{{1,100}})')
    for name in ("telegram_payment_charge_id", "invoice_payload", "total_amount", "currency")
}


def find_clues(body: bytes) -> tuple[str, str]:
    """Of a body that can't be read: what names its payment, and the sum, for a person to see."""
    text = storable(body.decode(errors="replace"))
    said = {name: match[1] for name, clue in _CLUES.items() if (match := clue.search(text))}
    payment = said.get("telegram_payment_charge_id") or said.get("invoice_payload") or ""
    return payment, f"{said.get('total_amount', '')} {said.get('currency', '')}".strip()


def read_payment(body: bytes) -> Invoice | None:
    """Of an update that told of a payment, what names it; None where that can't be read."""
    try:
        told = json.loads(body.decode(errors="replace"), parse_int=str)
        payment = told["message"]["successful_payment"]
        return Invoice(
            invoice_id="",
            status=InvoiceStatus.PAID,
            amount=str(payment["total_amount"]),
            currency=storable(payment["currency"]),
            payload=storable(payment["invoice_payload"]),
            pay_url=None,
            payment_id=storable(payment["telegram_payment_charge_id"]),
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def to_invoice_id(payload: str) -> str | None:
    """Telegram gives its invoices no id: ours is the purchase's. None for a foreign payload."""
    ours = from_payload(payload)
    return str(ours[0]) if ours else None


def paid_invoice(
    payload: str, amount: int, charge_id: str, paid_at: datetime, currency: str = CURRENCY
) -> Invoice:
    """`charge_id` is the payment's own: one link can be paid twice."""
    return Invoice(
        # A foreign one is shown to the operator, who can find it by its charge only.
        invoice_id=to_invoice_id(payload) or to_key(charge_id),
        status=InvoiceStatus.PAID,
        amount=str(amount),
        currency=currency,
        payload=storable(payload),
        pay_url=None,
        paid_at=paid_at,
        payment_id=storable(charge_id),
    )
