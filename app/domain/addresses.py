"""Addresses that users paste: parsed, and their checksums verified, before anything is stored.

base58 stands here in a few lines, because the package of that name had its last release in 2021.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from Crypto.Hash import keccak

from app.core.errors import ExpectedError
from app.domain.chains import ChainKind

_EVM: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_CELLFRAME: Final = re.compile(rf"[{_BASE58}]{{77,110}}")
_CELLFRAME_BYTES: Final = 77
_SIGNED_BYTES: Final = 45  # version, net, signature type, hash; their SHA3-256 follows
_TRON: Final = re.compile(r"[tT][0-9A-Za-z]{33}")  # in wrong cases too: the checksum says so
_TRON_HEX: Final = re.compile(r"(?:0x)?41([0-9a-fA-F]{40})")
_TRON_PREFIX: Final = b"\x41"
_TRON_BYTES: Final = 25  # prefix, 20 bytes, the first four of their double SHA-256
_CHECKSUM_BYTES: Final = 4
_VERSION: Final = 1
_NET_IDS: Final = {"Backbone": 0x0404202200000000, "KelVPN": 0x1807202300000000}


class AddressShapeError(ExpectedError):
    """No address of this kind of chain at all."""

    text_key = "error-address-shape"


class AddressChecksumError(ExpectedError):
    """The shape of one, but a character is wrong."""

    text_key = "error-address-checksum"


class AddressNetworkError(ExpectedError):
    """A right one, of another Cellframe network."""

    text_key = "error-address-network"


@dataclass(frozen=True, slots=True)
class ParsedAddress:
    """`text` is the form to store and compare: EVM in lower case, Cellframe as it is.

    Of TRON it is that of its logs, as EVM's: 0x and 20 bytes, without the 41 before them.
    """

    kind: ChainKind
    text: str

    @property
    def shown(self) -> str:
        return to_shown_address(self.kind, self.text)


def to_shown_address(kind: ChainKind, text: str) -> str:
    """As users know it: EVM with its checksum (EIP-55), TRON in base58."""
    if kind is ChainKind.TRON:
        return to_base58check(text)
    return to_eip55(text) if kind is ChainKind.EVM else text


def parse_address(text: str, kind: ChainKind, network: str = "") -> ParsedAddress:
    """Raises AddressShapeError, AddressChecksumError; with a network, AddressNetworkError."""
    typed = text.strip()
    if kind is ChainKind.EVM:
        return _parse_evm(typed)
    if kind is ChainKind.TRON:
        return _parse_tron(typed)
    return _parse_cellframe(typed, network)


def detect_address(text: str) -> ParsedAddress:
    """Of whichever kind the shape says; raises as `parse_address` does."""
    typed = text.strip()
    if is_tron_shaped(typed):
        return parse_address(typed, ChainKind.TRON)
    kind = ChainKind.EVM if typed[:2].lower() == "0x" else ChainKind.CELLFRAME
    return parse_address(typed, kind)


def is_tron_shaped(typed: str) -> bool:
    """With a wrong checksum too."""
    return bool(_TRON.fullmatch(typed) or _TRON_HEX.fullmatch(typed))


def to_eip55(address: str) -> str:
    digits = address[2:].lower()
    digest = keccak.new(digest_bits=256, data=digits.encode()).hexdigest()
    return "0x" + "".join(
        digit.upper() if nibble in "89abcdef" else digit
        for digit, nibble in zip(digits, digest, strict=False)
    )


def to_base58check(address: str) -> str:
    """As TRON writes 0x and 20 bytes: T and 33 more characters."""
    body = bytes.fromhex(to_tron_hex(address))
    return _encode_base58(body + _checksum(body))


def to_tron_hex(address: str) -> str:
    """As java-tron's own API writes it: 41 and 20 bytes, without 0x."""
    return f"{_TRON_PREFIX.hex()}{address.removeprefix('0x')}"


def shorten_address(address: str) -> str:
    """Like 0x1234…abcd."""
    head, tail = 6, 4
    if len(address) <= head + tail + 1:
        return address
    return f"{address[:head]}…{address[-tail:]}"


def _parse_evm(typed: str) -> ParsedAddress:
    if not _EVM.fullmatch(typed):
        raise AddressShapeError
    digits = typed[2:]
    has_checksum = digits not in {digits.lower(), digits.upper()}
    if has_checksum and to_eip55(typed) != typed:
        raise AddressChecksumError
    return ParsedAddress(ChainKind.EVM, typed.lower())


def _parse_tron(typed: str) -> ParsedAddress:
    if found := _TRON_HEX.fullmatch(typed):
        return ParsedAddress(ChainKind.TRON, f"0x{found[1].lower()}")
    if not _TRON.fullmatch(typed):
        raise AddressShapeError
    raw = _decode_base58(typed) if set(typed) <= set(_BASE58) else b""
    body = raw[:-_CHECKSUM_BYTES]
    if len(raw) != _TRON_BYTES or raw[-_CHECKSUM_BYTES:] != _checksum(body):
        raise AddressChecksumError
    if body[:1] != _TRON_PREFIX:
        raise AddressShapeError
    return ParsedAddress(ChainKind.TRON, f"0x{body[1:].hex()}")


def _checksum(body: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(body).digest()).digest()[:_CHECKSUM_BYTES]


def _parse_cellframe(typed: str, network: str) -> ParsedAddress:
    raw = _decode_base58(typed) if _CELLFRAME.fullmatch(typed) else b""
    if len(raw) != _CELLFRAME_BYTES:
        raise AddressShapeError
    if hashlib.sha3_256(raw[:_SIGNED_BYTES]).digest() != raw[_SIGNED_BYTES:]:
        raise AddressChecksumError
    if raw[0] != _VERSION:
        raise AddressShapeError
    net_id = int.from_bytes(raw[1:9], "little")
    if net_id != _NET_IDS.get(network, net_id):
        raise AddressNetworkError
    return ParsedAddress(ChainKind.CELLFRAME, typed)


def _decode_base58(text: str) -> bytes:
    number = 0
    for character in text:
        number = number * 58 + _BASE58.index(character)
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8)


def _encode_base58(raw: bytes) -> str:
    number, text = int.from_bytes(raw), ""
    while number:
        number, digit = divmod(number, 58)
        text = _BASE58[digit] + text
    zeros = len(raw) - len(raw.lstrip(b"\0"))
    return "1" * zeros + text
