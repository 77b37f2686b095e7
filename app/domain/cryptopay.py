"""What Crypto Pay sends, read without I/O: the webhook and the client share these rules.

Each field is read by itself: one of an unknown shape must not cost the payment that the others
describe. What can't be read is left empty, and the rules of `services/payments` object to it.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from app.core.external_values import to_bounded_key, to_storable_text
from app.domain.ports import Invoice, InvoiceStatus

_INVOICE_ID: Final = re.compile(r"0*([1-9][0-9]*)(?:\.0+)?")
_PLAIN_AMOUNT: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,18})?")
_AMOUNT: Final = re.compile(r"\+?(?:[0-9]+\.?|[0-9]*\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_MAX_DIGITS: Final = 100
_HINT_PATTERNS: Final = {
    name: re.compile(rf'"{name}"\s*:\s*"?([^\s",{{}}\[\]]{{1,32}})')
    for name in ("invoice_id", "hash", "amount", "fiat", "asset")
}


def verify_cryptopay_signature(token: str, body: bytes, signature: str) -> bool:
    """Over the unparsed body, in constant time; `signature` is the header's hexadecimal text."""
    key = hashlib.sha256(token.encode()).digest()
    expected = hmac.new(key, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode())


def parse_json(body: bytes) -> object:
    """Numbers are the text that was sent, because 4.99 is no float (P9). Raises ValueError."""
    text = body.decode("utf-8-sig", errors="replace")
    try:
        loaded: object = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        raise ValueError("no JSON") from None
    return loaded


def parse_cryptopay_event(body: bytes) -> tuple[str, Invoice] | None:
    """Update type, in lower case, and invoice; None where no invoice is named.

    `update_id` is left out on purpose: Crypto Pay documents it as not unique.
    """
    try:
        event = parse_json(body)
    except ValueError:
        return None
    if not isinstance(event, dict):
        return None
    invoice = parse_cryptopay_invoice(event.get("payload")) or parse_cryptopay_invoice(event)
    return (_text(event.get("update_type")).lower(), invoice) if invoice else None


def parse_cryptopay_invoice(value: object) -> Invoice | None:
    """https://help.crypt.bot/crypto-pay-api#Invoice; None without its id."""
    if isinstance(value, str):
        with suppress(ValueError):
            value = parse_json(value.encode(errors="replace"))
    if not isinstance(value, dict) or not _text(value.get("invoice_id")):
        return None
    return Invoice(
        invoice_id=_invoice_id(_text(value["invoice_id"])),
        status=_status(_text(value.get("status"))),
        amount=_amount(_text(value.get("amount"))),
        currency=_currency(value),
        payload=_payload(value.get("payload")),
        pay_url=_text(value.get("bot_invoice_url")) or _text(value.get("pay_url")) or None,
        paid_at=_instant(_text(value.get("paid_at"))),
    )


def extract_cryptopay_invoice_hints(body: bytes) -> tuple[str, str]:
    """Of a body that can't be read: what names its invoice, and the sum, for operators."""
    text = to_storable_text(body.decode(errors="replace"))
    found = {name: pattern.search(text) for name, pattern in _HINT_PATTERNS.items()}
    said = {name: match[1] for name, match in found.items() if match and match[1] != "null"}
    invoice = said.get("invoice_id") or said.get("hash") or ""
    return invoice, f"{said.get('amount', '')} {said.get('fiat') or said.get('asset', '')}".strip()


def _text(value: object) -> str:
    """Numbers have come as their text; what is neither is as good as absent."""
    return to_storable_text(value).strip() if isinstance(value, str) else ""


def _invoice_id(text: str) -> str:
    number = _INVOICE_ID.fullmatch(text)
    return to_bounded_key(number[1] if number else text)


def _status(text: str) -> InvoiceStatus:
    with suppress(ValueError):
        return InvoiceStatus(text.lower())
    return InvoiceStatus.UNKNOWN


def _amount(text: str) -> str:
    """4.99e0 and 04.990 are 4.99; what is no sum of this world stays as it was sent."""
    if _PLAIN_AMOUNT.fullmatch(text) or not _AMOUNT.fullmatch(text) or len(text) > _MAX_DIGITS:
        return text
    plain = f"{Decimal(text):f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _currency(value: Mapping[str, object]) -> str:
    """Of the amount; empty where it isn't said which of two."""
    fiat, asset = (_text(value.get(name)).upper() for name in ("fiat", "asset"))
    match _text(value.get("currency_type")).lower():
        case "fiat":
            return fiat
        case "crypto":
            return asset
    return "" if fiat and asset else fiat or asset  # absent before API 1.2


def _payload(value: object) -> str:
    """Empty where nothing came back; of another shape it is not ours."""
    if value is None or isinstance(value, str):
        return _text(value)
    return to_storable_text(json.dumps(value))


def _instant(text: str) -> datetime | None:
    with suppress(ValueError):
        value = datetime.fromisoformat(text)
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return None
