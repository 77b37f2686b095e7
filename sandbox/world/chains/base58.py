"""Base58, in which Cellframe and TRON write their addresses."""

_DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def encode_base58(raw: bytes) -> str:
    """Without zeros at the beginning, which no address of either has."""
    number, text = int.from_bytes(raw, "big"), ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        text = _DIGITS[digit] + text
    return text


def decode_base58(text: str) -> bytes:
    """Raises ValueError for a character that is none of its digits."""
    number = 0
    for character in text:
        number = number * len(_DIGITS) + _DIGITS.index(character)
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
