"""What a transaction is likely to cost: whole wei for gas; money where a rate is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from app.domain.chain_ports import GasPrices
from app.domain.chains import ChainSpec, to_coins

TRANSFER_GAS: Final = 21_000  # of a plain transfer, by the protocol
TOKEN_TRANSFER_GAS: Final = 65_000  # of a token transfer, about: each contract has its own
# Of USDT, measured in September 2026: more where the recipient holds none, so that a slot of its
# contract is set. Bandwidth: bytes of such a transfer, and what one costs that is not free.
TRON_TOKEN_ENERGY: Final = 64_285
TRON_NEW_HOLDER_ENERGY: Final = 130_285
_TRON_TOKEN_BYTES: Final = 345
_TRON_COIN_BYTES: Final = 268
_SUN_FOR_A_BYTE: Final = 1_000
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


@dataclass(frozen=True, slots=True)
class TronFees:
    """What is burnt of a wallet without energy and bandwidth of its own."""

    coin: FeeCost
    token: FeeCost
    new_holder: FeeCost


def list_tron_fees(spec: ChainSpec, energy_price: int, rates: Mapping[str, Decimal]) -> TronFees:
    def cost(energy: int, size: int) -> FeeCost:
        units = energy * energy_price + size * _SUN_FOR_A_BYTE
        return to_fee_cost(units, spec.decimals, rates.get(spec.coin))

    return TronFees(
        coin=cost(0, _TRON_COIN_BYTES),
        token=cost(TRON_TOKEN_ENERGY, _TRON_TOKEN_BYTES),
        new_holder=cost(TRON_NEW_HOLDER_ENERGY, _TRON_TOKEN_BYTES),
    )


def to_fee_cost(units: int, decimals: int, rate: Decimal | None) -> FeeCost:
    money = None if rate is None else to_coins(units, decimals) * rate
    return FeeCost(units, decimals, money)
