"""Addresses of Cellframe's Backbone, right down to their checksum."""

from hashlib import sha3_256, sha256

from sandbox.world.chains.base58 import encode_base58

NET_ID = 0x0404202200000000
_VERSION = b"\x01"
_DILITHIUM = b"\x02\x01\x00\x00"


def cellframe_address(owner: str) -> str:
    key_hash = sha256(owner.encode()).digest()
    signed = _VERSION + NET_ID.to_bytes(8, "little") + _DILITHIUM + key_hash
    return encode_base58(signed + sha3_256(signed).digest())
