"""The calls that nodes of Ethereum's kind are asked, and which of their errors are answers."""

import re
from collections.abc import Sequence
from typing import Final

from pydantic import JsonValue

from app.clients.chains.evm.models import TRANSFER_TOPIC, to_topic
from app.clients.chains.rpc.calls import Call, RpcRefusal
from app.domain.gas_prices import HISTORY_BLOCKS, REWARD_PERCENTILES

# -39001: no such block. The others are what older and smaller nodes say to a tag unknown to them.
_NO_SUCH_TAG: Final = frozenset({-39001, -32602, -32000, -32001})
# Of a block long ago a node without an archive knows no state; what it says has no agreed code.
_NO_STATE: Final = frozenset({-32000, -32001, -32602, -32603})
# Every provider has an error of its own for too many blocks or logs.
_LOGS_REFUSED: Final = frozenset(
    {-32000, -32003, -32005, -32062, -32600, -32602, -32614, -32701, 35}
)
_TOO_LARGE: Final = re.compile(r"range|returned more than|response size|too large", re.IGNORECASE)


def block_at(number: int) -> Call:
    return Call("eth_getBlockByNumber", (hex(number), False))


def full_block_at(number: int) -> Call:
    return Call("eth_getBlockByNumber", (hex(number), True))


LATEST: Final = Call("eth_getBlockByNumber", ("latest", False))


def tagged(tag: str) -> Call:
    """`safe` or `finalized`; a refusal means that the node does not know the tag."""
    return Call("eth_getBlockByNumber", (tag, False), _NO_SUCH_TAG)


def transaction(tx_hash: str) -> Call:
    return Call("eth_getTransactionByHash", (tx_hash,))


def receipt(tx_hash: str) -> Call:
    return Call("eth_getTransactionReceipt", (tx_hash,))


def next_nonce(sender: str) -> Call:
    return Call("eth_getTransactionCount", (sender, "latest"))


def nonce_after(sender: str, block: int) -> Call:
    """A refusal means that the node does not know the state of that block any more."""
    return Call("eth_getTransactionCount", (sender, hex(block)), _NO_STATE)


def transfers(tokens: Sequence[str], recipients: Sequence[str], first: int, last: int) -> Call:
    """A refusal may mean that the answer would be too large: `says_too_large`."""
    wanted: dict[str, JsonValue] = {
        "fromBlock": hex(first),
        "toBlock": hex(last),
        "address": [token.lower() for token in tokens],
        "topics": [TRANSFER_TOPIC, None, [to_topic(recipient) for recipient in recipients]],
    }
    return Call("eth_getLogs", (wanted,), _LOGS_REFUSED)


def says_too_large(refusal: RpcRefusal) -> bool:
    return _TOO_LARGE.search(refusal.message) is not None


FEE_HISTORY: Final = Call(
    "eth_feeHistory", (hex(HISTORY_BLOCKS), "latest", list(REWARD_PERCENTILES))
)
GAS_PRICE: Final = Call("eth_gasPrice")
