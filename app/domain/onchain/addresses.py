"""The operator's own addresses: what may be one, and the signature that shows a changed row."""

import hashlib
import hmac
import re
from collections.abc import Collection
from enum import StrEnum
from typing import Final

from app.core.errors import ExpectedError
from app.domain.addresses import parse_address, to_base58check, to_eip55
from app.domain.chains import ChainKind

CONFIRMED_CHARACTERS: Final = 6
"""So many of the address's end are typed once more: what malware swaps differs there."""

_EVM: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_TRON: Final = re.compile(r"T[1-9A-HJ-NP-Za-km-z]{33}")
_ZERO: Final = "0x" + "0" * 40


class ChainFamily(StrEnum):
    """Chains on which one and the same address can be used."""

    EVM = "evm"
    TRON = "tron"


class ReceivingAddressError(ExpectedError):
    """No address of this family at all."""

    text_key = "error-onchain-address-shape"


class OtherFamilyError(ReceivingAddressError):
    text_key = "error-onchain-address-family"


class NoChecksumError(ReceivingAddressError):
    """All of one case: a mistyped character would go unnoticed."""

    text_key = "error-onchain-address-case"


class WrongChecksumError(ReceivingAddressError):
    text_key = "error-onchain-address-checksum"


class UnusableAddressError(ReceivingAddressError):
    """The zero address, or a token's contract: what is sent there is lost."""

    text_key = "error-onchain-address-unusable"


class OtherDecimalsError(ReceivingAddressError):
    """A token's contract says another number of decimals than we count with."""

    text_key = "error-onchain-address-decimals"


def parse_receiving_address(
    typed: str, family: ChainFamily, contracts: Collection[str] = ()
) -> str:
    """As it is stored: 0x and 20 bytes in lower case, of TRON too. Raises ReceivingAddressError.

    `contracts` of tokens are no addresses to be paid at.
    """
    text = typed.strip()
    address = _parse_evm(text) if family is ChainFamily.EVM else _parse_tron(text)
    if address == _ZERO or address in contracts:
        raise UnusableAddressError
    return address


def format_receiving_address(address: str, family: ChainFamily) -> str:
    """As wallets show it: with its checksum, TRON's in base58."""
    return to_eip55(address) if family is ChainFamily.EVM else to_base58check(address)


class AddressSigner:
    """Signs rows: write access to the database alone does not decide where money goes."""

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), b"receiving addresses", "sha256")

    def sign(self, *parts: str) -> str:
        text = "\n".join(parts)
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()

    def is_signed(self, signature: str, *parts: str) -> bool:
        return hmac.compare_digest(signature.encode(), self.sign(*parts).encode())


def _parse_evm(text: str) -> str:
    if _TRON.fullmatch(text):
        raise OtherFamilyError
    if not _EVM.fullmatch(text):
        raise ReceivingAddressError
    digits = text[2:]
    if digits in {digits.lower(), digits.upper()} and digits != "0" * 40:
        raise NoChecksumError
    if to_eip55(text) != text:
        raise WrongChecksumError
    return text.lower()


def _parse_tron(text: str) -> str:
    if _EVM.fullmatch(text):
        raise OtherFamilyError
    if not _TRON.fullmatch(text):
        raise ReceivingAddressError
    try:
        return parse_address(text, ChainKind.TRON).text
    except ExpectedError:
        raise WrongChecksumError from None
