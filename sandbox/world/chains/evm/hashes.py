"""Hashes of something that stands for the real contents."""

from Crypto.Hash import keccak


def digest(*words: object) -> str:
    """Keccak-256 as nodes write it."""
    return "0x" + keccak.new(data=":".join(map(str, words)).encode(), digest_bits=256).hexdigest()
