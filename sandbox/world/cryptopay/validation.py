"""Checks a createInvoice call and names what is wrong as Crypto Pay does."""

import re
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, JsonValue

from sandbox.world.cryptopay.errors import CryptoPayError
from sandbox.world.cryptopay.rates import ASSETS, FIATS

_AMOUNT = re.compile(r"\d{1,18}(?:\.\d{1,18})?")
_LARGEST_USD = Decimal(25_000)
_SMALLEST_USD = Decimal("0.01")
_SWAPPABLE = {"USDT", "TON", "TRX", "ETH", "SOL", "BTC", "LTC"} & ASSETS.keys()
_BUTTONS = {"viewItem", "openChannel", "openBot", "callback"}
_TRUE = {"true", "1"}
_FALSE = {"false", "0"}
_MAX_DESCRIPTION = 1024
_MAX_HIDDEN_MESSAGE = 2048
_MAX_PAYLOAD_BYTES = 4096
_MAX_URL = 2048
_MAX_EXPIRES_IN_SECONDS = 2_678_400

Values = dict[str, JsonValue]


class InvoiceOrder(BaseModel):
    """A createInvoice call that is in order."""

    currency_type: Literal["crypto", "fiat"]
    asset: str | None
    fiat: str | None
    accepted_assets: list[str] | None
    amount: Decimal
    description: str | None
    hidden_message: str | None
    paid_btn_name: str | None
    paid_btn_url: str | None
    payload: str | None
    allow_comments: bool
    allow_anonymous: bool
    expires_in_seconds: int | None
    swap_to: str | None


def read_order(values: Values) -> InvoiceOrder:
    """Raise CryptoPayError with the first thing that is wrong."""
    kind = text(values, "currency_type") or "crypto"
    if kind not in ("crypto", "fiat"):
        raise CryptoPayError("CURRENCY_TYPE_INVALID")
    crypto = kind == "crypto"
    asset = _member(values, "asset", ASSETS, "UNSUPPORTED_ASSET") if crypto else None
    fiat = None if crypto else _member(values, "fiat", FIATS, "UNSUPPORTED_FIAT")
    button = text(values, "paid_btn_name")
    return InvoiceOrder(
        currency_type="crypto" if crypto else "fiat",
        asset=asset,
        fiat=fiat,
        accepted_assets=_accepted_assets(values, crypto=crypto),
        amount=_amount(values, ASSETS[asset] if asset else FIATS[fiat or "USD"]),
        description=_short(values, "description", _MAX_DESCRIPTION),
        hidden_message=_short(values, "hidden_message", _MAX_HIDDEN_MESSAGE),
        paid_btn_name=button,
        paid_btn_url=_button_url(values, button),
        payload=_payload(values),
        allow_comments=_flag(values, "allow_comments"),
        allow_anonymous=_flag(values, "allow_anonymous"),
        expires_in_seconds=_expires_in(values),
        swap_to=_swap_to(values),
    )


def text(values: Values, name: str) -> str | None:
    """A value as a string, None when missing or empty."""
    value = values.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, (dict, list)):
        raise CryptoPayError(f"{name.upper()}_INVALID")
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def whole(values: Values, name: str, *, lowest: int, highest: int) -> int | None:
    value = text(values, name)
    if value is None:
        return None
    if not value.isascii() or not value.isdigit() or not lowest <= int(value[:20]) <= highest:
        raise CryptoPayError(f"{name.upper()}_INVALID")
    return int(value)


def _member(values: Values, name: str, known: dict[str, Decimal], error: str) -> str:
    value = text(values, name)
    if value is None:
        raise CryptoPayError(f"{name.upper()}_REQUIRED")
    if value not in known:
        raise CryptoPayError(error)
    return value


def _accepted_assets(values: Values, *, crypto: bool) -> list[str] | None:
    listed = text(values, "accepted_assets")
    if listed is None:
        return None if crypto else list(ASSETS)
    assets = [asset.strip() for asset in listed.split(",")]
    if crypto or not set(assets) <= set(ASSETS):
        raise CryptoPayError("ACCEPTED_ASSETS_INVALID")
    return assets


def _amount(values: Values, usd_rate: Decimal) -> Decimal:
    value = text(values, "amount")
    if value is None:
        raise CryptoPayError("AMOUNT_REQUIRED")
    if not _AMOUNT.fullmatch(value) or not Decimal(value):
        raise CryptoPayError("AMOUNT_INVALID")
    amount = Decimal(value)
    if amount * usd_rate > _LARGEST_USD:
        raise CryptoPayError("AMOUNT_TOO_BIG")
    if amount * usd_rate < _SMALLEST_USD:
        raise CryptoPayError("AMOUNT_TOO_SMALL")
    return amount


def _swap_to(values: Values) -> str | None:
    asset = text(values, "swap_to")
    if asset is not None and asset not in _SWAPPABLE:
        raise CryptoPayError("SWAP_TO_INVALID")
    return asset


def _short(values: Values, name: str, longest: int) -> str | None:
    value = text(values, name)
    if value is not None and len(value) > longest:
        raise CryptoPayError(f"{name.upper()}_TOO_LONG")
    return value


def _payload(values: Values) -> str | None:
    payload = text(values, "payload")
    if payload is not None and len(payload.encode()) > _MAX_PAYLOAD_BYTES:
        raise CryptoPayError("PAYLOAD_TOO_LONG")
    return payload


def _button_url(values: Values, button: str | None) -> str | None:
    url = text(values, "paid_btn_url")
    if button is None:
        return None
    if button not in _BUTTONS:
        raise CryptoPayError("PAID_BTN_NAME_INVALID")
    if url is None:
        raise CryptoPayError("PAID_BTN_URL_REQUIRED")
    if not url.startswith(("https://", "http://")) or len(url) > _MAX_URL:
        raise CryptoPayError("PAID_BTN_URL_INVALID")
    return url


def _flag(values: Values, name: str) -> bool:
    value = (text(values, name) or "true").lower()
    if value not in _TRUE | _FALSE:
        raise CryptoPayError(f"{name.upper()}_INVALID")
    return value in _TRUE


def _expires_in(values: Values) -> int | None:
    return whole(values, "expires_in", lowest=1, highest=_MAX_EXPIRES_IN_SECONDS)
