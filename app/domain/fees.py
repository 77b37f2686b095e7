"""What a transaction is likely to cost: whole wei for gas; money where a rate is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from app.domain.chain_ports import GasPrices
from app.domain.chains import ChainSpec, to_coins

TRANSFER_GAS: Final = 21_000  # of a plain transfer, by the protocol
TOKEN_TRANSFER_GAS: Final = 65_000  # of a token transfer, about: each contract has its own
BRIDGE_MARGIN_PERCENT: Final = 20
GWEI_DIGITS: Final = 9


@dataclass(frozen=True, slots=True)
class FeeCost:
    """`units` are the coin's smallest; `money` is None where no rate is known."""

    units: int
    decimals: int
    money: Decimal | None


@dataclass(frozen=True, slots=True)
class PaceFee:
    pace: str
    price: int  # wei for a unit of gas
    transfer: FeeCost
    token_transfer: FeeCost


def list_pace_fees(
    spec: ChainSpec, prices: GasPrices, rates: Mapping[str, Decimal]
) -> list[PaceFee]:
    rate = rates.get(spec.coin)
    paces = {"low": prices.low, "normal": prices.normal, "fast": prices.fast}
    return [
        PaceFee(
            pace,
            price,
            to_fee_cost(price * TRANSFER_GAS, spec.decimals, rate),
            to_fee_cost(price * TOKEN_TRANSFER_GAS, spec.decimals, rate),
        )
        for pace, price in paces.items()
    ]


def estimate_bridge_fee(
    spec: ChainSpec, prices: GasPrices, gas: int, rates: Mapping[str, Decimal]
) -> FeeCost:
    """At the normal pace, with MARGIN_PERCENT on top; `gas` is an assumption."""
    exact = gas * prices.normal
    margin = -(-exact * BRIDGE_MARGIN_PERCENT // 100)
    return to_fee_cost(exact + margin, spec.decimals, rates.get(spec.coin))


def to_fee_cost(units: int, decimals: int, rate: Decimal | None) -> FeeCost:
    money = None if rate is None else to_coins(units, decimals) * rate
    return FeeCost(units, decimals, money)
