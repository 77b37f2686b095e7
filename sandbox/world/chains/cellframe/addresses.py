"""Addresses of Cellframe's Backbone, right down to their checksum."""

from hashlib import sha3_256, sha256

_DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
NET_ID = 0x0404202200000000
_VERSION = b"\x01"
_DILITHIUM = b"\x02\x01\x00\x00"


def cellframe_address(owner: str) -> str:
    key_hash = sha256(owner.encode()).digest()
    signed = _VERSION + NET_ID.to_bytes(8, "little") + _DILITHIUM + key_hash
    return _base58(signed + sha3_256(signed).digest())


def _base58(raw: bytes) -> str:
    number, text = int.from_bytes(raw, "big"), ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        text = _DIGITS[digit] + text
    return text
