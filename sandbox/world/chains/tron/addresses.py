"""TRON's addresses: 20 bytes as an EVM chain has them, in the two spellings of its own."""

from hashlib import sha256

from sandbox.world.chains.base58 import decode_base58, encode_base58

_PREFIX = "41"
_BYTES = 25  # with prefix and checksum
_CHECKSUM_BYTES = 4


def to_base58check(address: str) -> str:
    """Of 0x and 20 bytes."""
    body = bytes.fromhex(to_tron_hex(address))
    return encode_base58(body + _checksum(body))


def to_tron_hex(address: str) -> str:
    return _PREFIX + address.removeprefix("0x")


def from_base58check(text: str) -> str:
    """0x and 20 bytes. Raises ValueError for what is no address of TRON's."""
    raw = decode_base58(text)
    body = raw[:-_CHECKSUM_BYTES]
    if len(raw) != _BYTES or raw[-_CHECKSUM_BYTES:] != _checksum(body) or body[:1].hex() != _PREFIX:
        raise ValueError("no address of TRON's")
    return f"0x{body[1:].hex()}"


def _checksum(body: bytes) -> bytes:
    return sha256(sha256(body).digest()).digest()[:_CHECKSUM_BYTES]
