"""Real ERC-20 contracts on anvil, at the addresses where people know them.

`Token.bin` is `Token.sol` as solc 0.8.37 of npm compiles it for "paris", optimised 200 times,
without metadata.
"""

from pathlib import Path
from typing import Final

from app.domain.onchain.networks import OnchainNetwork
from tests.support.anvil import Anvil

_CODE: Final = (Path(__file__).parents[1] / "data" / "erc20" / "Token.bin").read_text().strip()
_MINT, _TRANSFER, _APPROVE, _TRANSFER_FROM, _PAY = (
    "0x40c10f19",
    "0xa9059cbb",
    "0x095ea7b3",
    "0x23b872dd",
    "0x084ce708",
)
_PLENTY: Final = 10**30


async def install_token(node: Anvil, network: OnchainNetwork) -> None:
    """Its code with its decimals; account 0 has plenty. Mines blocks."""
    await node.send(to=None, data=f"{_CODE}{network.decimals:064x}", gas=3_000_000)
    await node.mine()
    tx = (await node.get_block("latest"))["transactions"][0]
    made = (await node.rpc("eth_getTransactionReceipt", tx))["contractAddress"]
    await node.rpc("anvil_setCode", network.contract, await node.rpc("eth_getCode", made, "latest"))
    await call_token(node, network, f"{_MINT}{_word(node.accounts[0])}{_PLENTY:064x}")
    await node.mine()
    decimals = await node.rpc("eth_call", {"to": network.contract, "data": "0x313ce567"}, "latest")
    assert int(decimals, 16) == network.decimals


async def transfer_token(node: Anvil, network: OnchainNetwork, to: str, units: int) -> str:
    return await call_token(node, network, f"{_TRANSFER}{_word(to)}{units:064x}")


async def transfer_token_by_spender(
    node: Anvil, network: OnchainNetwork, to: str, units: int
) -> str:
    """Account 1 moves what account 0 has allowed it."""
    await call_token(node, network, f"{_APPROVE}{_word(node.accounts[1])}{units:064x}")
    data = f"{_TRANSFER_FROM}{_word(node.accounts[0])}{_word(to)}{units:064x}"
    return await call_token(node, network, data, sender=1)


async def pay_several(node: Anvil, network: OnchainNetwork, payments: list[tuple[str, int]]) -> str:
    """In one transaction, as exchanges pay out."""
    count = len(payments)
    words = [
        f"{64:064x}",
        f"{64 + 32 * (count + 1):064x}",
        f"{count:064x}",
        *(_word(to) for to, _ in payments),
        f"{count:064x}",
        *(f"{units:064x}" for _, units in payments),
    ]
    return await call_token(node, network, f"{_PAY}{''.join(words)}")


async def call_token(node: Anvil, network: OnchainNetwork, data: str, *, sender: int = 0) -> str:
    return await node.send(sender, to=network.contract, data=data, gas=500_000)


def _word(address: str) -> str:
    return f"{address.removeprefix('0x').lower():0>64}"
