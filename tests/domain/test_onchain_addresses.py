"""What may be an address to be paid at, and what its signature notices."""

import pytest

from app.domain.onchain.addresses import (
    AddressSigner,
    ChainFamily,
    NoChecksumError,
    OtherFamilyError,
    ReceivingAddressError,
    UnusableAddressError,
    WrongChecksumError,
    format_receiving_address,
    parse_receiving_address,
)

EVM, TRON = ChainFamily.EVM, ChainFamily.TRON
# https://eips.ethereum.org/EIPS/eip-55, and Tether's contract on TRON.
CHECKSUMMED = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
TETHER = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
TETHER_HEX = "0xa614f803b6fd780986a42c78ec9c7f77e6ded13c"


@pytest.mark.parametrize(
    ("typed", "family", "stored"),
    [(CHECKSUMMED, EVM, CHECKSUMMED.lower()), (f" {TETHER}\n", TRON, TETHER_HEX)],
)
def test_a_right_one_is_stored_as_logs_have_it_and_shown_as_people_know_it(
    typed: str, family: ChainFamily, stored: str
) -> None:
    assert parse_receiving_address(typed, family) == stored
    assert format_receiving_address(stored, family) == typed.strip()


@pytest.mark.parametrize(
    ("typed", "family", "error"),
    [
        (CHECKSUMMED.lower(), EVM, NoChecksumError),
        (f"0x{CHECKSUMMED[2:].upper()}", EVM, NoChecksumError),
        (CHECKSUMMED.replace("5aA", "5Aa"), EVM, WrongChecksumError),
        (CHECKSUMMED[:-1], EVM, ReceivingAddressError),
        (f"0x{'0' * 40}", EVM, UnusableAddressError),
        (TETHER, EVM, OtherFamilyError),
        (CHECKSUMMED, TRON, OtherFamilyError),
        (TETHER.replace("6t", "6s"), TRON, WrongChecksumError),
        (TETHER.lower(), TRON, ReceivingAddressError),
        (TETHER_HEX.replace("0x", "41"), TRON, ReceivingAddressError),
        ("T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb", TRON, UnusableAddressError),  # of zeros
        ("", EVM, ReceivingAddressError),
        ("", TRON, ReceivingAddressError),
    ],
)
def test_what_is_none_is_refused_with_its_reason(
    typed: str, family: ChainFamily, error: type[Exception]
) -> None:
    with pytest.raises(error) as raised:
        parse_receiving_address(typed, family)
    assert raised.type is error


def test_a_tokens_contract_is_none() -> None:
    with pytest.raises(UnusableAddressError):
        parse_receiving_address(TETHER, TRON, {TETHER_HEX})


def test_a_signature_holds_for_all_parts_in_their_places_under_one_secret() -> None:
    signer = AddressSigner("one")
    mark = signer.sign("evm", "0x1")
    assert signer.is_signed(mark, "evm", "0x1")
    assert not signer.is_signed(mark, "evm", "0x2")
    assert not signer.is_signed(mark, "tron", "0x1")
    assert not signer.is_signed(mark, "evm0x1")
    assert not AddressSigner("other").is_signed(mark, "evm", "0x1")
