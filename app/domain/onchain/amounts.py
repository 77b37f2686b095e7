"""Amounts of on-chain payments: how an exact one is made, compared and valued. Integers only.

An amount is counted in micros, 10⁻⁶ of the token, whatever decimals the token has on its chain.
What a chain's units have beyond that is cut off, never rounded up.
"""

from typing import Final

from app.core.money import Money

_MICRO_DIGITS: Final = 6
_CENT_MICRO: Final = 10_000
TAIL_STEP_MICRO: Final = 100  # 0.0001: four decimals are what wallets and exchanges take
FEW_TAILS: Final = 99
MANY_TAILS: Final = 999
DUST_MICRO: Final = 500_000
"""Below it, what matches no invoice is recorded, and nobody is notified of it."""

_DOLLARS: Final = frozenset({"USDT", "USDC"})


def to_micro(units: int, decimals: int) -> int:
    if decimals < _MICRO_DIGITS:
        return units * int(10 ** (_MICRO_DIGITS - decimals))
    return units // int(10 ** (decimals - _MICRO_DIGITS))


def to_token_units(micro: int, decimals: int) -> int:
    """Raises ValueError where the token has fewer decimals than the amount needs."""
    if decimals < _MICRO_DIGITS:
        units, rest = divmod(micro, int(10 ** (_MICRO_DIGITS - decimals)))
        if rest:
            raise ValueError(f"{micro} micros are no whole units of {decimals} decimals")
        return units
    return micro * int(10 ** (decimals - _MICRO_DIGITS))


def compute_base_micro(due: Money) -> int | None:
    """What is due, in whole cents, as dollars of a stablecoin; None without a rate for it."""
    if due.currency == "USD":
        return due.minor * _CENT_MICRO
    if due.currency in _DOLLARS:
        return -(-due.minor // _CENT_MICRO) * _CENT_MICRO
    return None


def add_tail(base_micro: int, tail: int) -> int:
    """Never 0, so that a carelessly rounded payment can't match an invoice."""
    if not 1 <= tail <= MANY_TAILS:
        raise ValueError(f"no tail: {tail}")
    return base_micro + tail * TAIL_STEP_MICRO


def compute_value(micro: int, currency: str) -> Money | None:
    """What arrived, in a price's currency, cut to its smallest unit; None without a rate."""
    if currency == "USD":
        return Money(micro // _CENT_MICRO, currency)
    if currency in _DOLLARS:
        return Money(micro, currency)
    return None


def format_micro(micro: int) -> str:
    """As users type it, such as 4.9937: at least four decimals, and no more than needed."""
    whole, rest = divmod(micro, 10**_MICRO_DIGITS)
    digits = f"{rest:0{_MICRO_DIGITS}}"
    return f"{whole}.{digits[:4]}{digits[4:].rstrip('0')}"
