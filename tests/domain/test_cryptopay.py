"""Crypto Pay's webhook: the signature over the raw bytes, and the event in them."""

import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.cryptopay import (
    extract_cryptopay_invoice_hints,
    parse_cryptopay_event,
    verify_cryptopay_signature,
)
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
    assert verify_cryptopay_signature(_TOKEN, body, _sign(body))


@given(st.binary(min_size=1, max_size=200), st.data())
def test_one_changed_bit_is_not_believed(body: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(body) * 8 - 1))
    altered = bytearray(body)
    altered[place // 8] ^= 1 << place % 8

    assert not verify_cryptopay_signature(_TOKEN, bytes(altered), _sign(body))


@given(st.text(max_size=80))
def test_no_text_in_the_header_is_a_crash_or_a_signature(header: str) -> None:
    assert not verify_cryptopay_signature(_TOKEN, _event(), header)


def test_another_apps_signature_is_not_believed() -> None:
    assert not verify_cryptopay_signature(_TOKEN, _event(), _sign(_event(), token="4243:AAother"))


def test_an_event_is_its_type_and_invoice() -> None:
    """P9: the amount stays the string that was sent."""
    assert parse_cryptopay_event(_event()) == (
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


def _read(**changes: object) -> Invoice:
    event = parse_cryptopay_event(_event(**changes))
    assert event is not None
    return event[1]


def test_a_crypto_invoice_is_in_its_asset() -> None:
    assert _read(currency_type="crypto", asset="USDT", fiat=None).currency == "USDT"


@pytest.mark.parametrize("payload", [None, "", " "])
def test_an_invoice_without_payload_is_known_by_its_id_only(payload: str | None) -> None:
    assert _read(payload=payload).payload == ""


@pytest.mark.parametrize(
    ("sent", "amount"),
    [
        ("4.99", "4.99"),
        ('"4.99"', "4.99"),
        ('" 4.99 "', "4.99"),
        ("4.990", "4.990"),
        ("4.990000000000000000000", "4.99"),
        ("499e-2", "4.99"),
        ("0.0499E+2", "4.99"),
        ('"+4.99"', "4.99"),
        ('"004.99"', "004.99"),
        ("100000000000000000000000000000.01", "100000000000000000000000000000.01"),
        ("9007199254740993", "9007199254740993"),
        ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"),
        ("1e999999999", "1e999999999"),
        ("1e-999999999", "1e-999999999"),
        ("NaN", "NaN"),
        ('"4,99"', "4,99"),
        ('"４.９９"', "４.９９"),
        ("true", ""),
        ("null", ""),
        ("[4.99]", ""),
        ('{"value":"4.99"}', ""),
    ],
)
def test_an_amount_is_the_decimal_that_was_sent(sent: str, amount: str) -> None:
    """P9: never a float, in whichever JSON type it comes."""
    body = _event(amount="AMOUNT").replace(b'"AMOUNT"', sent.encode())
    event = parse_cryptopay_event(body)
    assert event is not None
    assert event[1].amount == amount


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"status": "PAID"}, "status", InvoiceStatus.PAID),
        ({"status": "refunded"}, "status", InvoiceStatus.UNKNOWN),
        ({"status": None}, "status", InvoiceStatus.UNKNOWN),
        ({"status": ["paid"]}, "status", InvoiceStatus.UNKNOWN),
        ({"invoice_id": "528890"}, "invoice_id", "528890"),
        ({"invoice_id": 528890.0}, "invoice_id", "528890"),
        ({"invoice_id": 10**30}, "invoice_id", "1" + "0" * 30),
        ({"invoice_id": -1}, "invoice_id", "-1"),
        ({"invoice_id": "IV1"}, "invoice_id", "IV1"),
        ({"currency_type": "FIAT", "fiat": "usd"}, "currency", "USD"),
        ({"currency_type": None}, "currency", "USD"),
        ({"currency_type": None, "asset": "TON"}, "currency", ""),
        ({"currency_type": "other", "fiat": None, "asset": "TON"}, "currency", "TON"),
        ({"fiat": None}, "currency", ""),
        ({"fiat": 7}, "currency", "7"),
        ({"payload": {"order": 1}}, "payload", '{"order": "1"}'),
        ({"payload": "\ud83d"}, "payload", "\ufffd"),
        ({"paid_at": "2026-08-01T12:00:00"}, "paid_at", datetime(2026, 8, 1, 12, tzinfo=UTC)),
        ({"paid_at": "yesterday"}, "paid_at", None),
        ({"paid_at": 1785585600}, "paid_at", None),
        ({"paid_at": None}, "paid_at", None),
        ({"bot_invoice_url": None}, "pay_url", None),
    ],
)
def test_a_field_of_another_shape_costs_no_other(
    changes: dict[str, object], field: str, value: object
) -> None:
    """P1."""
    assert getattr(_read(**changes), field) == value


@pytest.mark.parametrize(
    ("update_type", "kind"),
    [("invoice_paid", "invoice_paid"), ("INVOICE_PAID", "invoice_paid"), (None, ""), (5, "5")],
)
def test_an_events_type_is_in_lower_case(update_type: object, kind: str) -> None:
    event = parse_cryptopay_event(
        json.dumps(json.loads(_event()) | {"update_type": update_type}).encode()
    )
    assert event is not None
    assert event[0] == kind


@pytest.mark.parametrize(
    "body",
    [
        _event() + b"  ",
        b"\xef\xbb\xbf" + _event(),
        json.dumps({"update_type": "invoice_paid", **_INVOICE}).encode(),
        json.dumps({"update_type": "invoice_paid", "payload": json.dumps(_INVOICE)}).encode(),
    ],
)
def test_an_invoice_is_found_where_it_stands(body: bytes) -> None:
    event = parse_cryptopay_event(body)
    assert event is not None
    assert (event[0], event[1].invoice_id, event[1].amount) == ("invoice_paid", "528890", "4.90")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"[" * 60_000,
        b"1" * 60_000,
        _event()[:-2],
        _event(invoice_id=None),
        _event(invoice_id={"id": 1}),
        b'{"update_type":"invoice_paid","payload":[]}',
    ],
)
def test_what_names_no_invoice_is_no_event(body: bytes) -> None:
    assert parse_cryptopay_event(body) is None


@pytest.mark.parametrize(
    ("body", "hints"),
    [
        (_event()[:-2], ("528890", "4.90 USD")),
        (_event(invoice_id={"id": 1}), ("IVDoTcNBYEfk", "4.90 USD")),
        (_event(invoice_id=None, amount=4.9, fiat=None, asset="TON"), ("IVDoTcNBYEfk", "4.9 TON")),
        (b'{"amount": "9.00"', ("", "9.00")),
        (b"\xff\xfe", ("", "")),
    ],
)
def test_of_an_unreadable_body_an_operator_sees_what_it_seems_to_say(
    body: bytes, hints: tuple[str, str]
) -> None:
    assert extract_cryptopay_invoice_hints(body) == hints


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_body_is_a_crash(body: bytes) -> None:
    """P1: a crash would be answered with 503 for ever."""
    event = parse_cryptopay_event(body)
    extract_cryptopay_invoice_hints(body)
    assert event is None or event[1].invoice_id


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(_INVOICE)), _JSON))
def test_no_field_is_a_crash(changes: dict[str, object]) -> None:
    """P1."""
    event = parse_cryptopay_event(_event(**changes))
    assert event is None or isinstance(event[1].amount, str)
