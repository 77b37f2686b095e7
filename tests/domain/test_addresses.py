"""What users paste as an address: taken in every right spelling, refused with the reason."""

import hashlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.addresses import (
    AddressChecksumError,
    AddressNetworkError,
    AddressShapeError,
    ParsedAddress,
    detect_address,
    parse_address,
    to_base58check,
    to_eip55,
    to_tron_hex,
)
from app.domain.chains import ChainKind

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BACKBONE = 0x0404202200000000
KELVPN = 0x1807202300000000
SOME_HASH = hashlib.sha256(b"a key").digest()

# The test cases of EIP-55.
MIXED = (
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
)
ALL_UPPER = (
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
)
ALL_LOWER = (
    "0xde709f2102306220921060314715629080e2fb77",
    "0x27b1fdb04752bbc536007a920d24acb045561c26",
)
# From the examples of Cellframe's own wiki: two of Backbone and one of riemann.
REAL = (
    (
        "Rj7J7MiX2bWy8sNyX38bB86KTFUnSn7sdKDsTFa2RJyQTDWFaebr"
        "j6BucT7Wa5CSq77zwRAwevbiKy1sv1RBGTonM83D3xPDwoyGasZ7"
    ),
    (
        "Rj7J7MiX2bWy8sNyWy27HUx2kbDhinuuQ9L9JGMC9sKpjhB3FsnM"
        "vvGq9TKsdVULkGPAoAtFZzcHhMmdZCbCFKTXJRqgMdhcfSnQDyLY"
    ),
)
REAL_OF_RIEMANN = (
    "o9z3wUTSTicckJuoyMFzCwUAokuvhzFvrbcKJreH1UJhfuTUxYSK"
    "FLwhKjE5E1TmsPGzPgohexjwXZKUFf12R8Pt66GjAMvtyULgr3Pc"
)


def base58(raw: bytes) -> str:
    number, text = int.from_bytes(raw), ""
    while number:
        number, digit = divmod(number, 58)
        text = BASE58[digit] + text
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text


def cellframe(net_id: int = BACKBONE, key_hash: bytes = SOME_HASH, version: int = 1) -> str:
    signed = bytes([version]) + net_id.to_bytes(8, "little") + bytes([2, 1, 0, 0]) + key_hash
    return base58(signed + hashlib.sha3_256(signed).digest())


@pytest.mark.parametrize("typed", MIXED + ALL_UPPER + ALL_LOWER)
def test_every_test_case_of_eip_55_is_taken_and_shown_as_written(typed: str) -> None:
    address = parse_address(f"  {typed}\n", ChainKind.EVM)
    assert address == ParsedAddress(ChainKind.EVM, typed.lower())
    assert address.shown == typed


@pytest.mark.parametrize("typed", MIXED)
def test_one_case_alone_is_no_checksum_and_is_taken(typed: str) -> None:
    for spelling in (typed.lower(), "0x" + typed[2:].upper()):
        assert parse_address(spelling, ChainKind.EVM).shown == typed


@pytest.mark.parametrize("typed", MIXED)
def test_each_letter_in_the_wrong_case_is_seen(typed: str) -> None:
    for place in range(2, len(typed)):
        if typed[place].isalpha():
            wrong = typed[:place] + typed[place].swapcase() + typed[place + 1 :]
            with pytest.raises(AddressChecksumError):
                parse_address(wrong, ChainKind.EVM)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "0x",
        "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAedd",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg",
        "0x5aAeb6053F3E94C9 b9A09f33669435E7Ef1BeAed",
        "0X52908400098527886E0F7030069857D2E4169EE7",
        "0x" + "٣" * 40,
        REAL[0],
    ],
)
def test_what_is_no_evm_address_is_named_so(typed: str) -> None:
    with pytest.raises(AddressShapeError):
        parse_address(typed, ChainKind.EVM)


@pytest.mark.parametrize("typed", REAL)
def test_real_cellframe_addresses_are_taken_as_they_are(typed: str) -> None:
    assert parse_address(typed, ChainKind.CELLFRAME, "Backbone").text == typed
    assert detect_address(typed).shown == typed


@given(key_hash=st.binary(min_size=32, max_size=32))
def test_every_address_that_is_built_right_is_taken(key_hash: bytes) -> None:
    typed = cellframe(key_hash=key_hash)
    assert len(typed) == 104
    assert parse_address(typed, ChainKind.CELLFRAME, "Backbone").text == typed


def test_each_flipped_character_is_seen() -> None:
    typed = cellframe()
    for place, right in enumerate(typed):
        for flipped in (BASE58[(BASE58.index(right) + 1) % 58], right.swapcase()):
            if flipped == right:
                continue
            with pytest.raises((AddressChecksumError, AddressShapeError)):
                parse_address(typed[:place] + flipped + typed[place + 1 :], ChainKind.CELLFRAME)


def test_a_typing_error_in_the_middle_is_named_a_checksum() -> None:
    typed = cellframe()
    wrong = typed[:50] + ("2" if typed[50] != "2" else "3") + typed[51:]
    with pytest.raises(AddressChecksumError):
        parse_address(wrong, ChainKind.CELLFRAME)


def test_an_address_of_another_network_is_named_so() -> None:
    kelvpn = cellframe(net_id=KELVPN)
    for typed in (kelvpn, REAL_OF_RIEMANN):
        assert parse_address(typed, ChainKind.CELLFRAME).text == typed
        with pytest.raises(AddressNetworkError):
            parse_address(typed, ChainKind.CELLFRAME, "Backbone")
    assert parse_address(kelvpn, ChainKind.CELLFRAME, "KelVPN").text == kelvpn


@pytest.mark.parametrize(
    "typed",
    [
        "",
        REAL[0][:-1],
        REAL[0] + "7",
        REAL[0][:-1] + "0",
        REAL[0] + "1" * 10_000,
        "1" * 77,
        cellframe(version=9),
        MIXED[0],
        REAL[0] + ";-net;x",
    ],
)
def test_what_is_no_cellframe_address_is_refused(typed: str) -> None:
    with pytest.raises((AddressShapeError, AddressChecksumError)):
        parse_address(typed, ChainKind.CELLFRAME)


@given(st.text(max_size=200))
def test_whatever_is_typed_is_an_address_or_an_expected_error(typed: str) -> None:
    address = None
    with suppress(AddressShapeError, AddressChecksumError):
        address = detect_address(typed)
    assert address is None or detect_address(address.shown) == address


@given(st.binary(min_size=20, max_size=20))
def test_the_spelling_with_a_checksum_is_always_taken_back(raw: bytes) -> None:
    shown = to_eip55("0x" + raw.hex())
    assert parse_address(shown, ChainKind.EVM).text == "0x" + raw.hex()


# USDT's contract, and the addresses of TRON's documentation in their three spellings.
TRON_ADDRESSES = (
    ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "41a614f803b6fd780986a42c78ec9c7f77e6ded13c"),
    ("TXLAQ63Xg1NAzckPwKHvzw7CSEmLMEqcdj", "41ea51342dabbb928ae1e576bd39eff8aaf070a8c6"),
    ("T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb", "410000000000000000000000000000000000000000"),
)


@pytest.mark.parametrize(("shown", "tron_hex"), TRON_ADDRESSES)
def test_a_tron_address_is_the_same_in_base58_and_in_hex(shown: str, tron_hex: str) -> None:
    stored = f"0x{tron_hex[2:]}"
    for typed in (f" {shown}\n", tron_hex, tron_hex.upper(), f"0x{tron_hex}"):
        address = parse_address(typed, ChainKind.TRON)
        assert (address.text, address.shown) == (stored, shown)
    assert to_tron_hex(stored) == tron_hex


@given(st.binary(min_size=20, max_size=20))
def test_every_tron_address_comes_back_from_base58(raw: bytes) -> None:
    shown = to_base58check(f"0x{raw.hex()}")
    assert len(shown) == 34
    assert parse_address(shown, ChainKind.TRON).text == f"0x{raw.hex()}"


def test_each_flipped_character_of_a_tron_address_is_seen() -> None:
    typed = TRON_ADDRESSES[0][0]
    for place in range(1, len(typed)):
        for flipped in ("z" if typed[place] != "z" else "y", typed[place].swapcase()):
            if flipped != typed[place]:
                with pytest.raises(AddressChecksumError):
                    parse_address(typed[:place] + flipped + typed[place + 1 :], ChainKind.TRON)


def test_a_tron_address_in_lower_case_has_lost_its_checksum() -> None:
    with pytest.raises(AddressChecksumError):
        parse_address(TRON_ADDRESSES[0][0].lower(), ChainKind.TRON)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        TRON_ADDRESSES[0][0][:-1],
        TRON_ADDRESSES[0][0] + "1",
        MIXED[0],
        REAL[0],
        "40a614f803b6fd780986a42c78ec9c7f77e6ded13c",
        "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
    ],
)
def test_what_is_no_tron_address_is_named_so(typed: str) -> None:
    with pytest.raises(AddressShapeError):
        parse_address(typed, ChainKind.TRON)
