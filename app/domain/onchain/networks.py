"""The networks that a buyer chooses from: a token on a chain, by the name that users know.

Native coins are none of them: a coin that a contract sends leaves no log, so it would be missed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.domain.onchain.addresses import ChainFamily

ONCHAIN_METHOD: Final = "onchain"


@dataclass(frozen=True, slots=True)
class OnchainNetwork:
    """`key` names it in rows and callbacks; `contract` as 0x and 20 bytes, TRON's too.

    `is_dollar`: one of the token is taken as one dollar. Another token is recorded when it
    arrives, and offered only where there is a rate for it.
    """

    key: str
    chain: str
    family: ChainFamily
    title: str
    token: str
    contract: str
    decimals: int
    is_dollar: bool = True


# Decimals differ by chain for one and the same token: docs/payments/onchain.md.
NETWORKS: Final[Sequence[OnchainNetwork]] = (
    OnchainNetwork(
        key="usdt-tron",
        chain="tron",
        family=ChainFamily.TRON,
        title="TRON (TRC20)",
        token="USDT",  # noqa: S106 - the name of a coin
        contract="0xa614f803b6fd780986a42c78ec9c7f77e6ded13c",
        decimals=6,
    ),
    OnchainNetwork(
        key="usdt-bsc",
        chain="bsc",
        family=ChainFamily.EVM,
        title="BNB Smart Chain (BEP20)",
        token="USDT",  # noqa: S106
        contract="0x55d398326f99059ff775485246999027b3197955",
        decimals=18,
    ),
    OnchainNetwork(
        key="usdt-eth",
        chain="eth",
        family=ChainFamily.EVM,
        title="Ethereum (ERC20)",
        token="USDT",  # noqa: S106
        contract="0xdac17f958d2ee523a2206206994597c13d831ec7",
        decimals=6,
    ),
    OnchainNetwork(
        key="usdc-bsc",
        chain="bsc",
        family=ChainFamily.EVM,
        title="BNB Smart Chain (BEP20)",
        token="USDC",  # noqa: S106
        contract="0x8ac76a51cc950d9822d68b83fe1ad97b32cd580d",
        decimals=18,
    ),
    OnchainNetwork(
        key="usdc-eth",
        chain="eth",
        family=ChainFamily.EVM,
        title="Ethereum (ERC20)",
        token="USDC",  # noqa: S106
        contract="0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48",
        decimals=6,
    ),
    OnchainNetwork(
        key="cell-eth",
        chain="eth",
        family=ChainFamily.EVM,
        title="Ethereum (ERC20)",
        token="CELL",  # noqa: S106
        contract="0x26c8afbbfe1ebaca03c2bb082e69d0476bffe099",
        decimals=18,
        is_dollar=False,
    ),
)
_BY_KEY: Final[Mapping[str, OnchainNetwork]] = {one.key: one for one in NETWORKS}
_BY_CONTRACT: Final[Mapping[tuple[str, str], OnchainNetwork]] = {
    (one.chain, one.contract): one for one in NETWORKS
}


def get_network(key: str) -> OnchainNetwork | None:
    return _BY_KEY.get(key)


def find_network(chain: str, contract: str) -> OnchainNetwork | None:
    """By the contract that moved the token: never by a name, which anybody can give to theirs."""
    return _BY_CONTRACT.get((chain, contract.lower()))


def list_networks(chain: str) -> list[OnchainNetwork]:
    return [one for one in NETWORKS if one.chain == chain]
