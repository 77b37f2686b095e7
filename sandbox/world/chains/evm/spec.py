"""How the sandbox's two EVM chains differ.

The pace and the finality are the sandbox's, so that somebody who watches sees "final" within a
minute: Ethereum makes a block every 4 s (12 s in life), and an epoch of 3 blocks (32) at a time
becomes safe 6 to 8 blocks behind the head and final 12 to 14 (some 32 and 64); BSC makes a block
every 2 s (0.45 s), safe is 2 behind and final 3.
"""

from dataclasses import dataclass
from typing import Final, Literal

GWEI: Final = 10**9


@dataclass(frozen=True, slots=True)
class Token:
    """`address` is the real one, in lower case as nodes write it."""

    symbol: str
    address: str
    decimals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EvmSpec:
    """Fees in wei for a unit of gas; depths in blocks behind the last epoch's end.

    `lifetime_seconds`: what is in no block by then can't be put into one any more.
    """

    family: Literal["evm", "tron"] = "evm"
    decimals: int = 18
    lifetime_seconds: int | None = None

    key: str
    title: str
    coin: str
    chain_id: int
    wrong_chain_id: int
    client: str
    first_block: int
    base_fee: int
    tip: int
    auto_seconds: float
    epoch_blocks: int
    safe_depth: int
    final_depth: int
    tokens: tuple[Token, ...]

    def token(self, symbol: str) -> Token | None:
        return next((token for token in self.tokens if token.symbol == symbol), None)


EVM_SPECS: Final = (
    EvmSpec(
        key="eth",
        title="Ethereum",
        coin="ETH",
        chain_id=1,
        wrong_chain_id=11_155_111,
        client="Geth/v1.16.7-stable/linux-amd64/go1.25.4",
        first_block=24_000_000,
        base_fee=12 * GWEI,
        tip=GWEI,
        auto_seconds=4,
        epoch_blocks=3,
        safe_depth=6,
        final_depth=12,
        tokens=(
            Token("USDT", "0xdac17f958d2ee523a2206206994597c13d831ec7", 6),
            Token("USDC", "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48", 6),
            Token("FAKE", "0x2b6f1e5b8a2c94d07f3e61a5c08d9b7e4f1a3c52", 6),  # "USDT", too
            Token("CELL", "0x26c8afbbfe1ebaca03c2bb082e69d0476bffe099", 18),
        ),
    ),
    EvmSpec(
        key="bsc",
        title="BNB Smart Chain",
        coin="BNB",
        chain_id=56,
        wrong_chain_id=97,
        client="Geth/v1.6.4-stable/linux-amd64/go1.25.4",
        first_block=80_000_000,
        base_fee=0,
        tip=GWEI // 10,
        auto_seconds=2,
        epoch_blocks=1,
        safe_depth=2,
        final_depth=3,
        tokens=(
            Token("USDT", "0x55d398326f99059ff775485246999027b3197955", 18),
            Token("USDC", "0x8ac76a51cc950d9822d68b83fe1ad97b32cd580d", 18),
            Token("FAKE", "0x7c3d5a9e0b4f82c16e7d30a9f5b8c2d4e6a1f093", 18),
            Token("CELL", "0xd98438889ae7364c7e2a3540547fad042fb24642", 18),
        ),
    ),
)
