"""Reads amounts of money the way users type them."""

import re
from typing import Final

from babel.numbers import get_currency_symbol

from app.core.money import Money

_LONGEST: Final = 32  # characters
_SPACES: Final = re.compile(r"\s+")


def read_amount(text: str, currency: str) -> Money | None:
    """More than zero, as in "12", "12,5", "$12.50", "1 000 USD". None for anything else.

    "1,000" is none where the currency has fewer digits: nobody knows whether it means thousand.
    """
    bare = _strip_currency(_SPACES.sub(" ", text[:_LONGEST].strip()), currency)
    found = _pattern(currency).fullmatch(bare)
    if found is None:
        return None
    whole, part = found["whole"].replace(" ", ""), found["part"]
    try:
        money = Money.parse(f"{whole}.{part}" if part else whole, currency)
    except ValueError:
        return None
    return money if money.minor else None


def read_signed_amount(text: str, currency: str) -> Money | None:
    """The same with a sign before it, which must be there; phones make a dash of a minus."""
    sign, rest = text[:1], text[1:]
    amount = read_amount(rest, currency) if sign and sign in "+-−–—" else None
    if amount is None or sign == "+":
        return amount
    return Money(-amount.minor, currency)


def _strip_currency(text: str, currency: str) -> str:
    for mark in (currency, get_currency_symbol(currency, locale="ru")):
        if text.upper().startswith(mark):
            return text[len(mark) :].strip()
        if text.upper().endswith(mark):
            return text[: -len(mark)].strip()
    return text


def _pattern(currency: str) -> re.Pattern[str]:
    digits = -int(Money(1, currency).amount.as_tuple().exponent)
    part = rf"(?:[.,](?P<part>[0-9]{{1,{digits}}}))?" if digits else "(?P<part>)"
    return re.compile(rf"(?P<whole>[0-9]{{1,3}}(?: [0-9]{{3}})+|[0-9]{{1,9}}){part}")
