"""Amounts as integers in minor units, because floats lose money (P9)."""

import re
from dataclasses import dataclass
from decimal import Decimal

_EXPONENTS = {
    **dict.fromkeys(("USD", "EUR", "RUB", "GBP", "UAH", "KZT", "BYN", "TRY", "PLN", "CNY"), 2),
    **dict.fromkeys(("USDT", "USDC"), 6),
    "TON": 9,
    "XTR": 0,  # Telegram Stars
}

CURRENCIES = frozenset(_EXPONENTS)

# Below a billion, so that every minor amount fits PostgreSQL's bigint and no Decimal is rounded.
_AMOUNT = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,18})?")


@dataclass(frozen=True, slots=True)
class Money:
    """`minor` counts the smallest unit of `currency` (cents for USD, 10⁻⁶ for USDT)."""

    minor: int
    currency: str

    @classmethod
    def parse(cls, amount: str, currency: str) -> "Money":
        """Exact value of a decimal string such as "4.99".

        Raises ValueError for an unknown currency, a malformed number or more digits than the
        currency has: rounding a payment would hide that it is not what was sold.
        """
        if currency not in _EXPONENTS:
            raise ValueError(f"unknown currency {currency!r}")
        if not _AMOUNT.fullmatch(amount):
            raise ValueError(f"malformed amount {amount!r}")
        minor = Decimal(amount).scaleb(_EXPONENTS[currency])
        if minor != minor.to_integral_value():
            raise ValueError(f"amount {amount!r} has more digits than {currency}")
        return cls(int(minor), currency)

    @property
    def amount(self) -> Decimal:
        """In major units, with the currency's full number of digits: Decimal("4.90")."""
        return Decimal(self.minor).scaleb(-_EXPONENTS[self.currency])

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"
