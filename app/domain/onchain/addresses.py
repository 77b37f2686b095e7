"""The operator's own addresses, which buyers pay to."""

from enum import StrEnum


class ChainFamily(StrEnum):
    """Chains on which one and the same address can be used."""

    EVM = "evm"
    TRON = "tron"
