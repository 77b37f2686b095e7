"""Crypto Pay's webhook: the signature over the raw bytes, and the event in them."""

import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.cryptopay import parse_event, verify_signature
from app.domain.ports import Invoice, InvoiceStatus

_TOKEN = "4242:AApayTokenAAA"
_INVOICE = {
    "invoice_id": 528890,
    "hash": "IVDoTcNBYEfk",
    "currency_type": "fiat",
    "fiat": "USD",
    "amount": "4.90",
    "paid_asset": "USDT",
    "paid_amount": "4.91",
    "status": "paid",
    "bot_invoice_url": "https://t.me/CryptoBot?start=IVDoTcNBYEfk",
    "payload": "ours",
    "paid_at": "2026-08-01T12:00:00.000Z",
    "a_field_of_tomorrow": {"x": 1},
}


def _event(**changes: object) -> bytes:
    event = {
        "update_id": 1,
        "update_type": "invoice_paid",
        "request_date": "2026-08-01T12:00:01Z",
        "payload": _INVOICE | changes,
    }
    return json.dumps(event).encode()


def _sign(body: bytes, token: str = _TOKEN) -> str:
    key = hashlib.sha256(token.encode()).digest()
    return hmac.new(key, body, hashlib.sha256).hexdigest()


@given(st.binary(max_size=200))
def test_a_body_signed_with_the_token_is_believed(body: bytes) -> None:
    assert verify_signature(_TOKEN, body, _sign(body))


@given(st.binary(min_size=1, max_size=200), st.data())
def test_one_changed_bit_is_not_believed(body: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(body) * 8 - 1))
    altered = bytearray(body)
    altered[place // 8] ^= 1 << place % 8

    assert not verify_signature(_TOKEN, bytes(altered), _sign(body))


@given(st.text(max_size=80))
def test_no_text_in_the_header_is_a_crash_or_a_signature(header: str) -> None:
    assert not verify_signature(_TOKEN, _event(), header)


def test_another_apps_signature_is_not_believed() -> None:
    assert not verify_signature(_TOKEN, _event(), _sign(_event(), token="4243:AAother"))


def test_an_event_is_its_type_and_invoice() -> None:
    """P9: the amount stays the string that was sent."""
    assert parse_event(_event()) == (
        "invoice_paid",
        Invoice(
            invoice_id="528890",
            status=InvoiceStatus.PAID,
            amount="4.90",
            currency="USD",
            payload="ours",
            pay_url="https://t.me/CryptoBot?start=IVDoTcNBYEfk",
            paid_at=datetime(2026, 8, 1, 12, tzinfo=UTC),
        ),
    )


def test_a_crypto_invoice_is_in_its_asset() -> None:
    _, invoice = parse_event(_event(currency_type="crypto", asset="USDT", fiat=None))

    assert invoice.currency == "USDT"


def test_an_invoice_without_payload_is_nobodys() -> None:
    _, invoice = parse_event(_event(payload=None))

    assert invoice.payload == ""


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"[" * 5000,
        _event()[:-2],
        _event(amount=4.9),
        _event(status="refunded"),
        _event(fiat=None),
        _event(invoice_id="x"),
        _event(paid_at="2026-08-01T12:00:00"),
    ],
)
def test_what_is_no_event_is_refused_without_its_content(body: bytes) -> None:
    """P12."""
    with pytest.raises(ValueError, match=r"^no Crypto Pay event: \d+ problems$"):
        parse_event(body)
