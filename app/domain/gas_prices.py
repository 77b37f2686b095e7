"""What a unit of gas costs next, computed from the fees of the last blocks."""

from collections.abc import Sequence
from statistics import median_low
from typing import Final

from app.domain.chain_ports import GasPrices

REWARD_PERCENTILES: Final = (10, 50, 90)  # a block's tips: low, normal, fast
HISTORY_BLOCKS: Final = 20


def compute_gas_prices(
    next_base: int, rewards: Sequence[Sequence[int]], suggested: int
) -> GasPrices:
    """Everything in wei. `rewards`: a row for each block that is not empty, by REWARD_PERCENTILES.

    `suggested` is the node's own word (eth_gasPrice, base included): it stands in where all blocks
    were empty, and where the chain has no base fee, because only the node knows the least accepted.
    """
    if not rewards:
        price = max(suggested, next_base)
        return GasPrices(low=price, normal=price, fast=price, base=next_base)
    low, normal, fast = (median_low(tips) for tips in zip(*rewards, strict=True))
    if next_base == 0:
        # Validators let transactions of their own in for nothing: a tip of 0 is nobody else's.
        return GasPrices(
            low=min(low, suggested) or suggested,
            normal=suggested,
            fast=max(fast, suggested),
            base=0,
        )
    return GasPrices(
        low=next_base + low, normal=next_base + normal, fast=next_base + fast, base=next_base
    )
