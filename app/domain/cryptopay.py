"""What Crypto Pay sends, read without I/O: the webhook and the client share these rules."""

import hashlib
import hmac
from typing import Annotated, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from app.domain.ports import Invoice, InvoiceStatus


class InvoiceModel(BaseModel):
    """Crypto Pay's Invoice, https://help.crypt.bot/crypto-pay-api#Invoice; the rest is ignored."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    invoice_id: Annotated[int, Field(gt=0, lt=1 << 63)]
    status: InvoiceStatus
    currency_type: Literal["crypto", "fiat"] = "crypto"  # absent before API 1.2
    asset: str | None = None
    fiat: str | None = None
    amount: str
    bot_invoice_url: str
    payload: str | None = None
    paid_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _check_currency(self) -> "InvoiceModel":
        if not self.currency:
            raise ValueError("an invoice without its currency")
        return self

    @property
    def currency(self) -> str | None:
        return self.fiat if self.currency_type == "fiat" else self.asset

    def to_invoice(self) -> Invoice:
        return Invoice(
            invoice_id=str(self.invoice_id),
            status=self.status,
            amount=self.amount,
            currency=self.currency or "",
            payload=self.payload or "",
            pay_url=self.bot_invoice_url,
            paid_at=self.paid_at,
        )


class _Event(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    # ASCII: a table of all letters of the world, 64 times, takes 7 MB.
    update_type: Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,64}$")]
    payload: InvoiceModel


def verify_signature(token: str, body: bytes, signature: str) -> bool:
    """Over the unparsed body, in constant time; `signature` is the header's hexadecimal text."""
    key = hashlib.sha256(token.encode()).digest()
    expected = hmac.new(key, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode())


def parse_event(body: bytes) -> tuple[str, Invoice]:
    """Update type and invoice; raises ValueError for a body that is no event.

    `update_id` is left out on purpose: Crypto Pay documents it as not unique.
    """
    try:
        event = _Event.model_validate_json(body)
    except ValidationError as error:
        raise ValueError(f"no Crypto Pay event: {error.error_count()} problems") from None
    return event.update_type, event.payload.to_invoice()
