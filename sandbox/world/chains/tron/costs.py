"""What a transaction burns: energy for contracts, bandwidth beyond what is free."""

from typing import NamedTuple

from sandbox.world.chains.evm.models import Transaction
from sandbox.world.chains.tron.spec import (
    BYTE_PRICE,
    COIN_BYTES,
    ENERGY_PRICE,
    FAILED_ENERGY,
    TOKEN_BYTES,
    TOKEN_ENERGY,
)


class Cost(NamedTuple):
    """Fees in sun. A plain transfer's bandwidth is free here."""

    energy: int
    energy_fee: int
    net_fee: int
    net_usage: int

    @property
    def fee(self) -> int:
        return self.energy_fee + self.net_fee


def cost_of(transaction: Transaction) -> Cost:
    if not calls_contract(transaction):
        return Cost(0, 0, 0, COIN_BYTES)
    energy = FAILED_ENERGY if transaction.fails else TOKEN_ENERGY
    return Cost(energy, energy * ENERGY_PRICE, TOKEN_BYTES * BYTE_PRICE, 0)


def calls_contract(transaction: Transaction) -> bool:
    return transaction.token is not None or transaction.kind != "transfer"
