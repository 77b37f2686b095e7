"""Tokens whose makers can freeze an address, and how each contract is asked about one."""

from typing import Final

# The first four bytes of the Keccak-256 of these signatures.
_IS_BLACK_LISTED: Final = "0xe47d6060"  # isBlackListed(address), of Tether
_IS_BLACKLISTED: Final = "0xfe575a87"  # isBlacklisted(address), of Circle

BLACKLIST_CALLS: Final = {
    ("eth", "0xdac17f958d2ee523a2206206994597c13d831ec7"): _IS_BLACK_LISTED,
    ("eth", "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"): _IS_BLACKLISTED,
    ("tron", "0xa614f803b6fd780986a42c78ec9c7f77e6ded13c"): _IS_BLACK_LISTED,
}
"""By chain and contract. Binance's tokens on BSC, and CELL, have no such list."""


def list_blacklist_calls(chain: str) -> dict[str, str]:
    """By contract."""
    return {contract: call for (key, contract), call in BLACKLIST_CALLS.items() if key == chain}
