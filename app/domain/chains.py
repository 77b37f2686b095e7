"""The blockchains that are watched: their pace, their finality and their explorers."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum
from typing import Final


class ChainKind(StrEnum):
    EVM = "evm"
    CELLFRAME = "cellframe"
    TRON = "tron"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainSpec:
    """`key` names it in tables, callbacks, metrics and, as rpc_<key>, in /health."""

    key: str
    title: str
    kind: ChainKind
    coin: str
    decimals: int = 18
    chain_id: int | None = None  # EIP-155, or what TRON answers to eth_chainId; None for Cellframe
    network: str = ""  # Cellframe's name of it
    block_time: timedelta
    poll: timedelta  # between two passes of its loop
    count: int | None = None  # confirmations worth a notification between mined and final
    has_safe_tag: bool = False
    final_count: int  # confirmations that are final where the node knows no finality
    stall_count: int | None = None  # confirmations that are final though finality stalls
    final_after: timedelta  # as a rule, from mined to final
    pending_lifetime: timedelta  # unknown to everybody for so long: dropped
    tx_url: str  # with {hash}
    urls: tuple[str, ...] = ()  # public endpoints, for who sets none

    def explorer(self, tx_hash: str) -> str:
        shown = tx_hash.removeprefix("0x") if self.kind is ChainKind.TRON else tx_hash
        return self.tx_url.format(hash=shown)


_SHORT: Final = Context(prec=4, rounding=ROUND_HALF_EVEN)


def to_coins(amount: int, decimals: int) -> Decimal:
    return Decimal(amount).scaleb(-decimals)


def format_coins(amount: int, decimals: int) -> str:
    """To four digits that mean something, such as 0.0004213; never with an exponent."""
    rounded = _SHORT.create_decimal(to_coins(amount, decimals)).normalize()
    return f"{rounded:f}"


ETHEREUM: Final = ChainSpec(
    key="eth",
    title="Ethereum",
    kind=ChainKind.EVM,
    coin="ETH",
    chain_id=1,
    block_time=timedelta(seconds=12),
    poll=timedelta(seconds=6),
    count=12,
    has_safe_tag=True,
    final_count=96,  # three epochs: the most that finality lags behind the head
    final_after=timedelta(minutes=16),
    pending_lifetime=timedelta(hours=3),  # geth's default lifetime in its pool
    tx_url="https://etherscan.io/tx/{hash}",
    urls=(
        "https://ethereum-rpc.publicnode.com",
        "https://eth.drpc.org",
        "https://eth.llamarpc.com",
    ),
)
BSC: Final = ChainSpec(
    key="bsc",
    title="BNB Smart Chain",
    kind=ChainKind.EVM,
    coin="BNB",
    chain_id=56,
    block_time=timedelta(milliseconds=450),
    poll=timedelta(seconds=3),
    final_count=240,
    stall_count=240,
    final_after=timedelta(seconds=3),
    pending_lifetime=timedelta(hours=3),
    tx_url="https://bscscan.com/tx/{hash}",
    urls=(
        "https://bsc-dataseed.bnbchain.org",
        "https://bsc-rpc.publicnode.com",
        "https://bsc.drpc.org",
    ),
)
CELLFRAME: Final = ChainSpec(
    key="cf",
    title="Cellframe",
    kind=ChainKind.CELLFRAME,
    coin="CELL",
    network="Backbone",
    block_time=timedelta(seconds=30),
    poll=timedelta(seconds=20),
    final_count=10,  # its fork depth
    final_after=timedelta(minutes=5),
    pending_lifetime=timedelta(hours=4),  # of Backbone's mempool
    tx_url="https://scan.cellframe.net/datum-details/{hash}?net=Backbone",
)
TRON: Final = ChainSpec(
    key="tron",
    title="TRON",
    kind=ChainKind.TRON,
    coin="TRX",
    decimals=6,
    chain_id=728_126_428,  # the last four bytes of the first block's id
    block_time=timedelta(seconds=3),
    poll=timedelta(seconds=6),  # within the 100,000 calls a day that a free key of TronGrid's has
    final_count=81,  # three rounds of its 27 producers, for nodes that know no `finalized`
    final_after=timedelta(minutes=1),  # solid: 19 of 27 producers have built on it
    pending_lifetime=timedelta(hours=24),  # the longest expiration that its nodes take
    tx_url="https://tronscan.org/#/transaction/{hash}",
    urls=("https://api.trongrid.io/jsonrpc",),
)
