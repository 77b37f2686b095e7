"""Tokens that the operator lists, read from one line each, and amounts of them as users write."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from typing import Final

from app.core.errors import ExpectedError
from app.domain.addresses import parse_address
from app.domain.chain_ports import COIN
from app.domain.chains import CELLFRAME, TRON, ChainKind, ChainSpec

MAX_TOKENS: Final = 50
_MOST_DECIMALS: Final = 36
_CHAIN: Final = re.compile(r"[a-z][a-z0-9]{1,15}")
_WIDE: Final = Context(prec=80)  # 2^256 has 78 digits
_SYMBOL: Final = re.compile(r"[A-Za-z0-9.$+-]{1,16}")
_DOLLAR: Final = re.compile(r"USD|^DAI$", re.IGNORECASE)  # in a symbol: one is about a dollar
_LEAST: Final = re.compile(r"[0-9]{1,10}(\.[0-9]{1,36})?")
_HIGHEST_LEAST: Final = 10**9
_LEAST_OF_UNKNOWN: Final = Decimal("0.000001")
"""Of a token whose worth nobody has told us: below a dollar, whatever it is."""


@dataclass(frozen=True, slots=True)
class Token:
    """An ERC-20 or TRC-20 contract; `contract` as transfers have it, COIN for a chain's own coin.

    `least`: the amount from which on its arrival is reported, about a dollar; None: not set.
    """

    chain: str
    contract: str
    symbol: str
    decimals: int
    least: Decimal | None = None

    def amount(self, units: int) -> str:
        return format_units(units, self.decimals)

    def is_dust(self, units: int) -> bool:
        least = _LEAST_OF_UNKNOWN if self.least is None else self.least
        return units == 0 or units < least.scaleb(self.decimals, _WIDE)

    def weigh(self, units: int) -> Fraction:
        """How many least amounts, to compare tokens by; whole ones where no least is known."""
        return Fraction(units, 10**self.decimals) / Fraction(self.least or 1)


def parse_token(line: str) -> Token:
    """Like "bsc:0x55d3…7955:USDT:18" or, with the least amount, "bsc:0x55d3…7955:USDT:18:1".

    Raises ValueError with a sentence for the operator.
    """
    chain, contract, symbol, decimals, least = _split(line)
    if not _CHAIN.fullmatch(chain) or chain == CELLFRAME.key:
        raise ValueError(f"{_short(line)}: the chain must be a key such as bsc or tron, not cf")
    try:
        address = parse_address(contract, TRON.kind if chain == TRON.key else ChainKind.EVM)
    except ExpectedError:
        raise ValueError(
            f"{_short(line)}: the contract is no address, or its checksum is wrong"
        ) from None
    if not _SYMBOL.fullmatch(symbol):
        raise ValueError(f"{_short(line)}: the symbol must be 1 to 16 letters or digits")
    if not re.fullmatch("[0-9]{1,2}", decimals) or int(decimals) > _MOST_DECIMALS:
        raise ValueError(f"{_short(line)}: the decimals must be 0 to {_MOST_DECIMALS}")
    return Token(chain, address.text, symbol, int(decimals), _parse_least(line, symbol, least))


def parse_tokens(lines: Sequence[str]) -> list[Token]:
    """Raises ValueError as `parse_token` does, for one listed twice, and for too many."""
    if len(lines) > MAX_TOKENS:
        raise ValueError(f"at most {MAX_TOKENS} tokens")
    tokens = [parse_token(line) for line in lines]
    if len({(token.chain, token.contract) for token in tokens}) < len(tokens):
        raise ValueError("each contract once")
    return tokens


def list_chain_tokens(lines: Sequence[str], chain: str) -> dict[str, Token]:
    """By contract, those of one chain."""
    return {token.contract: token for token in parse_tokens(lines) if token.chain == chain}


def make_coin_token(spec: ChainSpec, least: Decimal) -> Token:
    return Token(spec.key, COIN, spec.coin, spec.decimals, least)


def to_units(amount: Decimal, decimals: int) -> int:
    return int(amount.scaleb(decimals, _WIDE))


def format_units(units: int, decimals: int) -> str:
    """Exact, without zeros at the end: "50", "0.05"."""
    text = f"{Decimal(units).scaleb(-decimals, _WIDE):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _split(line: str) -> list[str]:
    """The fifth may be left out, and is "" then."""
    shortest, longest = 4, 5
    parts = line.strip().split(":")
    if not shortest <= len(parts) <= longest or parts[shortest:] == [""]:
        raise ValueError(
            f"{_short(line)} must be chain:contract:symbol:decimals"
            " or chain:contract:symbol:decimals:least"
        )
    return [*parts, ""][:longest]


def _parse_least(line: str, symbol: str, typed: str) -> Decimal | None:
    if not typed:
        return Decimal(1) if _DOLLAR.search(symbol) else None
    if not _LEAST.fullmatch(typed) or Decimal(typed) > _HIGHEST_LEAST:
        raise ValueError(
            f"{_short(line)}: the least amount must be 0 to {_HIGHEST_LEAST}, such as 0.5"
        )
    return Decimal(typed)


def _short(line: str) -> str:
    longest = 80
    return repr(line if len(line) <= longest else f"{line[:longest]}…")
